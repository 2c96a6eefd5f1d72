import type { DelayedScaleDown, Recommendation } from './model.ts';

/** A vertex that waits to be scaled down, with one more recommendation. */
export function recommendedAgain(delayed: DelayedScaleDown | undefined, latest: Recommendation): DelayedScaleDown {
  const before = delayed?.recommendations ?? [];
  const larger = before.filter(({ parallelism }) => parallelism > latest.parallelism);
  return { since: delayed?.since ?? latest.at, recommendations: [...larger, latest] };
}

/** What a vertex may be scaled down to at a time: the largest recommendation of the interval that has passed; undefined before. */
export function dueScaleDown(delayed: DelayedScaleDown, delayMs: number, at: number): Recommendation | undefined {
  const start = at - delayMs;
  return start < delayed.since
    ? undefined
    : delayed.recommendations.find((recommendation) => recommendation.at >= start);
}

/** Without the recommendations that no longer count. */
export function withoutOld(delayed: DelayedScaleDown, delayMs: number, at: number): DelayedScaleDown {
  const recommendations = delayed.recommendations.filter((recommendation) => recommendation.at >= at - delayMs);
  return { ...delayed, recommendations };
}
