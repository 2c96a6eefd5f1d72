import { normal } from '../events.ts';
import { effectiveConf } from '../flink-conf.ts';
import { jobOptions } from '../options.ts';
import { runs } from '../record.ts';
import type { FlinkDeployment } from '../schema.ts';
import { FLINK_FINALIZER, type Intent, type Situation } from '../situation.ts';
import { isSession } from '../validate-change.ts';
import { quietly } from './quiet.ts';
import { sessionInUse } from './session.ts';
import { saveForDeletion } from './stop.ts';
import { isLate, teardown } from './teardown.ts';

/** What is said of all steps of a deletion, unless one takes long. */
const REMOVING = 'cancelling what runs and removing everything of the cluster';

/** Deletion was asked for: take everything down, and let the resource go only when nothing of it runs any more. */
export function cleanUp(situation: Situation): Intent {
  const { deletionTimestamp } = situation.resource.metadata;
  const since = deletionTimestamp === undefined ? situation.now.getTime() : Date.parse(deletionTimestamp);
  const inUse = sessionInUse(situation);
  if (inUse !== undefined) return inUse;
  const saving = lastSavepoint(situation);
  if (saving !== undefined) return { ...saving, because: 'Deleting' };
  const step = teardown(situation, since, 'stateless');
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
  const message = isLate(situation, since) ? step.message : REMOVING;
  return quietly(situation, since, { because: 'Deleting', phase: 'progressing', ...step, message, events });
}

function lastSavepoint(situation: Situation): Intent | undefined {
  const { record, cluster, resource, defaults } = situation;
  if (record === undefined || !runs(record) || isSession(record.spec) || cluster !== 'current') return undefined;
  const conf = effectiveConf({ ...resource, spec: situation.target?.spec ?? record.spec } as FlinkDeployment, defaults);
  return jobOptions(conf).savepointOnDeletion ? saveForDeletion(situation, record) : undefined;
}
