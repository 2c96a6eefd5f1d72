import type { Action } from '../../core/plan.ts';
import { type KubeObject, refOf } from '../../kube/object.ts';
import { atLeast, flinkVersionOf } from '../conf/versions.ts';
import { warning } from '../events.ts';
import { effectiveConf, type FlinkConf, optionOf } from '../flink-conf.ts';
import { nextTime } from '../options/schedule.ts';
import { type JobOptions, jobOptions } from '../options.ts';
import type { FlinkRecord } from '../record.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from '../schema.ts';
import type { FlinkEffect, Intent, Situation } from '../situation.ts';
import { type DueFacts, dueNow, expired, isNonceDone, NONCE_ANNOTATION } from '../snapshot/due.ts';
import { SNAPSHOT_KIND, SNAPSHOT_LABELS } from '../snapshot/schema.ts';
import type { SnapshotKind } from '../snapshot-facts.ts';

const KINDS = ['savepoint', 'checkpoint'] as const;
const NONCES = { savepoint: 'savepointTriggerNonce', checkpoint: 'checkpointTriggerNonce' } as const;

/** Longest time until a job with a period is looked at again. */
const MAX_WAIT_MS = 3_600_000;

/**
 * Adds to what a pass wants the snapshots that are due by nonce or period, and takes away those whose time is over; only
 * while the whole job runs. A nonce is recorded as done once its FlinkStateSnapshot is there, never before, so that
 * neither a crash nor an upgrade in between loses it.
 */
export function withSnapshots(situation: Situation, intent: Intent): Intent {
  const { record, target } = situation;
  if (record === undefined || !record.spec.job || !target?.spec.job) return intent;
  const noted = noteNonces(situation, record, intent);
  if (intent.because !== 'JobRunning' || situation.cluster !== 'current') return noted;
  const conf = effectiveConf({ ...situation.resource, spec: record.spec } as FlinkDeployment, situation.defaults);
  const options = jobOptions(conf);
  const events = [...(noted.events ?? []), ...notActedOn(situation, options)];
  if (!options.snapshotResourceEnabled) return { ...noted, events };
  const due = KINDS.filter((kind) => kind === 'savepoint' || atLeast(flinkVersionOf(record.spec), 'v1_17')).map(
    (kind) => ({ kind, ...dueNow(dueFacts(situation, kind, options)) }),
  );
  const created = due.flatMap(({ kind, by }) => (by === undefined ? [] : [create(situation, options, { kind, by })]));
  const waits = due.flatMap(({ nextMs }) => (nextMs === undefined ? [] : [nextMs - situation.now.getTime()]));
  const wait = Math.min(MAX_WAIT_MS, ...waits.map((ms) => Math.max(1000, ms)));
  return {
    ...noted,
    events,
    actions: [...(noted.actions ?? []), ...created, ...retention(situation, options, conf)],
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(noted.requeueAfterMs ?? wait, wait) }),
  };
}

function dueFacts(situation: Situation, kind: SnapshotKind, options?: JobOptions): DueFacts {
  const { resource, record, target, observed, status, now } = situation;
  const { savepointInfo, checkpointInfo } = status?.jobStatus ?? {};
  const last =
    kind === 'savepoint'
      ? savepointInfo?.lastPeriodicSavepointTimestamp
      : checkpointInfo?.lastPeriodicCheckpointTimestamp;
  return {
    kind,
    wanted: target?.spec.job?.[NONCES[kind]],
    recorded: record?.spec.job?.[NONCES[kind]],
    schedule: kind === 'savepoint' ? options?.periodicSavepointInterval : options?.periodicCheckpointInterval,
    timeZone: options?.periodicTimeZone ?? 'UTC',
    snapshots: observed.snapshots ?? [],
    lastMs: last || Date.parse(resource.metadata.creationTimestamp ?? '') || 0,
    nowMs: now.getTime(),
  };
}

/** What is recorded has the nonces that were acted on, whatever else of the spec is recorded. */
function noteNonces(situation: Situation, before: FlinkRecord, intent: Intent): Intent {
  const { record } = intent;
  if (record === undefined) return intent;
  const spec = KINDS.reduce<FlinkDeploymentSpec>((changed, kind) => {
    const facts = dueFacts(situation, kind);
    return withNonce(changed, NONCES[kind], isNonceDone(facts) ? facts.wanted : before.spec.job?.[NONCES[kind]]);
  }, record.spec);
  return { ...intent, record: { ...record, spec } };
}

