import type { Policy } from '../../../core/reconciler.ts';
import { hashHex } from '../../../lib/hash.ts';
import { canonicalJson } from '../../../lib/json.ts';
import { atLeast } from '../../conf/versions.ts';
import { isTerminal } from '../../observed.ts';
import { errorText } from '../../status-error.ts';
import type { ReferencedJob, SnapshotCluster } from '../observed.ts';
import {
  describeJob,
  isSavepoint,
  type SnapshotEffect,
  type SnapshotIntent,
  type SnapshotSituation,
  snapshotEvent,
  unlessTold,
} from '../situation.ts';
import { abandoned, completed, retryWaitMs } from './result.ts';

type Rule = Policy<SnapshotSituation, SnapshotIntent>;

/** How soon a snapshot that waits for its job looks again. */
const LOOK_AGAIN_MS = 10_000;

/** A spec that cannot be acted on: nothing is asked of Flink until it is edited. */
export const refuse: Rule = (situation) => {
  const { refusal, status } = situation;
  if (refusal === undefined) return undefined;
  const { reason, message } = refusal;
  return {
    because: reason,
    message,
    phase: 'stalled',
    change: { state: 'TRIGGER_PENDING', error: errorText({ type: reason, message }, situation) },
    events: unlessTold(status, snapshotEvent('Warning', reason, message, 'Operator')),
  };
};

/** A savepoint that is there already is only recorded. */
export const recordExisting: Rule = (situation) => {
  const { spec, now } = situation;
  if (spec.savepoint?.alreadyExists !== true) return undefined;
  const intent = completed(situation, { path: spec.savepoint.path });
  return { ...intent, change: { ...intent.change, triggerTimestamp: now.toISOString() } };
};

/** A failed attempt is not repeated before its time. */
export const awaitRetry: Rule = ({ status, now }) => {
  const { failures = 0, resultTimestamp, error } = status;
  if (failures === 0 || resultTimestamp === undefined) return undefined;
  const left = Date.parse(resultTimestamp) + retryWaitMs(failures) - now.getTime();
  if (!(left > 0)) return undefined;
  const said = status.conditions?.find((condition) => condition.type === 'Reconciling')?.message;
  return {
    because: 'SnapshotRetrying',
    message: said ?? `failed, tried again later: ${error ?? ''}`,
    phase: 'progressing',
    requeueAfterMs: left,
  };
};

/** The job is not there, is over, or does not run yet. One that was there when it was asked before is not waited for. */
export const awaitJob: Rule = (situation) => {
  const { spec, observed, status } = situation;
  const who = describeJob(spec);
  const { job } = observed;
  if (job === undefined && status.jobId !== undefined) return abandoned(situation, `${who} is gone`);
  if (job === undefined) {
    const message = `${who}, which spec.jobReference names, does not exist in this namespace; the snapshot waits for it`;
    return { because: 'JobNotFound', message, phase: 'progressing', change: PENDING, requeueAfterMs: LOOK_AGAIN_MS };
  }
  if (isOver(job)) return abandoned(situation, `${who} does not run: its job is ${job.state}`);
  if (job.state === 'RUNNING' && job.jobId !== undefined && job.cluster !== undefined) return undefined;
  const message = `waiting until the job of ${who} runs${job.state === undefined ? '' : `; it is ${job.state}`}`;
  return {
    because: 'WaitingForJob',
    message,
    phase: 'progressing',
    change: PENDING,
    requeueAfterMs: LOOK_AGAIN_MS,
  };
};

const PENDING = { state: 'TRIGGER_PENDING' } as const;

/** Whether a job has ended, or is suspended, so that no snapshot of it can be taken. */
export function isOver({ state }: ReferencedJob): boolean {
  return state !== undefined && (isTerminal(state) || state === 'SUSPENDED');
}

/** What the job's Flink version or configuration cannot do. */
export const refuseUnsupported: Rule = ({ spec, observed }) => {
  const cluster = observed.job?.cluster;
  if (cluster === undefined) return undefined;
  const stalled = { phase: 'stalled', change: PENDING, requeueAfterMs: LOOK_AGAIN_MS } as const;
  if (!isSavepoint(spec) && !atLeast(cluster.flinkVersion, 'v1_17')) {
    const message = `checkpoints can be asked for from Flink 1.17 on, and ${describeJob(spec)} runs ${cluster.flinkVersion}`;
    return { because: 'CheckpointsNotSupported', message, ...stalled };
  }
  if (!isSavepoint(spec) || folderOf(spec.savepoint?.path, cluster) !== undefined) return undefined;
  const message =
    'spec.savepoint.path: is missing, it must name a folder, since the configuration of ' +
    `${describeJob(spec)} has no execution.checkpointing.savepoint-dir`;
  return { because: 'SavepointDirectoryMissing', message, ...stalled };
};

/** Records an attempt, then asks Flink for it. */
export const begin: Rule = (situation) => {
  const { resource, status, observed, now } = situation;
  const { job } = observed;
  if (job === undefined) return undefined;
  const failures = status.failures ?? 0;
  const triggerId = triggerIdOf(resource.metadata.uid ?? '', failures);
  return {
    because: 'SnapshotInProgress',
    message: inProgressMessage(situation),
    phase: 'progressing',
    change: {
      state: 'IN_PROGRESS',
      triggerId,
      triggerTimestamp: now.toISOString(),
      resultTimestamp: undefined,
      jobId: job.jobId,
      ...(failures === 0 ? { error: undefined } : {}),
    },
    actions: [{ kind: 'effect', effect: triggerEffect(situation, job, triggerId), because: 'ask for the snapshot' }],
    probe: true,
  };
};

/** `Flink takes the savepoint of FlinkDeployment orders`. */
export function inProgressMessage({ spec }: SnapshotSituation): string {
  return `Flink takes the ${isSavepoint(spec) ? 'savepoint' : 'checkpoint'} of ${describeJob(spec)}`;
}

/**
 * Flink's id of the n-th attempt, known before Flink is asked: Flink takes one snapshot per id, so asking again after a
 * crash asks for the same one.
 */
export function triggerIdOf(uid: string, failures: number): string {
  return hashHex(canonicalJson(['snapshot', uid, failures]), 32);
}

/** What asks Flink for the attempt of a trigger id. */
export function triggerEffect({ spec }: SnapshotSituation, job: ReferencedJob, triggerId: string): SnapshotEffect {
  const cluster = job.cluster as SnapshotCluster;
  const { target } = cluster;
  if (spec.savepoint === undefined) {
    return { kind: 'trigger-checkpoint', target, request: { triggerId, checkpointType: 'FULL' } };
  }
  const { path, formatType } = spec.savepoint;
  const request = {
    triggerId,
    targetDirectory: folderOf(path, cluster),
    formatType: formatType === 'UNKNOWN' ? undefined : formatType,
  };
  return { kind: 'trigger-savepoint', target, request };
}

function folderOf(path: string | undefined, cluster: SnapshotCluster): string | undefined {
  return path !== undefined && path.trim() !== '' ? path : cluster.savepointDirectory;
}
