import { describe, expect, it } from 'vitest';
import { aCluster, aNode } from '../../core/capacity/testing.ts';
import { known } from '../../core/fact.ts';
import type { DeepPartial } from '../../core/testing/merged.ts';
import { UNSEEN } from '../../spark/observed.ts';
import type { SparkApplicationSpec } from '../../spark/schema.ts';
import { DEFAULT_SETTINGS } from '../../spark/settings.ts';
import { situationOf } from '../../spark/situation.ts';
import { aSparkApplication } from '../../spark/testing.ts';
import type { ResourcePlan } from './report.ts';
import { planSparkApplication } from './spark.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

const now = new Date('2026-01-02T03:04:05Z');

/** The plan for a manifest where an application with `before` is in a state. */
function compare(state: string, before: Spec, spec: Spec): ResourcePlan {
  const { specHash } = situationOf(aSparkApplication({ spec: before }), UNSEEN, now);
  const live = {
    ...aSparkApplication({ spec: before }),
    status: { applicationState: { state }, submittedSpec: specHash },
  };
  return planSparkApplication({ source: 'f.yaml', wanted: aSparkApplication({ spec }), live, compared: true }, { now });
}

describe('the plan for a SparkApplication', () => {
  it.each<[string, string, Spec, Spec, Partial<ResourcePlan>]>([
    ['nothing differs', 'RUNNING', {}, {}, { decision: 'no-op', reason: 'NoDifference', objects: [] }],
    ['only the time to live differs', 'COMPLETED', {}, { timeToLiveSeconds: 5 }, { decision: 'no-op' }],
    ['arguments differ', 'RUNNING', {}, { arguments: ['2'] }, { decision: 'restart', reason: 'SpecChanged', pods: 3 }],
    ['arguments of what has ended differ', 'FAILED', {}, { arguments: ['2'] }, { decision: 'restart' }],
    ['it is to be suspended', 'RUNNING', {}, { suspend: true }, { decision: 'suspend', objects: [] }],
    ['it is suspended', 'SUSPENDED', {}, { suspend: true }, { decision: 'no-op', reason: 'Suspended' }],
    ['it is to go on', 'SUSPENDED', { suspend: true }, { suspend: false }, { decision: 'resume' }],
    [
      'the spec is refused',
      'RUNNING',
      {},
      { mode: 'client' },
      { decision: 'refuse', reason: 'ValidationError', pods: null },
    ],
  ])('where %s', (_name, state, before, spec, expected) => {
    expect(compare(state, before, spec)).toMatchObject(expected);
  });

  it('names the fields that an edit changes, and none where nothing is stored', () => {
    const before = { executor: { instances: 2 }, sparkConf: { 'spark.ui.port': '4040' }, arguments: ['1'] };
    const after = {
      executor: { instances: 3 },
      sparkConf: { 'spark.ui.port': '4041' },
      arguments: ['1'],
      suspend: false,
    };
    expect(compare('RUNNING', before, after).changes).toEqual([
      'spec.executor.instances',
      'spec.sparkConf["spark.ui.port"]',
      'spec.suspend',
    ]);
    const wanted = aSparkApplication({ spec: after });
    expect(
      planSparkApplication({ source: 'f.yaml', wanted, live: undefined, compared: true }, { now }).changes,
    ).toEqual([]);
  });

  it('leaves a run alone whose executors alone are placed otherwise, where the operator does', () => {
    const before = { executor: { nodeSelector: { spot: 'true' } } };
    const after = { executor: { nodeSelector: { spot: 'false' } } };
    const { specHash, programHash } = situationOf(aSparkApplication({ spec: before }), UNSEEN, now);
    const applicationState = { state: 'RUNNING' };
    const status = { applicationState, submittedSpec: specHash, submittedProgram: programHash };
    const live = { ...aSparkApplication({ spec: before }), status };
    const subject = { source: 'f.yaml', wanted: aSparkApplication({ spec: after }), live, compared: true };
    const planned = (partialRestart: boolean) =>
      planSparkApplication(subject, { now, spark: { ...DEFAULT_SETTINGS, partialRestart } });
    expect(planned(false)).toMatchObject({ decision: 'restart', reason: 'SpecChanged' });
    expect(planned(true)).toMatchObject({ decision: 'no-op', reason: 'SparkApplicationWebhookFieldsUpdated' });
  });

  it('starts with the largest number of executors dynamic allocation names, and says that it varies', () => {
    const dynamicAllocation = { enabled: true, minExecutors: 1, initialExecutors: 4, maxExecutors: 9 };
    const wanted = aSparkApplication({ spec: { dynamicAllocation, executor: { instances: undefined } } });
    const plan = planSparkApplication({ source: 'f.yaml', wanted, live: undefined, compared: false }, { now });
    expect(plan.pods).toBe(5);
    expect(plan.guesses).toContain('Spark makes between 1 and 9 executors as it needs them');
  });

  it('compares what would be submitted with what the cluster can give, as the operator does under the gate', () => {
    const capacity = known(aCluster([aNode('n1', { cpu: '2', memory: '64Gi' })]));
    const planned = (spec: Spec, annotations = {}): ResourcePlan['capacity'] => {
      const wanted = aSparkApplication({ spec, metadata: { annotations } });
      const subject = { source: 'f.yaml', wanted, live: undefined, compared: true, capacity };
      return planSparkApplication(subject, { now }).capacity;
    };
    expect(planned({ executor: { instances: 1 } })).toMatchObject({ status: 'True', reason: 'Fits', held: false });
    expect(planned({})).toMatchObject({ status: 'False', reason: 'NotEnoughFree', held: false });
    expect(planned({}, { 'weir.dev/capacity-gate': 'wait' })).toMatchObject({ held: true });
    expect(planned({ suspend: true })).toBeNull();
    expect(compare('RUNNING', {}, { arguments: ['2'] }).capacity).toBeNull();
  });
});