function withNonce(
  spec: FlinkDeploymentSpec,
  name: (typeof NONCES)[SnapshotKind],
  nonce: number | undefined,
): FlinkDeploymentSpec {
  if (!spec.job || spec.job[name] === nonce) return spec;
  const { [name]: _before, ...job } = spec.job;
  return { ...spec, job: nonce === undefined ? job : { ...job, [name]: nonce } };
}

/** Schedules of which nothing will come any more: said once. */
function notActedOn({ now }: Situation, options: JobOptions): NonNullable<Intent['events']> {
  const schedules = { savepoint: options.periodicSavepointInterval, checkpoint: options.periodicCheckpointInterval };
  return KINDS.flatMap((kind) => {
    const schedule = schedules[kind];
    if (schedule === undefined || (schedule.kind === 'every' && schedule.ms === 0)) return [];
    const over = nextTime(schedule, options.periodicTimeZone, now.getTime()) === undefined;
    if (options.snapshotResourceEnabled && !over) return [];
    const why = over
      ? 'fires no more'
      : 'takes no snapshots, this version of Weir takes periodic snapshots only with kubernetes.operator.snapshot.resource.enabled';
    const text = schedule.kind === 'cron' ? schedule.text : `${schedule.ms} ms`;
    const message = `kubernetes.operator.periodic.${kind}.interval: ${JSON.stringify(text)} ${why}`;
    return [{ ...warning('SnapshotsNotSupported', message), dedupe: message, once: true }];
  });
}

function create(
  { resource, target, now }: Situation,
  options: JobOptions,
  { kind, by }: { readonly kind: SnapshotKind; readonly by: 'MANUAL' | 'PERIODIC' },
): Action<FlinkEffect> {
  const { name, namespace = '' } = resource.metadata;
  const nonce = target?.spec.job?.[NONCES[kind]];
  const savepoint = { formatType: options.savepointFormat, disposeOnDelete: options.savepointDisposeOnDelete };
  const object: KubeObject = {
    ...SNAPSHOT_KIND,
    metadata: {
      name: `${name}-${kind}-${by.toLowerCase()}-${now.getTime()}`,
      namespace,
      // With the job's own labels it is seen by every label selector that shows the job.
      labels: {
        ...resource.metadata.labels,
        [SNAPSHOT_LABELS.jobKind]: 'FlinkDeployment',
        [SNAPSHOT_LABELS.jobName]: name,
        [SNAPSHOT_LABELS.type]: kind.toUpperCase(),
        [SNAPSHOT_LABELS.trigger]: by,
      },
      ...(by === 'MANUAL' ? { annotations: { [NONCE_ANNOTATION]: String(nonce) } } : {}),
    },
    spec: {
      jobReference: { kind: 'FlinkDeployment', name },
      ...(kind === 'savepoint' ? { savepoint } : { checkpoint: {} }),
    },
  };
  return { kind: 'apply', object, because: by === 'MANUAL' ? `spec.job.${NONCES[kind]} is new` : 'its time has come' };
}

/** Deletes the resources only: a savepoint's files go with it where it says so, and never while somebody needs them. */
function retention(situation: Situation, options: JobOptions, conf: FlinkConf): readonly Action<FlinkEffect>[] {
  if (!options.savepointCleanupEnabled) return [];
  const { observed, now } = situation;
  const { savepointHistoryMaxCount: maxCount, savepointHistoryMaxAgeMs: maxAgeMs } = options;
  const retained = optionOf(conf, 'execution.checkpointing.num-retained', 'state.checkpoints.num-retained');
  const snapshots = observed.snapshots ?? [];
  const nowMs = now.getTime();
  const over = [
    ...expired(snapshots, 'savepoint', { maxCount, maxAgeMs, nowMs }),
    ...expired(snapshots, 'checkpoint', {
      maxCount: Math.max(1, Number(retained ?? 1) || 1),
      maxAgeMs: Number.MAX_SAFE_INTEGER,
      nowMs,
    }),
  ];
  return over.map((snapshot) => ({
    kind: 'delete',
    ref: refOf(snapshot),
    uid: snapshot.metadata.uid ?? '',
    propagation: 'Background',
    because: 'its time is over',
  }));
}
