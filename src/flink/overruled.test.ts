import { describe, expect, it } from 'vitest';
import { flinkAdmission } from './admission.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from './testing.ts';

type Spec = NonNullable<FlinkDeploymentOverrides['spec']>;

function warnings(spec: Spec): readonly string[] {
  const reader = { get: () => undefined, list: () => [] };
  const { issues, warnings: told = [] } = flinkAdmission(() => ({ flinkConfiguration: {} })).judge(
    aFlinkDeployment({ spec }),
    reader,
  );
  expect(issues).toEqual([]);
  return told;
}

const MEMORY = 'taskmanager.memory.process.size';

describe('options that something else wins over are named', () => {
  it.each<[string, Spec, string]>([
    [
      'the parallelism',
      { job: { parallelism: 2 }, flinkConfiguration: { 'parallelism.default': '8' } },
      'spec.flinkConfiguration["parallelism.default"] has no effect: spec.job.parallelism wins over it',
    ],
    [
      'the memory',
      { taskManager: { resource: { memory: '2048m', cpu: 1 } }, flinkConfiguration: { [MEMORY]: '8g' } },
      `spec.flinkConfiguration["${MEMORY}"] has no effect: spec.taskManager.resource.memory wins over it`,
    ],
    [
      'the image under a name of old',
      { image: 'flink:1.20', flinkConfiguration: { 'kubernetes.container.image': 'mine:1' } },
      'spec.flinkConfiguration["kubernetes.container.image"] has no effect: spec.image wins over it',
    ],
    [
      'what every cluster of an operator has',
      { flinkConfiguration: { 'execution.target': 'local' } },
      'spec.flinkConfiguration["execution.target"] has no effect: it is always kubernetes-application: for an application cluster',
    ],
    [
      'the state a run starts from',
      { flinkConfiguration: { 'execution.savepoint.path': 's3://b/savepoint-1' } },
      'spec.flinkConfiguration["execution.savepoint.path"] has no effect: a first run starts from spec.job.initialSavepointPath, a later one from its own state',
    ],
    [
      'a parallelism beside replicas',
      { job: { parallelism: 3 }, taskManager: { replicas: 2 } },
      'spec.job.parallelism has no effect: it is 2, spec.taskManager.replicas: 2 × 1 slots',
    ],
  ])('%s', (_what, spec, sentence) => {
    expect(warnings({ flinkConfiguration: {}, ...spec })).toEqual([sentence]);
  });

  it.each<[string, Spec]>([
    ['what says the same', { job: { parallelism: 2 }, flinkConfiguration: { 'parallelism.default': '2' } }],
    ['an image that both name', { image: 'a:1', flinkConfiguration: { 'kubernetes.container.image': 'a:1' } }],
    ['ports for Flink to choose', { flinkConfiguration: { 'blob.server.port': '0' } }],
    ['options that are the user’s alone', { flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '4' } }],
    ['no state', { flinkConfiguration: { 'execution.savepoint.path': '' } }],
  ])('but not %s', (_what, spec) => {
    expect(warnings(spec)).toEqual([]);
  });
});
