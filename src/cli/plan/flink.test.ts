import { describe, expect, it } from 'vitest';
import { aCluster, aNode, aPod } from '../../core/capacity/testing.ts';
import { known, unknown } from '../../core/fact.ts';
import { encodeSpec } from '../../flink/record.ts';
import type { FlinkDeployment } from '../../flink/schema.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from '../../flink/testing.ts';
import { planFlinkDeployment } from './flink.ts';
import type { ResourcePlan } from './report.ts';

type SpecChange = NonNullable<FlinkDeploymentOverrides['spec']>;

const context = { defaults: { flinkConfiguration: {} }, now: new Date('2026-01-02T03:04:05Z') };

/** A deployment as the operator left it: deployed, with its spec recorded as running or suspended. */
function deployed(spec: SpecChange = {}): FlinkDeployment {
  const deployment = aFlinkDeployment({ spec });
  const jobState = deployment.spec.job?.state === 'suspended' ? 'suspended' : 'running';
  const lastReconciledSpec = encodeSpec(deployment.spec, jobState, false);
  return { ...deployment, status: { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } } };
}

function compare(live: FlinkDeployment | undefined, spec: SpecChange): ResourcePlan {
  const { status: _status, ...wanted } = aFlinkDeployment({ spec });
  return planFlinkDeployment({ source: 'f.yaml', wanted, live, compared: true }, context);
}

const HA = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 'file:///h' };
const withFolders = { 'state.checkpoints.dir': 'file:///c', 'state.savepoints.dir': 'file:///s' };

