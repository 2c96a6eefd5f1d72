import { hash } from 'node:crypto';

/** SHA-256 of a text as `length` hex digits (at most 64): for names, identities and change detection, not for secrets. */
export function hashHex(text: string, length = 16): string {
  return hash('sha256', text).slice(0, length);
}

/** The 31-bit text hash Java's String.hashCode gives (made non-negative), which the incumbents use in event names. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash & 0x7fffffff;
}
