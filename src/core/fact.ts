/**
 * What is known about something outside: `absent` means it was looked for and is not there, `unknown` means nobody
 * could tell. "The JobManager did not answer" must never look like "there is no job".
 */
export type Fact<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly why: string };

/** A fact that is known. */
export function known<T>(value: T): Fact<T> {
  return { kind: 'known', value };
}

/** Looked for and not there. */
export const absent: Fact<never> = { kind: 'absent' };

/** Nobody could tell; `why` is the error in words. */
export function unknown(why: string): Fact<never> {
  return { kind: 'unknown', why };
}

/** Nobody has asked yet: what was known before still stands. */
export const unasked: Fact<never> = unknown('not asked yet');

/** The value of a known fact, else undefined. */
export function knownValue<T>(fact: Fact<T>): T | undefined {
  return fact.kind === 'known' ? fact.value : undefined;
}
