import { describe, expect, it } from 'vitest';
import { type CountedFlink, createIncumbentFlinkMetrics } from './incumbent-flink.ts';
import { readRegistry } from './testing.ts';

const CREATED = Date.parse('2026-02-03T04:00:00Z');
const OPERATOR = { host: 'weir-0', namespace: 'ops', name: 'weir' };
const LABELS = 'host="weir-0",namespace="ops",name="weir"';
const ORDERS: CountedFlink = {
  kind: 'FlinkDeployment',
  namespace: 'shop',
  state: 'STABLE',
  generation: 1,
  createdAt: CREATED,
  jobManager: 'READY',
  flinkVersion: '2.0.1',
  cpu: 1.5,
  memoryBytes: 4096,
  stateBytes: 100,
};

function metricsWith({ leads = true } = {}) {
  const read = readRegistry();
  const clock = { at: CREATED };
  const counts = createIncumbentFlinkMetrics({
    registry: read.registry,
    operator: OPERATOR,
    leads: () => leads,
    now: () => clock.at,
  });
  const place = (name: string, kind = 'FlinkDeployment', more = '') =>
    read.value(`flink_k8soperator_namespace_${name}{${LABELS},resourcens="shop",resourcetype="${kind}"${more}}`);
  return { ...read, ...counts, clock, place };
}

describe('metrics of Flink resources under the old names', () => {
  it('count by namespace, JobManager, lifecycle state and version, and sum what clusters use', async () => {
    const { resource, place } = metricsWith();
    resource('FlinkDeployment/shop/a', ORDERS);
    resource('FlinkDeployment/shop/b', {
      ...ORDERS,
      state: 'UPGRADING',
      jobManager: 'MISSING',
      flinkVersion: undefined,
    });
    resource('FlinkSessionJob/shop/a', { ...ORDERS, kind: 'FlinkSessionJob' });
    expect(await place('Count')).toBe(2);
    expect(await place('Count', 'FlinkSessionJob')).toBe(1);
    expect(await place('JmDeploymentStatus_READY_Count')).toBe(1);
    expect(await place('JmDeploymentStatus_ERROR_Count')).toBe(0);
    expect(await place('JmDeploymentStatus_READY_Count', 'FlinkSessionJob')).toBeUndefined();
    expect(await place('Lifecycle_State_UPGRADING_Count')).toBe(1);
    expect(await place('Lifecycle_State_STABLE_Count', 'FlinkSessionJob')).toBe(1);
    expect(await place('FlinkVersion_Count', 'FlinkDeployment', ',FlinkVersion="2.0.1"')).toBe(1);
    expect(await place('FlinkMinorVersion_Count', 'FlinkDeployment', ',FlinkMinorVersion="2.0"')).toBe(1);
    expect(await place('FlinkMinorVersion_Count', 'FlinkDeployment', ',FlinkMinorVersion="MALFORMED"')).toBe(1);
    expect(await place('ResourceUsage_Cpu')).toBe(3);
    expect(await place('ResourceUsage_Memory')).toBe(8192);
    expect(await place('ResourceUsage_StateSize')).toBe(200);
  });

  it('count snapshots by type and state', async () => {
    const { snapshot, place } = metricsWith();
    snapshot('shop/a', { namespace: 'shop', type: 'Savepoint', state: 'COMPLETED' });
    snapshot('shop/b', { namespace: 'shop', type: 'Checkpoint', state: 'FAILED' });
    snapshot('shop/c', { namespace: 'shop', type: 'Savepoint', state: 'IN_PROGRESS' });
    expect(await place('Savepoint_Count', 'FlinkStateSnapshot')).toBe(2);
    expect(await place('Savepoint_State_COMPLETED_Count', 'FlinkStateSnapshot')).toBe(1);
    expect(await place('Checkpoint_State_FAILED_Count', 'FlinkStateSnapshot')).toBe(1);
  });

  it('go with the last resource of a namespace', async () => {
    const { resource, snapshot, lines } = metricsWith();
    resource('FlinkDeployment/shop/a', ORDERS);
    snapshot('shop/a', { namespace: 'shop', type: 'Savepoint', state: 'COMPLETED' });
    expect((await lines('flink_')).length).toBeGreaterThan(20);
    resource('FlinkDeployment/shop/a', undefined);
    snapshot('shop/a', undefined);
    expect(await lines('flink_')).toEqual([]);
  });

  it('tell the times of an upgrade, in each state and on the way', async () => {
    const { resource, clock, lines, place } = metricsWith();
    const step = (seconds: number, more: Partial<CountedFlink>): void => {
      clock.at += seconds * 1000;
      resource('FlinkDeployment/shop/a', { ...ORDERS, ...more });
    };
    step(0, { state: 'CREATED' });
    step(2, { state: 'UPGRADING' });
    step(3, { state: 'DEPLOYED' });
    step(40, { state: 'STABLE' });
    step(1000, { state: 'STABLE', generation: 2 });
    step(7, { state: 'UPGRADING', generation: 2 });
    step(5, { state: 'DEPLOYED', generation: 2 });
    step(30, { state: 'STABLE', generation: 2 });
    expect(await place('Lifecycle_Transition_Stabilization_TimeSeconds_sum')).toBe(40 + 30);
    expect(await place('Lifecycle_Transition_Suspend_TimeSeconds_sum')).toBe(7);
    expect(await place('Lifecycle_Transition_Upgrade_TimeSeconds_sum')).toBe(7 + 5 + 30);
    expect(await place('Lifecycle_Transition_Submission_TimeSeconds_count')).toBe(2);
    expect(await place('Lifecycle_State_UPGRADING_TimeSeconds_sum')).toBe(3 + 5);
    expect(await lines('flink_k8soperator_FlinkDeployment_Lifecycle_Transition_Upgrade_TimeSeconds{')).toContainEqual(
      `flink_k8soperator_FlinkDeployment_Lifecycle_Transition_Upgrade_TimeSeconds{quantile="0.99",${LABELS}} 42`,
    );
    expect(await place('Lifecycle_Transition_Resume_TimeSeconds_count')).toBeUndefined();
  });

  it('are those of the leader only', async () => {
    const { resource, lines } = metricsWith({ leads: false });
    resource('FlinkDeployment/shop/a', { ...ORDERS, state: 'CREATED' });
    resource('FlinkDeployment/shop/a', ORDERS);
    expect(await lines('flink_')).toEqual([]);
  });
});
