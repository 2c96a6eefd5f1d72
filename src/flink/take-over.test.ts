import { describe, expect, it } from 'vitest';
import { unasked } from '../core/fact.ts';
import { deepEqual, isRecord } from '../lib/json.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import { specDiff } from './spec-diff.ts';
import { type Left, leftResource } from './testing/incumbent.ts';
import { AUTOSCALER_STATE, leftCluster } from './testing/incumbent-cluster.ts';
import { actionsOf, INTERVALS } from './testing/pass.ts';
import { DUMMY, type Found, firstPass, LAST_STATE, SAVEPOINT, SP, says, secondPass } from './testing/take-over.ts';

type PodTemplate = NonNullable<FlinkDeploymentSpec['podTemplate']>;

const HA = leftCluster({ checkpoint: 7 });

const MAIN = {
  name: 'flink-main-container',
  env: [{ name: 'A', value: '1' }],
  command: [],
  volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
};
// Quantities may be numbers in a manifest, whatever the types of Kubernetes objects say.
const QUANTITIES = { requests: { cpu: 0.5, memory: '640Mi' }, limits: { cpu: 2 } } as unknown as Record<string, never>;
const SIDECAR = { name: 'sidecar', image: 'busybox', resources: QUANTITIES };
const TEMPLATE: PodTemplate = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { labels: {} },
  spec: { volumes: [{ name: 'scratch', emptyDir: {} }], containers: [MAIN, SIDECAR] },
};

const firstRun = (left: Left): Left => ({ ...left, recordedJob: { upgradeMode: 'stateless', ...left.recordedJob } });

const RUNNING: readonly (readonly [string, Found])[] = [
  ['without state', { left: {}, objects: leftCluster(), rest: says('RUNNING') }],
  ['first run, last-state', { left: firstRun({ spec: LAST_STATE }), objects: HA, rest: says('RUNNING') }],
  ['release 1.10', { left: firstRun({ encoding: '1.10', spec: LAST_STATE }), objects: HA, rest: says('RUNNING') }],
  [
    'metadata in the record',
    { left: firstRun({ encoding: 'with metadata', spec: LAST_STATE }), objects: HA, rest: says('RUNNING') },
  ],
  ['a bare record', { left: firstRun({ encoding: 'bare', spec: LAST_STATE }), objects: HA, rest: says('RUNNING') }],
  [
    'from high-availability data',
    {
      left: { spec: LAST_STATE, first: false, status: { jobStatus: { upgradeSavepointPath: DUMMY } } },
      objects: HA,
      rest: says('RUNNING'),
    },
  ],
  [
    'from a savepoint',
    {
      left: { spec: SAVEPOINT, first: false, status: { jobStatus: { upgradeSavepointPath: SP } } },
      objects: HA,
      rest: says('RUNNING'),
    },
  ],
  [
    'standalone',
    {
      left: firstRun({ spec: { ...LAST_STATE, mode: 'standalone' } }),
      objects: leftCluster({ standalone: true, checkpoint: 7 }),
      rest: says('RUNNING'),
    },
  ],
  [
    'pod templates',
    {
      left: { spec: { podTemplate: TEMPLATE, taskManager: { podTemplate: TEMPLATE } } },
      objects: leftCluster({ template: true }),
      rest: says('RUNNING'),
    },
  ],
  [
    'nested options',
    {
      left: {
        spec: {
          flinkConfiguration: {
            state: { backend: 'rocksdb' },
            taskmanager: { numberOfTaskSlots: 1 },
            'pipeline.jars': ['a', 'b'],
          },
        },
      },
      objects: leftCluster(),
      rest: says('RUNNING'),
    },
  ],
  [
    'numbers, flags and nonces',
    {
      left: {
        spec: {
          restartNonce: 4,
          job: { savepointRedeployNonce: 2, initialSavepointPath: SP, allowNonRestoredState: true },
          jobManager: { resource: { cpu: 0.5 } },
        },
        recordedJob: { upgradeMode: 'savepoint' },
        status: { jobStatus: { upgradeSavepointPath: SP } },
      },
      objects: leftCluster(),
      rest: says('RUNNING'),
    },
  ],
  [
    'an autoscaled one',
    {
      left: {
        spec: { flinkConfiguration: { 'job.autoscaler.enabled': 'true' } },
        recordedConfiguration: { 'pipeline.jobvertex-parallelism-overrides': 'bc764cd8ddf7a0cff126f51c16239658:4' },
      },
      objects: [...leftCluster(), AUTOSCALER_STATE],
      rest: says('RUNNING'),
    },
  ],
];

describe('a running job of the incumbent', () => {
  it.each(RUNNING)('is left as it is: %s', (_name, found) => {
    const plan = firstPass(found);
    expect([plan.because, ...actionsOf(plan)]).toEqual(['JobRunning']);
    expect(plan.events).toEqual([]);
    expect(changedFields(leftResource(found.left).status, plan.status)).toEqual([]);
  });

  it.each(RUNNING)('is not said to have changed before its JobManager was asked: %s', (_name, found) => {
    const plan = firstPass({ ...found, rest: unasked });
    expect([plan.status, plan.actions]).toEqual([undefined, []]);
    expect(plan.probeEveryMs).toBe(INTERVALS.fast);
  });

  it.each(RUNNING)('is left as it is by the pass after: %s', (_name, found) => {
    const plan = secondPass(found);
    expect(actionsOf(plan)).toEqual([]);
    expect(plan.status).toEqual(firstPass(found).status);
  });
});

/** Fields of the incumbent's status that are not as it left them: specs compare as specs do, sums are made anew. */
function changedFields(before: unknown, after: unknown, path = ''): string[] {
  if (path.endsWith('Spec')) return specDiff(specIn(before), specIn(after)).kind === 'upgrade' ? [path] : [];
  if (REPORTED.includes(path)) return [];
  if (!isRecord(before) || !isRecord(after)) return deepEqual(before, after) ? [] : [path];
  return Object.keys(before).flatMap((key) =>
    changedFields(before[key], after[key], path === '' ? key : `${path}.${key}`),
  );
}

const REPORTED = ['clusterInfo', 'taskManager.replicas', 'conditions'];

function specIn(text: unknown): unknown {
  const { spec, resource_metadata: _metadata, apiVersion: _apiVersion, ...bare } = JSON.parse(String(text));
  return spec ?? bare;
}
