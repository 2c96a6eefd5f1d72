import type { core } from 'zod';

/**
 * With these settings zod stops at the first wrong item of a list. Without, it collects what is wrong with each, however
 * many there are (GHSA-mrhx-c7xc-m3w5: since 4.6.6 a list may say how long it is at most, and only that is checked first).
 * In maps it goes on all the same: tell no more than the first. zod has this for its own `validate`, which says yes or no;
 * the tests fail should it go.
 */
export const FIRST_PROBLEM: core.ParseContextInternal<core.$ZodIssue> = { abortEarly: true };

/** Whether JSON has more values than that, lists and objects among them; looks at few more, and costs no stack. */
export function hasMoreValuesThan(value: unknown, limit: number): boolean {
  const unseen: unknown[] = [value];
  for (let seen = 0; seen + unseen.length <= limit; seen++) {
    if (unseen.length === 0) return false;
    const next = unseen.pop();
    if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) unseen.push(item);
  }
  return true;
}
