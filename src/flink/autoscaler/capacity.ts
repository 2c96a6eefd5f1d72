import { noiseless } from './numbers.ts';
import type { AutoscalerSettings } from './settings.ts';

/** What a vertex has to do. */
export interface Demand {
  readonly targetRate: number;
  readonly catchUpRate: number;
}

/**
 * The true rate a vertex needs to do its work at a share of its capacity and its backlog besides; with `restart`, also what
 * comes in while the job is scaled, within the time to catch up. Infinite for a share of 0.
 */
export function neededRate(
  { targetRate, catchUpRate }: Demand,
  share: number,
  catchUp: number,
  restart: number | undefined,
): number {
  if (share <= 0) return Number.POSITIVE_INFINITY;
  const missed = restart === undefined || catchUp === 0 ? 0 : (targetRate * restart) / catchUp;
  return noiseless(catchUpRate + missed + targetRate / share);
}

/** The band in which a vertex is left as it is. */
export interface Band {
  readonly scaleUpBelow: number;
  readonly scaleDownAbove: number;
}

/** While there is a backlog all may work to capacity, and nothing is too large. `restart` in seconds. */
export function bandOf(demand: Demand, settings: AutoscalerSettings, restart: number, backlog: boolean): Band {
  const { utilization, catchUp } = settings;
  const { min, max } = backlog ? { min: 0, max: 1 } : utilization;
  return {
    scaleUpBelow: neededRate(demand, max, catchUp, undefined),
    scaleDownAbove: neededRate(demand, min, catchUp, restart),
  };
}
