import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { readRecord } from './record.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import { NONCE_ANNOTATION } from './snapshot/due.ts';
import type { FlinkStateSnapshotSpec } from './snapshot/schema.ts';
import { aSnapshot } from './snapshot/testing.ts';
import { actionsOf, answer, condition, type Given, job, jobManager, NOW, plan, whole } from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const MILLIS = NOW.getTime();

function pass(
  spec: DeepPartial<FlinkDeploymentSpec>,
  recorded: DeepPartial<FlinkDeploymentSpec>,
  change: Given['observed'] = {},
) {
  const observed = { jobManager, children: whole, rest: answer(job()), ...change };
  const withFolders = (given: DeepPartial<FlinkDeploymentSpec>) => ({
    ...given,
    flinkConfiguration: { ...FOLDERS, ...given.flinkConfiguration },
  });
  return plan({ spec: withFolders(spec), recorded: withFolders(recorded), observed });
}

const nonce = (savepointTriggerNonce: number | undefined) => ({ job: { savepointTriggerNonce } });
const periodic = (interval: string) => ({
  flinkConfiguration: { ...FOLDERS, 'kubernetes.operator.periodic.savepoint.interval': interval },
});

function snapshot(name: string, by: string, created: string, annotations: Record<string, string> = {}): KubeObject {
  const labels = { 'snapshot.trigger-type': by };
  return aSnapshot({
    metadata: { name, uid: name, creationTimestamp: created, labels, annotations },
    status: { state: 'COMPLETED' },
  });
}

function recordedNonce(decided: ReturnType<typeof plan>) {
  return readRecord(decided.status)?.spec.job?.savepointTriggerNonce;
}

describe('a new nonce', () => {
  it('makes a FlinkStateSnapshot, and is recorded only once that is there', () => {
    const first = pass(nonce(2), nonce(1));
    expect(actionsOf(first)).toEqual([`apply FlinkStateSnapshot orders-savepoint-manual-${MILLIS}`]);
    expect(recordedNonce(first)).toBe(1);
    const [action] = first.actions;
    expect(action?.kind === 'apply' ? action.object : undefined).toEqual({
      apiVersion: 'flink.apache.org/v1beta1',
      kind: 'FlinkStateSnapshot',
      metadata: {
        name: `orders-savepoint-manual-${MILLIS}`,
        namespace: 'default',
        finalizers: ['flinkstatesnapshots.flink.apache.org/finalizer'],
        labels: {
          'job-reference.kind': 'FlinkDeployment',
          'job-reference.name': 'orders',
          'snapshot.type': 'SAVEPOINT',
          'snapshot.trigger-type': 'MANUAL',
        },
        annotations: { [NONCE_ANNOTATION]: '2' },
      },
      spec: {
        jobReference: { kind: 'FlinkDeployment', name: 'orders' },
        savepoint: { formatType: 'CANONICAL', disposeOnDelete: false },
      },
    });
    const there = snapshot('s', 'MANUAL', '2026-02-03T04:00:00Z', { [NONCE_ANNOTATION]: '2' });
    const second = pass(nonce(2), nonce(1), { snapshots: [there] });
    expect([actionsOf(second), recordedNonce(second)]).toEqual([[], 2]);
    expect(actionsOf(pass(nonce(2), nonce(2), { snapshots: [there] }))).toEqual([]);
  });

  it('may ask for a checkpoint', () => {
    const decided = pass({ job: { checkpointTriggerNonce: 1 } }, {});
    const [action] = decided.actions;
    const spec = action?.kind === 'apply' ? (action.object.spec as FlinkStateSnapshotSpec) : undefined;
    expect(spec).toEqual({ jobReference: { kind: 'FlinkDeployment', name: 'orders' }, checkpoint: {} });
  });

  it('waits until the whole job runs', () => {
    const decided = pass(nonce(2), nonce(1), { rest: answer(job({ state: 'RESTARTING' })) });
    expect([actionsOf(decided), recordedNonce(decided)]).toEqual([[], 1]);
  });

  it('is not lost in an upgrade', () => {
    const wanted = { job: { savepointTriggerNonce: 2, parallelism: 3 } };
    const decided = pass(wanted, nonce(1));
    expect(readRecord(decided.status)?.spec.job).toMatchObject({ parallelism: 3, savepointTriggerNonce: 1 });
  });

  it('that is taken back asks for nothing', () => {
    const decided = pass(nonce(undefined), nonce(1));
    expect([actionsOf(decided), recordedNonce(decided)]).toEqual([[], undefined]);
  });
});

const PERIOD = 'kubernetes.operator.periodic.savepoint.interval';
const CRON_RULE = 'a duration such as 6 h or a Quartz cron expression such as 0 0 3 * * ?';

