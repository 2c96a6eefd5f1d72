import { describe, expect, it } from 'vitest';
import { parseResourceMemory } from './conf/resource-spec.ts';
import { effectiveConf } from './flink-conf.ts';
import { type ClusterResources, clusterResources } from './resources.ts';
import { aFlinkDeployment, aSessionCluster, type FlinkDeploymentOverrides } from './testing.ts';

type Spec = NonNullable<FlinkDeploymentOverrides['spec']>;

function resources(spec: Spec): ClusterResources {
  const deployment = aFlinkDeployment({ spec });
  return clusterResources(deployment.spec, effectiveConf(deployment, { flinkConfiguration: {} }));
}

describe('TaskManagers', () => {
  it.each([
    [13, 7, 1, 'ceil(7 / 13) = 1'],
    [2, 8, 4, 'ceil(8 / 2) = 4'],
    ['2', 7, 4, 'ceil(7 / 2) = 4'],
    [5, 10, 2, 'ceil(10 / 5) = 2'],
    [undefined, 3, 3, 'ceil(3 / 1) = 3'],
    [4, undefined, 1, 'ceil(1 / 4) = 1'],
  ])('with %s slots for parallelism %s are %d', (slots, parallelism, taskManagers, because) => {
    for (const mode of ['native', 'standalone'] as const) {
      const flinkConfiguration = slots === undefined ? {} : { 'taskmanager.numberOfTaskSlots': slots };
      const result = resources({ mode, flinkConfiguration, job: { parallelism } });
      expect([result.taskManagers, result.because]).toEqual([taskManagers, because]);
    }
  });

  it('are as many as the spec says', () => {
    const result = resources({
      taskManager: { replicas: 3 },
      flinkConfiguration: { taskmanager: { numberOfTaskSlots: 4 } },
    });
    expect(result).toMatchObject({ taskManagers: 3, parallelism: 12, because: 'spec.taskManager.replicas = 3' });
  });

  it('of a session cluster come with its jobs, or are fixed', () => {
    const native = aSessionCluster();
    const conf = effectiveConf(native, { flinkConfiguration: {} });
    expect(clusterResources(native.spec, conf)).toMatchObject({ taskManagers: 0, pods: 1 });
    const standalone = aSessionCluster({ spec: { mode: 'standalone', taskManager: { replicas: 2 } } });
    const fixed = clusterResources(standalone.spec, effectiveConf(standalone, { flinkConfiguration: {} }));
    expect(fixed).toMatchObject({ taskManagers: 2, pods: 3 });
  });
});

describe('totals', () => {
  it('of 10 slots on TaskManagers of 5', () => {
    const result = resources({
      jobManager: { resource: { cpu: 2, memory: '2048m' } },
      taskManager: { resource: { cpu: 4, memory: '16g' } },
      job: { parallelism: 10 },
      flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '5' },
    });
    expect(result).toMatchObject({
      jobManagers: 1,
      taskManagers: 2,
      pods: 3,
      totalTaskManagers: { cpu: 8, memoryBytes: 34359738368 },
      total: { cpu: 10, memoryBytes: 34359738368 + 2147483648 },
      because: 'ceil(10 / 5) = 2',
    });
  });

  it('count requests, and limits apart', () => {
    const amounts = { requests: { cpu: '500m', memory: '3Gi' }, limits: { cpu: '1', memory: '4Gi' } };
    const result = resources({
      jobManager: { replicas: 2 },
      taskManager: { resource: undefined, resources: amounts },
      flinkConfiguration: { 'high-availability.type': 'kubernetes' },
    });
    expect(result.total).toEqual({ cpu: 2 + 1, memoryBytes: 2 * 2 ** 31 + 2 * 3 * 2 ** 30 });
    expect(result.limits).toEqual({ cpu: 2 + 2, memoryBytes: 2 * 2 ** 31 + 2 * 4 * 2 ** 30 });
  });

  it('take CPU from the slots and say when memory is a guess', () => {
    const result = resources({
      jobManager: undefined,
      taskManager: undefined,
      flinkConfiguration: { 'taskmanager.numberOfTaskSlots': 4 },
    });
    expect([result.jobManager.cpu, result.taskManager.cpu]).toEqual([1, 4]);
    expect(result.because).toBe(
      'ceil(2 / 4) = 1; JobManager memory is not set, 1600m assumed; TaskManager memory is not set, 1728m assumed',
    );
  });

  it.each([
    [{ 'jobmanager.memory.flink.size': '1g' }, 'jobManager', 1472],
    [{ 'jobmanager.memory.heap.size': '4g' }, 'jobManager', 4977],
    [{ 'taskmanager.memory.flink.size': '1280m' }, 'taskManager', 1728],
    [{ 'taskmanager.memory.task.heap.size': '1g', 'taskmanager.memory.managed.size': '1g' }, 'taskManager', 3128],
    [{ 'taskmanager.memory.task.heap.size': '20g', 'taskmanager.memory.managed.size': '1g' }, 'taskManager', 25457],
  ] as const)('find %j as Flink does', (flinkConfiguration, component, mebibytes) => {
    const result = resources({ jobManager: undefined, taskManager: undefined, flinkConfiguration });
    expect(result[component].memoryBytes / 2 ** 20).toBe(mebibytes);
  });
});

describe('memory of a spec', () => {
  it.each([
    ['2048m', 2 ** 31],
    ['1G', 2 ** 30],
    ['1 gb', 2 ** 30],
    ['2Gi', 2 ** 31],
    ['512 mib', 2 ** 29],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['1.5G', 1.5e9],
    ['1e9', 1e9],
    ['1000000', 1e6],
  ])('%s', (text, bytes) => {
    expect(parseResourceMemory(text)).toBe(bytes);
  });

  it.each(['', 'lots', '-1Gi', '2 Gi b x'])('refuses %j', (text) => {
    expect(parseResourceMemory(text)).toBeUndefined();
  });
});
