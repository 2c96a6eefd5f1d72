import { knownValue } from '../../../core/fact.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { jobOptions } from '../../options.ts';
import { pendingOf, waitingFor } from '../../policies/pending-savepoint.ts';
import { runs } from '../../record.ts';
import { asksForRestart } from '../../spec-diff.ts';
import type { Intent, Situation } from '../situation.ts';

/** As with a FlinkDeployment: a job is not stopped for another spec while a savepoint of it that somebody asked for is being taken. */
export const awaitSavepoint: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record === undefined || !runs(record) || record.stopping !== undefined) return undefined;
  if (target === undefined || !asksForRestart(target.diff) || !mayComplete(situation)) return undefined;
  const pending = pendingOf(situation, record);
  if (pending === undefined || jobOptions(target.conf).ignorePendingSavepoint) return undefined;
  return waitingFor(pending, target.diff);
};

/** The job runs, or its session may still say so. */
function mayComplete({ observed, session }: Situation): boolean {
  const answer = knownValue(observed.rest);
  return answer === undefined ? session.kind === 'ready' : answer.job?.state === 'RUNNING';
}