describe('weir plan --server', () => {
  it.each<[string, SpecChange, SpecChange, Partial<ResourcePlan>]>([
    ['nothing differs', {}, {}, { decision: 'no-op', reason: 'NoDifference', changes: [] }],
    [
      'a default is spelled out',
      {},
      { mode: 'native', job: { upgradeMode: 'stateless', state: 'running' } },
      { decision: 'no-op', changes: [] },
    ],
    [
      'only the operator reads what differs',
      {},
      { flinkConfiguration: { 'kubernetes.operator.savepoint.history.max.count': '3' } },
      {
        decision: 'no-op',
        changes: ['spec.flinkConfiguration.kubernetes.operator.savepoint.history.max.count'],
      },
    ],
    [
      'parallelism differs',
      {},
      { job: { parallelism: 4 } },
      { decision: 'restart', reason: 'SpecChanged', changes: ['spec.job.parallelism'], taskManagers: 4 },
    ],
    [
      'the size of a job in reactive mode differs',
      { mode: 'standalone', flinkConfiguration: { 'scheduler-mode': 'reactive' } },
      { mode: 'standalone', flinkConfiguration: { 'scheduler-mode': 'reactive' }, job: { parallelism: 4 } },
      { decision: 'scale', reason: 'Scaling', changes: ['spec.job.parallelism'], taskManagers: 4, objects: [] },
    ],
    ['the job is to be suspended', {}, { job: { state: 'suspended' } }, { decision: 'suspend', objects: [] }],
    ['the job is to run again', { job: { state: 'suspended' } }, {}, { decision: 'resume', pods: 3 }],
    [
      'a suspended job is edited',
      { job: { state: 'suspended' } },
      { job: { state: 'suspended', parallelism: 4 } },
      { decision: 'no-op', reason: 'Suspended' },
    ],
    ['the mode differs', {}, { mode: 'standalone' }, { decision: 'refuse', reason: 'ValidationError' }],
    [
      'the change needs state',
      {},
      { flinkConfiguration: withFolders, job: { upgradeMode: 'savepoint' } },
      {
        decision: 'restart',
        message: expect.stringContaining('the cluster is started anew, from a savepoint that stops it'),
      },
    ],
  ])('when %s', (_what, before, after, expected) => {
    expect(compare(deployed(before), after)).toMatchObject(expected);
  });

  it.each([
    [
      'has high availability',
      HA,
      'the session is started anew, its jobs are recovered from its high-availability data',
    ],
    [
      'has none',
      {},
      'the session is started anew, once its jobs that keep state are suspended; without high availability,',
    ],
  ])('says what becomes of the jobs of a session that %s', (_what, flinkConfiguration, message) => {
    const session = { job: undefined, flinkConfiguration };
    const planned = compare(deployed(session), { ...session, image: 'flink:next' });
    expect(planned).toMatchObject({ decision: 'restart', message: expect.stringContaining(message) });
  });

  it('says that a start is without state where an annotation asks for that once', () => {
    const spec: SpecChange = { flinkConfiguration: withFolders, job: { upgradeMode: 'savepoint' } };
    const annotations = { 'weir.dev/stateless-once': 'monday' };
    const { status: _status, ...wanted } = aFlinkDeployment({
      metadata: { annotations },
      spec: { ...spec, image: 'flink:next' },
    });
    const plan = planFlinkDeployment({ source: 'f', wanted, live: deployed(spec), compared: true }, context);
    expect(plan.message).toBe('the cluster is started anew, without state (spec.image)');
  });

  it('creates what the cluster does not have', () => {
    expect(compare(undefined, {})).toMatchObject({ decision: 'create', message: 'nothing of it was ever started' });
  });

  it('says the same broken rules as the operator', () => {
    const plan = compare(deployed(), { mode: 'standalone', job: { parallelism: 0 } });
    expect(plan.issues.map(({ path }) => path)).toEqual(['spec.job.parallelism', 'spec.mode']);
    expect(plan.issues.map(({ message }) => message).join('; ')).toBe(plan.message);
  });

  it('says whether what would be started fits, with what runs counted as free', () => {
    const old = aPod('n1', { cpu: '7', memory: '20Gi' });
    const capacity = known(aCluster([aNode('n1', { cpu: '8', memory: '23.4Gi' })], [old]));
    const pods = [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'old', uid: old.uid } }];
    const planned = (spec: SpecChange, annotations = {}): ResourcePlan['capacity'] => {
      const { status: _status, ...wanted } = aFlinkDeployment({ spec, metadata: { annotations } });
      const subject = { source: 'f.yaml', wanted, live: deployed(), compared: true, capacity, pods };
      return planFlinkDeployment(subject, context).capacity;
    };
    expect(planned({})).toBeNull();
    expect(planned({ job: { parallelism: 3 } })).toEqual({
      status: 'True',
      reason: 'Fits',
      message:
        '1 JobManager pod and 3 TaskManager pods request 4 cores, 8 GiB memory; node "n1" has 8 cores, 23.4 GiB memory free for them',
      held: false,
    });
    const large = { taskManager: { resource: { memory: '64g' } } };
    expect(planned(large)).toMatchObject({ status: 'False', reason: 'NoNodeLargeEnough', held: false });
    expect(planned(large, { 'weir.dev/capacity-gate': 'wait' })).toMatchObject({ held: true });
    expect(compare(deployed(), large).capacity).toBeNull();
  });

  it('says what of the cluster cannot be read', () => {
    const wanted = aFlinkDeployment();
    const capacity = unknown('pods is forbidden');
    const plan = planFlinkDeployment({ source: 'f', wanted, live: undefined, compared: true, capacity }, context);
    expect(plan.capacity).toMatchObject({ status: 'Unknown', reason: 'CapacityUnknown', message: 'pods is forbidden' });
  });

  it('refuses a wrong gate of the manifest as the operator would', () => {
    const wanted = aFlinkDeployment({ metadata: { annotations: { 'weir.dev/capacity-gate': 'yes' } } });
    const plan = planFlinkDeployment({ source: 'f', wanted, live: deployed(), compared: true }, context);
    expect(plan.issues.map(({ message }) => message)).toEqual([
      'metadata.annotations["weir.dev/capacity-gate"]: "yes" is not valid, it must be "wait", or not be there',
    ]);
  });

  it('starts the same objects again', () => {
    const names = (plan: ResourcePlan): string[] => plan.objects.map(({ kind, name }) => `${kind} ${name}`);
    expect(names(compare(deployed(), { job: { parallelism: 4 } }))).toEqual(names(compare(undefined, {})));
  });
});
