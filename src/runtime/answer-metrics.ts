import type { Reconciler } from '../core/reconciler.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RunningProbe } from './probe.ts';

/** Has metrics tell of what a controller's endpoints answer: how long ago, and of the checkpoints of their jobs. */
export function tellOfAnswers<O, S, E, A>(
  { name, checkpointed }: Pick<Reconciler<O, S, E, A>, 'name' | 'checkpointed'>,
  probe: Pick<RunningProbe<A>, 'answered' | 'answers'>,
  metrics: Pick<Metrics, 'answers' | 'checkpoints'>,
): void {
  metrics.answers(name, probe.answered);
  if (checkpointed === undefined) return;
  metrics.checkpoints(name, () =>
    [...probe.answers()].flatMap(([resource, answer]) => {
      const times = checkpointed(answer);
      return times === undefined ? [] : [[resource, times] as const];
    }),
  );
}
