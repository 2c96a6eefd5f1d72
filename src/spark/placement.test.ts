import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../core/testing/merged.ts';
import type { KubeObject } from '../kube/object.ts';
import { templateMapName } from './conf/submission.ts';
import { executorTemplateMap } from './desired/index.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { effectiveConf } from './spark-conf.ts';
import { actionsOf, driver, type Given, plan, SUBMISSION } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

const settings = { ...DEFAULT_SETTINGS, partialRestart: true };
const SPOT: Spec = { executor: { nodeSelector: { spot: 'true' } } };
const DEMAND: Spec = { executor: { nodeSelector: { spot: 'false' }, priorityClassName: 'high' } };

/** The executors' template as an application of this spec was given it. */
function template(spec: Spec, partialRestart = true): KubeObject {
  const application = aSparkApplication({ spec });
  const given = { ...settings, partialRestart };
  return executorTemplateMap(application, effectiveConf(application, SUBMISSION, given), SUBMISSION, given);
}

const name = templateMapName(SUBMISSION);

function edited(given: Partial<Given>) {
  return plan({ recorded: SPOT, spec: DEMAND, settings, observed: { drivers: [driver('Running')] }, ...given });
}

describe('another placement of executors', () => {
  it('is another run, as long as the operator is not told otherwise', () => {
    expect(edited({ settings: {} }).because).toBe('SpecChanged');
  });

  it('leaves the run alone and gives its driver the new template, until it has that', () => {
    const observed = { drivers: [driver('Running')], supports: [template(SPOT)] };
    const decided = edited({ observed });
    expect(decided.because).toBe('DriverRunning');
    expect(actionsOf(decided)).toEqual([`apply ConfigMap ${name}`]);
    expect(decided.actions[0]).toMatchObject({ object: template(DEMAND) });
    expect(decided.status?.submittedSpec).not.toBe(edited({ spec: SPOT }).status?.submittedSpec);
    expect(decided.events.map(({ reason }) => reason)).toContain('SparkApplicationWebhookFieldsUpdated');
    const after = plan({ spec: DEMAND, settings, observed });
    expect(actionsOf(after)).toEqual([`apply ConfigMap ${name}`]);
    expect(after.events).toEqual([]);
    const done = plan({ spec: DEMAND, settings, observed: { ...observed, supports: [template(DEMAND)] } });
    expect(done.actions).toEqual([]);
  });

  it('waits for the next run where the template cannot change, or there is none', () => {
    const fixed = { drivers: [driver('Running')], supports: [template(SPOT, false)] };
    expect(template(SPOT, false).immutable).toBe(true);
    expect(edited({ observed: fixed }).actions).toEqual([]);
    expect(edited({}).actions).toEqual([]);
  });

  it('runs nothing that has ended again', () => {
    expect(edited({ state: 'COMPLETED' }).because).toBe('Completed');
  });

  it.each<[string, Partial<Given>]>([
    ['beside anything else', { spec: { ...DEMAND, arguments: ['1'] } }],
    ['of a driver', { recorded: {}, spec: { driver: { priorityClassName: 'high' } } }],
    ['that an older version submitted', { status: { submittedProgram: undefined as unknown as string } }],
  ])('%s is another run', (_name, given) => {
    expect(edited(given).because).toBe('SpecChanged');
  });
});

it('a driver that may still be made is made from the new placement, as another submission', () => {
  const decided = edited({ state: 'SUBMITTED', seen: false, observed: {} });
  expect(decided.because).toBe('WaitingForDriver');
  expect(decided.status?.submissionID).not.toBe(SUBMISSION.submissionId);
});

describe('the time to live of the operator', () => {
  const status = { terminationTime: '2026-02-03T04:05:00Z' };
  const ended = (spec: Spec, defaultTimeToLiveSeconds: number) =>
    plan({ state: 'COMPLETED', status, spec, settings: { defaultTimeToLiveSeconds } });

  it('holds for an application that says nothing of its own', () => {
    expect(ended({}, 0).requeueAfterMs).toBeUndefined();
    expect(ended({}, 90).requeueAfterMs).toBe(30_000);
    expect(actionsOf(ended({}, 60))).toEqual(['delete SparkApplication pi']);
    expect(ended({ timeToLiveSeconds: 90 }, 60).requeueAfterMs).toBe(30_000);
    expect(actionsOf(ended({ timeToLiveSeconds: 0 }, 90))).toEqual(['delete SparkApplication pi']);
  });
});
