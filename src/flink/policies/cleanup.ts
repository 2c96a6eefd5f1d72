import { normal } from '../events.ts';
import { effectiveConf } from '../flink-conf.ts';
import { jobOptions } from '../options.ts';
import { runs } from '../record.ts';
import type { FlinkDeployment } from '../schema.ts';
import { FLINK_FINALIZER, type Intent, type Situation } from '../situation.ts';
import { isSession } from '../validate-change.ts';
import { sessionInUse } from './session.ts';
import { saveForDeletion } from './stop.ts';
import { isLate, teardown } from './teardown.ts';

/**
 * Deletion was asked for: take everything down, and let the resource go only when nothing of it runs any more. Its status
 * says so once, and no more unless that takes long: a write for each step would delay the next one's.
 */
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
  const late = isLate(situation, since);
  return {
    because: 'Deleting',
    phase: 'progressing',
    ...step,
    ...(late ? {} : { message: 'cancelling what runs and removing everything of the cluster' }),
    events,
    keepsStatus: !first && !late && !tellsItsJobs(situation),
  };
}

function lastSavepoint(situation: Situation): Intent | undefined {
  const { record, cluster, resource, defaults } = situation;
  if (record === undefined || !runs(record) || isSession(record.spec) || cluster !== 'current') return undefined;
  const conf = effectiveConf({ ...resource, spec: situation.target?.spec ?? record.spec } as FlinkDeployment, defaults);
  return jobOptions(conf).savepointOnDeletion ? saveForDeletion(situation, record) : undefined;
}

/** Whether jobs go by what the status says of the JobManager they were submitted to. */
function tellsItsJobs({ record }: Situation): boolean {
  return record !== undefined && isSession(record.spec);
}