it.each([
  ['a cron expression that never fires', PERIOD, '0 0 0 30 2 ?', `${CRON_RULE} (it never fires)`],
  [
    'a cron expression without seconds',
    PERIOD,
    '0 3 * * *',
    `${CRON_RULE} (6 or 7 fields are needed, seconds first and a year last if at all, and there are 5)`,
  ],
  ['a negative count', 'kubernetes.operator.savepoint.history.max.count', '-1', 'a whole number of at least 0'],
  [
    'a negative age',
    'kubernetes.operator.savepoint.history.max.age',
    '-1 h',
    'a duration such as 500 ms, 10 s, 5 min or PT5M',
  ],
])('%s is refused, the job goes on as it was and nothing is let go of', (_what, key, value, rule) => {
  const message = `spec.flinkConfiguration["${key}"]: "${value}" is not valid, it must be ${rule}`;
  const snapshots = ['a', 'b'].map((name) => snapshot(name, 'PERIODIC', '2026-02-03T00:00:00Z'));
  const spec = { flinkConfiguration: { ...FOLDERS, [key]: value }, job: { parallelism: 3 } };
  const decided = pass(spec, {}, { snapshots });
  expect(decided.actions).toEqual([]);
  expect(condition(decided, 'Ready')?.message).toContain(message);
  expect(condition(decided, 'Running')?.status).toBe('True');
  expect(decided.status?.error).toBe(JSON.stringify({ type: 'ValidationError', message }));
  expect(decided.events).toContainEqual(expect.objectContaining({ reason: 'ValidationError', message }));
  expect(readRecord(decided.status)?.spec.job?.parallelism).toBe(2);
});

describe('a period', () => {
  it('makes a FlinkStateSnapshot when its time has come', () => {
    const due = pass(periodic('6 h'), periodic('6 h'), {
      snapshots: [snapshot('s', 'PERIODIC', '2026-02-02T22:05:06Z')],
    });
    expect(actionsOf(due)).toEqual([`apply FlinkStateSnapshot orders-savepoint-periodic-${MILLIS}`]);
  });

  it.each([
    ['its time has come', '0 0 3 * * ?', 'UTC', `apply FlinkStateSnapshot orders-savepoint-periodic-${MILLIS}`],
    ['its time has not come', '0 30 4 * * ?', 'UTC', undefined],
    [
      'it has come in its zone',
      '0 30 4 * * ?',
      'Europe/Berlin',
      `apply FlinkStateSnapshot orders-savepoint-periodic-${MILLIS}`,
    ],
    ['it has not come in its zone', '0 0 3 * * ?', 'America/New_York', undefined],
  ])('may be a cron expression: when %s', (_what, expression, zone, action) => {
    const spec = {
      flinkConfiguration: {
        ...periodic(expression).flinkConfiguration,
        'kubernetes.operator.periodic.time-zone': zone,
      },
    };
    const snapshots = [snapshot('s', 'PERIODIC', '2026-02-02T23:00:00Z')];
    expect(actionsOf(pass(spec, spec, { snapshots }))).toEqual(action === undefined ? [] : [action]);
  });

  it('looks again when its time comes', () => {
    const early = pass(periodic('6 h'), periodic('6 h'), {
      snapshots: [snapshot('s', 'PERIODIC', '2026-02-02T22:05:16Z')],
    });
    expect([actionsOf(early), early.requeueAfterMs]).toEqual([[], 10_000]);
  });

  it('that is over is named', () => {
    const spec = periodic('0 0 3 1 1 ? 2020');
    const decided = pass(spec, spec);
    expect(decided.actions).toEqual([]);
    expect(decided.events).toContainEqual(
      expect.objectContaining({
        reason: 'SnapshotsNotSupported',
        message: 'kubernetes.operator.periodic.savepoint.interval: "0 0 3 1 1 ? 2020" fires no more',
        once: true,
      }),
    );
  });

  it('of checkpoints is named where Flink cannot be asked for them', () => {
    const spec = {
      flinkVersion: 'v1_16',
      flinkConfiguration: { 'kubernetes.operator.periodic.checkpoint.interval': '1 h' },
    } as const;
    const decided = pass(spec, spec);
    expect(decided.actions).toEqual([]);
    expect(decided.events.map(({ message }) => message)).toContain(
      'checkpoints can be asked for from Flink 1.17 on, and this is v1_16',
    );
  });
});

it('snapshots whose time is over are deleted, unless cleaning up is off', () => {
  const snapshots = [
    snapshot('old', 'PERIODIC', '2026-01-01T00:00:00Z'),
    snapshot('mine', 'MANUAL', '2026-01-01T00:00:00Z'),
    snapshot('new', 'PERIODIC', '2026-02-03T00:00:00Z'),
  ];
  expect(actionsOf(pass({}, {}, { snapshots }))).toEqual(['delete FlinkStateSnapshot old old Background']);
  const off = { flinkConfiguration: { ...FOLDERS, 'kubernetes.operator.savepoint.cleanup.enabled': 'false' } };
  expect(actionsOf(pass(off, off, { snapshots }))).toEqual([]);
});
