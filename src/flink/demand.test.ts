import { describe, expect, it } from 'vitest';
import { describeGroup } from '../core/capacity/demand.ts';
import { podLimits } from '../core/capacity/pod-shape.ts';
import { clusterPods } from './demand.ts';
import { effectiveConf } from './flink-conf.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import { aFlinkDeployment, aSessionCluster, type DeepPartial } from './testing.ts';

function pods(spec: DeepPartial<FlinkDeploymentSpec>) {
  const deployment = aFlinkDeployment({ spec });
  return clusterPods(deployment, effectiveConf(deployment, { flinkConfiguration: {} }));
}

describe('the pods of a FlinkDeployment', () => {
  it.each([
    [{}, ['1 JobManager pod of 1 core, 2 GiB memory', '2 TaskManager pods of 1 core, 2 GiB memory each']],
    [
      { mode: 'standalone', taskManager: { replicas: 3, resource: { cpu: 2, memory: '4g' } } },
      ['1 JobManager pod of 1 core, 2 GiB memory', '3 TaskManager pods of 2 cores, 4 GiB memory each'],
    ],
    [
      { taskManager: { resource: { cpu: 1, memory: '2g', ephemeralStorage: '5Gi' } } },
      [
        '1 JobManager pod of 1 core, 2 GiB memory',
        '2 TaskManager pods of 1 core, 2 GiB memory, 5 GiB of ephemeral-storage each',
      ],
    ],
    [
      {
        flinkConfiguration: {
          'external-resources': 'gpu',
          'external-resource.gpu.amount': '2',
          'external-resource.gpu.kubernetes.config-key': 'nvidia.com/gpu',
        },
      },
      ['1 JobManager pod of 1 core, 2 GiB memory', '2 TaskManager pods of 1 core, 2 GiB memory, 2 nvidia.com/gpu each'],
    ],
  ] satisfies [DeepPartial<FlinkDeploymentSpec>, string[]][])('%j', (spec, groups) => {
    expect(pods(spec).map(describeGroup)).toEqual(groups);
  });

  it('have the limits, selectors and tolerations of options and template, in native mode too', () => {
    const [, workers] = pods({
      flinkConfiguration: {
        'kubernetes.taskmanager.node-selector': 'pool:flink',
        'kubernetes.taskmanager.tolerations': 'key:gpu,operator:Exists',
        'kubernetes.taskmanager.memory.limit-factor': '2',
      },
      podTemplate: {
        spec: { priorityClassName: 'high', containers: [{ name: 'log', resources: { requests: { cpu: '100m' } } }] },
      },
    });
    expect(workers?.shape).toMatchObject({
      nodeSelector: { pool: 'flink' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      priorityClassName: 'high',
      containers: [{ name: 'log', requests: { cpu: 100 } }, { name: 'flink-main-container' }],
    });
    expect(workers && podLimits(workers.shape)).toEqual({ cpu: 1000, memory: 4 * 2 ** 30 });
  });

  it('are no TaskManagers for a native session', () => {
    const session = aSessionCluster();
    const counts = clusterPods(session, effectiveConf(session, { flinkConfiguration: {} })).map(({ count }) => count);
    expect(counts).toEqual([1, 0]);
  });
});
