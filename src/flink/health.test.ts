import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkPlan } from './decide.ts';
import { HEALTH_KEY, healthQuestion } from './health.ts';
import type { HealthFacts, Observed } from './observed.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import {
  actionsOf,
  answer,
  child,
  condition,
  JOB,
  job,
  jobManager,
  NOW,
  OTHER_START,
  plan,
  resourceOf,
  whole,
} from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const MINUTE = 60_000;
const now = NOW.getTime();
const CHECK = 'kubernetes.operator.cluster.health-check.';
const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'high-availability.storageDir': 's3://b/ha' };
const HA = { ...FOLDERS, 'high-availability.type': 'kubernetes', 'execution.checkpointing.interval': '1 min' };
const NONE = { flinkConfiguration: {} };
const ENABLED = { [`${CHECK}enabled`]: 'true', [`${CHECK}restarts.threshold`]: '3' };

/** What is kept, `restarts` counted up to `minutes` ago. */
function kept(restarts: number, minutes: number, more: object = {}): string {
  return JSON.stringify({
    timeStamp: now - minutes * MINUTE,
    numRestarts: restarts,
    numRestartsEvaluationTimeStamp: now - minutes * MINUTE,
    numCompletedCheckpoints: 5,
    numCompletedCheckpointsIncreasedTimeStamp: now - minutes * MINUTE,
    healthResult: { healthy: true, error: null },
    ...more,
  });
}

const POINTERS: KubeObject[] = [
  child('ConfigMap', `orders-${JOB}-config-map`, OTHER_START, { data: { 'checkpointID-0000000000000000007': '' } }),
];

interface Case {
  readonly facts?: Partial<HealthFacts>;
  readonly info?: string;
  readonly conf?: Readonly<Record<string, string>>;
  readonly mode?: 'stateless' | 'last-state' | 'savepoint';
  readonly observed?: Partial<Observed>;
  readonly state?: ReturnType<typeof job>['state'];
}

/** The pass over a job that runs, at rest but for its health. */
function pass({ facts, info, conf = HA, mode = 'last-state', observed, state = 'RUNNING' }: Case): FlinkPlan {
  const spec: DeepPartial<FlinkDeploymentSpec> = {
    job: { upgradeMode: mode },
    flinkConfiguration: { ...ENABLED, ...conf },
  };
  const status: FlinkDeploymentStatus = info === undefined ? {} : { clusterInfo: { [HEALTH_KEY]: info } };
  const health = { restarts: 0, completedCheckpoints: 5, ...facts };
  const rest = answer(job({ state }), { health });
  return plan({ spec, status, observed: { jobManager, children: whole, haConfigMaps: POINTERS, rest, ...observed } });
}

const infoOf = ({ status }: FlinkPlan): unknown => JSON.parse(status?.clusterInfo?.[HEALTH_KEY] ?? 'null');

describe('what is kept of the health of a job', () => {
  it('begins with the first answer, in the fields of the incumbent', () => {
    expect(pass({ facts: { restarts: 7 } }).status?.clusterInfo?.[HEALTH_KEY]).toBe(
      `{"timeStamp":${now},"numRestarts":7,"numRestartsEvaluationTimeStamp":${now},"numCompletedCheckpoints":5,` +
        `"numCompletedCheckpointsIncreasedTimeStamp":${now},"healthResult":{"healthy":true,"error":null}}`,
    );
  });

  it('stays as it is while nothing happens, and while restarts are counted within a window', () => {
    expect(pass({ facts: { restarts: 7 }, info: kept(7, 600) }).status?.clusterInfo?.[HEALTH_KEY]).toBe(kept(7, 600));
    const counted = pass({ facts: { restarts: 9, completedCheckpoints: 6 }, info: kept(7, 1) });
    expect(counted.status?.clusterInfo?.[HEALTH_KEY]).toBe(kept(7, 1));
  });

  it.each([
    ['the first restart after a window', { restarts: 8 }, kept(7, 3)],
    ['counts that fall, since the JobManager was restarted', { restarts: 1 }, kept(7, 1)],
    ['text that cannot be read', { restarts: 9 }, 'lost'],
    ['fields that are missing', { restarts: 9 }, '{"timeStamp":1,"numRestarts":0}'],
  ])('begins anew with %s', (_name, facts, info) => {
    const decided = pass({ facts, info });
    expect(infoOf(decided)).toMatchObject({ numRestarts: facts.restarts, numRestartsEvaluationTimeStamp: now });
    expect(decided.because).toBe('JobRunning');
  });

  it('is not touched where the check is off', () => {
    const decided = pass({ facts: { restarts: 90 }, info: kept(7, 1), conf: { ...HA, [`${CHECK}enabled`]: 'false' } });
    expect([decided.because, decided.status?.clusterInfo?.[HEALTH_KEY]]).toEqual(['JobRunning', kept(7, 1)]);
  });
});

