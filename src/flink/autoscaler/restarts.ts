import type { JobVertex, Restart, RunningJob, Scaling } from './model.ts';
import type { AutoscalerSettings } from './settings.ts';

/** Past scalings by vertex: of vertices there still are, none too old, and no more of each than are to be kept. */
export function keptHistory(
  history: ReadonlyMap<string, readonly Scaling[]>,
  vertices: readonly JobVertex[],
  { history: { count, ageMs } }: AutoscalerSettings,
  at: number,
): ReadonlyMap<string, readonly Scaling[]> {
  const kept = vertices.flatMap(({ id }): [string, readonly Scaling[]][] => {
    const young = (history.get(id) ?? []).filter((scaling) => scaling.at >= at - ageMs);
    const latest = young.slice(Math.max(0, young.length - Math.max(0, count)));
    return latest.length === 0 ? [] : [[id, latest]];
  });
  return new Map(kept);
}

/** Past restarts likewise, but always the last one; with its length, once the job runs with the parallelism it was for. */
export function keptRestarts(
  restarts: readonly Restart[],
  job: RunningJob,
  history: ReadonlyMap<string, readonly Scaling[]>,
  { at, settings }: { readonly at: number; readonly settings: AutoscalerSettings },
): readonly Restart[] {
  const last = restarts.at(-1);
  if (last === undefined) return [];
  const young = restarts.slice(0, -1).filter((restart) => restart.at >= at - settings.history.ageMs);
  const more = Math.max(0, settings.history.count - 1);
  return [...young.slice(Math.max(0, young.length - more)), measured(last, job, history)];
}

function measured(restart: Restart, job: RunningJob, history: ReadonlyMap<string, readonly Scaling[]>): Restart {
  if (restart.tookMs !== undefined || job.runningSince <= restart.at) return restart;
  const done = job.vertices.every(({ id, parallelism }) => {
    const scaling = history.get(id)?.find(({ at }) => at === restart.at);
    return scaling === undefined || scaling.to === parallelism;
  });
  return done ? { at: restart.at, tookMs: job.runningSince - restart.at } : restart;
}

/** How long a scaling keeps the job from working, in seconds: as the settings say, or the longest that was seen. */
export function restartSeconds(
  restarts: readonly Restart[],
  { restart: { expected, tracked, trackedMost } }: AutoscalerSettings,
): number {
  const seen = restarts.flatMap(({ tookMs }) => (tookMs === undefined ? [] : [Math.floor(tookMs / 1000)]));
  return tracked && seen.length > 0 ? Math.min(trackedMost, Math.max(...seen)) : expected;
}
