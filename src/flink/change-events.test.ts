import { expect, it } from 'vitest';
import { changeEvents } from './change-events.ts';
import { UNSEEN } from './observed.ts';
import { situationOf } from './situation.ts';
import { aFlinkDeployment } from './testing.ts';

function eventsOf(options: Record<string, string>, seenGeneration: number) {
  const deployment = aFlinkDeployment({
    metadata: { generation: 3 },
    spec: { flinkConfiguration: options },
    status: { observedGeneration: seenGeneration },
  });
  const situation = situationOf(deployment, UNSEEN, new Date(0), { flinkConfiguration: {} });
  return changeEvents(situation, { observedGeneration: 3 });
}

it('warns of options that do nothing, once per generation', () => {
  const options = {
    'kubernetes.operator.job.restart.faild': 'true',
    'kubernetes.operator.job.restart.failed': 'true',
    'kubernetes.operator.watched.namespaces': 'a',
    'kubernetes.operator.default-configuration.namespace.a.web.timeout': '1',
    'kubernetes.jobmanager.replicas': '1',
  };
  expect(eventsOf(options, 2)).toEqual([
    {
      type: 'Warning',
      reason: 'UnknownOption',
      message:
        'spec.flinkConfiguration has keys that name no option: kubernetes.operator.job.restart.faild; ' +
        "spec.flinkConfiguration has keys that only the operator's own configuration can set: " +
        'kubernetes.operator.watched.namespaces, kubernetes.operator.default-configuration.namespace.a.web.timeout',
      component: 'Operator',
      dedupe: '3',
      once: true,
    },
  ]);
  expect(eventsOf(options, 3)).toEqual([]);
  expect(eventsOf({ 'kubernetes.operator.job.restart.failed': 'true' }, 2)).toEqual([]);
});
