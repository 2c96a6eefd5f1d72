import { describe, expect, it } from 'vitest';
import { changeEvents } from './change-events.ts';
import { UNSEEN } from './observed.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import { situationOf } from './situation.ts';
import { aFlinkDeployment, type DeepPartial } from './testing.ts';

function eventsOf(spec: DeepPartial<FlinkDeploymentSpec>, seenGeneration: number | undefined = 2) {
  const deployment = aFlinkDeployment({
    metadata: { generation: 3 },
    spec,
    status: { observedGeneration: seenGeneration },
  });
  const situation = situationOf(deployment, UNSEEN, new Date(0), { flinkConfiguration: {} });
  return changeEvents(situation, { observedGeneration: 3 });
}

describe('what works but should be looked at is told as an event, once per generation', () => {
  const told = { type: 'Warning', component: 'Operator', dedupe: '3', once: true } as const;

  it('options that do nothing', () => {
    const flinkConfiguration = {
      'kubernetes.operator.job.restart.faild': 'true',
      'kubernetes.operator.job.restart.failed': 'true',
      'kubernetes.operator.watched.namespaces': 'a',
      'kubernetes.operator.default-configuration.namespace.a.web.timeout': '1',
      'kubernetes.jobmanager.replicas': '1',
    };
    expect(eventsOf({ flinkConfiguration })).toEqual([
      {
        ...told,
        reason: 'UnknownOption',
        message:
          'spec.flinkConfiguration has keys that name no option: kubernetes.operator.job.restart.faild; ' +
          "spec.flinkConfiguration has keys that only the operator's own configuration can set: " +
          'kubernetes.operator.watched.namespaces, kubernetes.operator.default-configuration.namespace.a.web.timeout',
      },
    ]);
    expect(eventsOf({ flinkConfiguration }, 3)).toEqual([]);
    expect(eventsOf({ flinkConfiguration: { 'kubernetes.operator.job.restart.failed': 'true' } })).toEqual([]);
  });

  it('what is overruled or dropped, and what is deprecated, each in one event', () => {
    const containers = [{ name: 'flink-main-container', volumeMount: [] }];
    const spec = {
      flinkVersion: 'v1_17',
      image: 'jobs:1',
      flinkConfiguration: { 'parallelism.default': '4' },
      podTemplate: { spec: { containers } },
    } as DeepPartial<FlinkDeploymentSpec>;
    expect(eventsOf(spec)).toEqual([
      {
        ...told,
        reason: 'SpecWarning',
        message: 'spec.flinkVersion: v1_17 is deprecated, move to v1_19 or later',
      },
      {
        ...told,
        reason: 'FieldNotApplied',
        message:
          'spec.podTemplate.spec.containers[0].volumeMount: is no field of Container that Weir knows; what Kubernetes does not know either it drops; ' +
          'spec.flinkConfiguration["parallelism.default"] has no effect: spec.job.parallelism wins over it',
      },
    ]);
    expect(eventsOf(spec, 3)).toEqual([]);
  });

  it('of a spec that is refused only what can be told of it, and of a plain one nothing', () => {
    const spec = {
      flinkVersion: 'v1_18',
      serviceAccount: '',
      flinkConfiguration: { 'parallelism.default': '4' },
    } as const;
    const events = eventsOf(spec).filter(({ reason }) => reason !== 'ValidationError');
    expect(events.map(({ reason }) => reason)).toEqual(['SpecWarning']);
    expect(eventsOf({}, undefined)).toEqual([]);
  });
});
