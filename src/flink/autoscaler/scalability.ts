import type { EvaluatedVertex, Scaling } from './model.ts';
import type { AutoscalerSettings } from './settings.ts';

/**
 * What each further subtask brings, as a share of what the first does: the least squares of true rate over parallelism in
 * past scalings, beside the rate for each subtask where it was smallest. 1 where it is not looked at or too little is known;
 * never above 1, and rounded up to hundredths.
 */
export function scalability(history: readonly Scaling[], { scalability: settings }: AutoscalerSettings): number {
  if (!settings.enabled || history.length === 0 || history.length < settings.least) return 1;
  const fewest = Math.min(...history.map(({ from }) => from));
  const smallest = history.findLast(({ from }) => from === fewest);
  const products = history.reduce((sum, { from, trueRate }) => sum + from * trueRate, 0);
  const squares = history.reduce((sum, { from }) => sum + from * from, 0);
  const share = products / (squares * ((smallest?.trueRate ?? 0) / fewest));
  if (!Number.isFinite(share)) return 1;
  return Math.ceil(Math.max(settings.coefficientMin, Math.min(1, share)) * 100 - 1e-6) / 100;
}

/** What the last scaling was to bring a vertex and what it brought. */
export interface Gain {
  readonly expected: number;
  readonly actual: number;
}

/** The gain of a scale-up, where it is the last thing that was done to the vertex and brought too little of what was expected. */
export function poorGain(
  { parallelism, trueRate }: EvaluatedVertex,
  history: readonly Scaling[],
  { effectiveness }: AutoscalerSettings,
): Gain | undefined {
  const last = history.at(-1);
  if (last === undefined || trueRate === undefined || last.to !== parallelism || last.to <= last.from) return undefined;
  const gain = { expected: last.expectedRate - last.trueRate, actual: trueRate - last.trueRate };
  return gain.actual / gain.expected < effectiveness.least ? gain : undefined;
}
