import { javaStringHash } from '../lib/hash.ts';

/** Gives numbers in [0, 1). */
export type Random = () => number;

/**
 * The numbers of one seed and purpose, always the same ones (mulberry32). Each purpose has its own, so that one more
 * question in one place does not change the answers in another.
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(javaStringHash(purpose), 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A whole number of milliseconds between two, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}