describe('a job that is restarted too often', () => {
  it('is started anew from its high-availability data, which is said', () => {
    const decided = pass({ facts: { restarts: 11 }, info: kept(7, 1), state: 'RESTARTING' });
    expect(actionsOf(decided)).toContain('delete Deployment orders uid-orders Foreground');
    expect(actionsOf(decided).some((line) => line.includes(JOB))).toBe(false);
    expect(decided.status).toMatchObject({
      reconciliationStatus: { state: 'UPGRADING' },
      restore: { mode: 'last-state', why: 'it was unhealthy' },
      jobStatus: { jobId: JOB },
    });
    expect(decided.events[0]).toMatchObject({
      type: 'Warning',
      reason: 'RestartUnhealthyJob',
      message: 'Flink restarted the job more than 3 times within 120 s',
      component: 'Job',
    });
  });

  it.each(['FAILED', 'FINISHED', 'CANCELED'] as const)('is left alone once it has %s', (state) => {
    const decided = pass({ facts: { restarts: 11 }, info: kept(7, 1), state });
    expect(decided.events.map(({ reason }) => reason)).not.toContain('RestartUnhealthyJob');
    expect(actionsOf(decided).filter((line) => line.startsWith('delete') || line.startsWith('cancel'))).toEqual([]);
  });

  it('is started empty in mode stateless, cancelled first', () => {
    const decided = pass({ facts: { restarts: 11 }, info: kept(7, 1), mode: 'stateless', conf: FOLDERS });
    expect(actionsOf(decided)).toEqual([`cancel-job ${JOB}`]);
    expect(decided.status?.restore).toMatchObject({ mode: 'stateless' });
  });

  it.each([
    ['high availability is off', { conf: FOLDERS }],
    ['its data is gone', { observed: { haConfigMaps: [] } }],
  ])('goes on as it is, and says so, when %s', (_name, given) => {
    const decided = pass({ facts: { restarts: 11 }, info: kept(7, 1), ...given });
    expect([decided.because, actionsOf(decided)]).toEqual(['JobUnhealthy', []]);
    expect(condition(decided, 'Stalled')).toMatchObject({
      reason: 'JobUnhealthy',
      message:
        'Flink restarted the job more than 3 times within 120 s; it goes on as it is: upgradeMode is last-state and there is ' +
        'no high-availability data to start it anew from',
    });
    expect(decided.events.map(({ reason }) => reason)).toContain('JobUnhealthy');
    expect(infoOf(decided)).toMatchObject({
      numRestarts: 7,
      healthResult: { healthy: false, error: 'Flink restarted the job more than 3 times within 120 s' },
    });
  });

  it.each([
    ['as many restarts as the threshold', 10, kept(7, 1), 'JobRunning'],
    ['restarts over a longer time, by their rate', 14, kept(7, 4), 'JobRunning'],
    ['the same rate over a longer time', 16, kept(7, 4), 'Upgrading'],
  ])('%s', (_name, restarts, info, because) => {
    expect(pass({ facts: { restarts }, info }).because).toBe(because);
  });
});

describe('a job that completes no checkpoints', () => {
  const stalled = (conf: Readonly<Record<string, string>> = HA): FlinkPlan =>
    pass({ facts: { stalledSince: now - 21 * MINUTE }, info: kept(0, 1), conf });

  it('is started anew, which is said', () => {
    const decided = stalled();
    expect(decided.because).toBe('Upgrading');
    expect(decided.events[0]).toMatchObject({
      reason: 'RestartUnhealthyJob',
      message: 'the job has completed no checkpoint since 2026-02-03T03:44:06.000Z, for more than 1200 s',
    });
  });

  it('goes on where its checkpoints are not checked any more', () => {
    expect(stalled({ ...HA, [`${CHECK}checkpoint-progress.enabled`]: 'false' }).because).toBe('JobRunning');
  });
});

describe('the health of a job is asked for', () => {
  const question = (options: Readonly<Record<string, string>>, byOperator: Readonly<Record<string, string>> = {}) => {
    const spec = { flinkConfiguration: options };
    return healthQuestion(resourceOf({ spec }), { flinkConfiguration: byOperator });
  };
  const windowOf = (options: Readonly<Record<string, string>>) =>
    question({ ...ENABLED, ...HA, ...options }).health?.checkpointWindowMs;

  it('where the check is on, by the operator too', () => {
    expect([question(HA), question({ ...ENABLED }), question({}, ENABLED)]).toEqual([
      {},
      { health: {} },
      { health: {} },
    ]);
  });

  it('of an application that was started', () => {
    expect(healthQuestion(resourceOf({ spec: { flinkConfiguration: ENABLED }, recorded: false }), NONE)).toEqual({});
    expect(healthQuestion(resourceOf({ spec: { flinkConfiguration: ENABLED, job: undefined } }), NONE)).toEqual({});
  });

  it.each([
    ['twice the time a checkpoint may take', 20, {}],
    ['a longer one', 40, { 'execution.checkpointing.timeout': '20 min' }],
    ['their interval', 60, { 'execution.checkpointing.interval': '30 min' }],
    ['failures that are tolerated', 50, { 'execution.checkpointing.tolerable-failed-checkpoints': '3' }],
    ['what is set', 30, { [`${CHECK}checkpoint-progress.window`]: '30 min' }],
    ['no less than they may take', 20, { [`${CHECK}checkpoint-progress.window`]: '1 min' }],
    [
      'what is set, without an interval',
      30,
      { 'execution.checkpointing.interval': '0', [`${CHECK}checkpoint-progress.window`]: '30 min' },
    ],
  ])('with a window for checkpoints: %s', (_name, minutes, options) => {
    expect(windowOf(options)).toBe(minutes * MINUTE);
  });

  it.each([
    ['the check of checkpoints is off', { [`${CHECK}checkpoint-progress.enabled`]: 'false' }],
    ['the job takes none', { 'execution.checkpointing.interval': '0' }],
  ])('without one where %s', (_name, options) => {
    expect(windowOf(options)).toBeUndefined();
  });
});
