import { normal } from '../events.ts';
import { FLINK_FINALIZER, type Intent, type Situation } from '../situation.ts';
import { teardown } from './teardown.ts';

/** Deletion was asked for: take everything down, and let the resource go only when nothing of it runs any more. */
export function cleanUp(situation: Situation): Intent {
  const { deletionTimestamp } = situation.resource.metadata;
  const since = deletionTimestamp === undefined ? situation.now.getTime() : Date.parse(deletionTimestamp);
  const step = teardown(situation, since);
  if (step === undefined) {
    const because = 'nothing of the cluster is left';
    return {
      because: 'Cleanup',
      message: because,
      phase: 'progressing',
      actions: [{ kind: 'finalizer', op: 'remove', finalizer: FLINK_FINALIZER, because }],
      probe: 'off',
    };
  }
  const first = situation.status?.lifecycleState !== 'DELETING';
  const events = first
    ? [normal('Cleanup', 'Cleaning up the cluster: cancelling the job, then removing its objects')]
    : [];
  return { because: 'Deleting', phase: 'progressing', ...step, events };
}
