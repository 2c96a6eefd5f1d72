import { describe, expect, it } from 'vitest';
import { unasked, unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import { decide } from './decide.ts';
import type { JobException, JobManagerAnswer, Observed } from './observed.ts';
import { UNSEEN } from './observed.ts';
import { encodeSpec } from './record.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import { situationOf } from './situation.ts';
import { NO_CHECKPOINTS } from './snapshot-facts.ts';
import {
  actionsOf,
  answer,
  child,
  condition,
  type Given,
  INTERVALS,
  JOB,
  job,
  jobManager,
  OTHER_START,
  resourceOf,
  whole,
} from './testing/pass.ts';
import { aFlinkDeployment, type DeepPartial } from './testing.ts';

type Spec = DeepPartial<FlinkDeploymentSpec>;

const OPTIONS = {
  'state.checkpoints.dir': 's3://b/checkpoints',
  'state.savepoints.dir': 's3://b/savepoints',
  'execution.checkpointing.interval': '10 s',
  'execution.checkpointing.timeout': '1 min',
  'kubernetes.operator.deployment.rollback.enabled': 'true',
};
const HA = { ...OPTIONS, 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/ha' };
const HA_DATA = [
  child('ConfigMap', `orders-${JOB}-config-map`, OTHER_START, { data: { 'checkpointID-0000000000000000007': '' } }),
];

const good = (options: Spec['flinkConfiguration'] = HA): Spec => ({
  image: 'jobs:good',
  job: { upgradeMode: 'last-state' },
  flinkConfiguration: options,
});
const bad = (options: Spec['flinkConfiguration'] = HA): Spec => ({ ...good(options), image: 'jobs:bad' });

/** The spec that last ran well, as its status has it. */
function stable(spec: Spec): string {
  const state = spec.job?.state === 'suspended' ? 'suspended' : 'running';
  return encodeSpec(aFlinkDeployment({ spec }).spec, state, false);
}

interface Pass extends Given {
  readonly stable?: Spec;
  readonly reconciliation?: 'ROLLING_BACK' | 'ROLLED_BACK';
  /** How long ago the spec was acted on. */
  readonly ageMs?: number;
}

/** One pass over a resource with a spec that ran well before. */
function pass({ stable: ran = good(), reconciliation, ageMs = 400_000, ...given }: Pass): FlinkPlan {
  const base = resourceOf({ recorded: bad(), spec: bad(), ...given });
  const status = base.status as FlinkDeploymentStatus;
  const reconciliationStatus = {
    ...status.reconciliationStatus,
    ...(reconciliation === undefined ? {} : { state: reconciliation }),
    lastStableSpec: stable(ran),
  };
  const resource = { ...base, status: { ...status, reconciliationStatus } };
  const now = new Date(1000 + ageMs);
  const observed = { ...UNSEEN, jobManager, children: whole, ...given.observed };
  return decide(situationOf(resource, observed, now, { flinkConfiguration: {} }), INTERVALS);
}

function says(state: 'RUNNING' | 'RESTARTING' | 'FAILED', more: Partial<JobManagerAnswer> = {}): Partial<Observed> {
  const active = state === 'RUNNING' ? 2 : 0;
  return { rest: answer(job({ state, tasks: { total: 2, active } }), more) };
}

const imageOf = ({ actions }: FlinkPlan): string | undefined =>
  actions.flatMap((action) =>
    action.kind === 'create' ? [/jobs:\w+/.exec(JSON.stringify(action.object))?.[0]] : [],
  )[0];

describe('a spec that does not become stable in time', () => {
  it('is given up for the last stable one, through high-availability data, and stays recorded', () => {
    const decided = pass({ observed: { ...says('RESTARTING'), haConfigMaps: HA_DATA } });
    expect(actionsOf(decided)).toContain('delete Deployment orders uid-orders Foreground');
    expect(decided.status).toMatchObject({
      lifecycleState: 'ROLLING_BACK',
      jobStatus: { jobId: JOB },
      restore: { mode: 'last-state' },
      reconciliationStatus: { state: 'ROLLING_BACK', lastStableSpec: stable(good()) },
    });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('jobs:bad');
    expect(decided.events.map(({ reason }) => reason)).toContain('Rollback');
  });

  it('is not given up before its time, but looked at then', () => {
    const decided = pass({ observed: { ...says('RESTARTING'), haConfigMaps: HA_DATA }, ageMs: 100_000 });
    expect(decided.because).toBe('JobRestarting');
    expect(decided.requeueAfterMs).toBe(200_000);
  });

  it('is given up without high availability for what its run began from, which the last stable spec can read', () => {
    const given = { stable: good(OPTIONS), recorded: bad(OPTIONS), spec: bad(OPTIONS) };
    const begun = {
      restore: { mode: 'savepoint', path: 's3://b/sp', declaredMode: 'last-state', why: 'x' },
      jobStatus: { upgradeSavepointPath: 's3://b/sp' },
    } as const;
    const failing = { checkpoints: { ...NO_CHECKPOINTS, counts: { ...NO_CHECKPOINTS.counts, failed: 3 } } };
    const decided = pass({ ...given, status: begun, observed: says('RUNNING', failing) });
    expect(decided.because).toBe('CancellingJob');
    expect(decided.status).toMatchObject({ lifecycleState: 'ROLLING_BACK', stopping: { by: 'cancel' } });
    expect(decided.status?.reconciliationStatus?.state).toBe('ROLLING_BACK');
    const { stopping } = decided.status ?? {};
    const status = { ...begun, stopping: stopping ?? {} };
    const rest = answer(job({ state: 'CANCELED', tasks: { total: 2, active: 0 } }), { checkpoints: NO_CHECKPOINTS });
    const next = pass({ ...given, reconciliation: 'ROLLING_BACK', status, observed: { rest } });
    expect(next.status).toMatchObject({ restore: { mode: 'savepoint', path: 's3://b/sp' } });
    expect(next.status?.reconciliationStatus).toMatchObject({
      state: 'ROLLING_BACK',
      lastStableSpec: stable(good(OPTIONS)),
    });
  });

  it('is given up without high availability for its newest checkpoint, by cancelling it', () => {
    const given = { stable: good(OPTIONS), recorded: bad(OPTIONS), spec: bad(OPTIONS) };
    expect(pass({ ...given, observed: says('RESTARTING') }).because).toBe('CancellingJob');
  });

  it('is kept where nobody knows its newest state', () => {
    const given = { stable: good(OPTIONS), recorded: bad(OPTIONS), spec: bad(OPTIONS) };
    expect(pass({ ...given, observed: { jobManager: undefined } }).because).toBe('ManualRestoreRequired');
  });

  it('is given up at once after a restore that failed', () => {
    const none = { taskName: undefined, endpoint: undefined, taskManagerId: undefined };
    const stackTrace = `x\nCaused by: java.lang.IllegalStateException: There is no operator for the state ${'a'.repeat(32)}`;
    const exception: JobException = { name: 'x', stackTrace, timestamp: 1, ...none };
    const restore = {
      mode: 'last-state',
      path: 's3://b/chk-7',
      checkpointId: 7,
      declaredMode: 'last-state',
      why: 'x',
    } as const;
    const status = { restore, jobStatus: { upgradeSavepointPath: 'KUBERNETES_OPERATOR_LAST_STATE' } };
    const facts = job({ state: 'FAILED', exception, tasks: { total: 2, active: 0 } });
    const failed = pass({ status, ageMs: 20_000, observed: { rest: answer(facts), haConfigMaps: HA_DATA } });
    expect(failed.because).toBe('RestoreFailed');
    const left = { jobManager: undefined, children: [], haConfigMaps: HA_DATA };
    const stuck: Pass = {
      state: 'UPGRADING',
      jobState: 'suspended',
      mode: 'last-state',
      ageMs: 20_000,
      observed: left,
    };
    const decided = pass({ ...stuck, status: failed.status ?? {} });
    expect([decided.because, imageOf(decided)]).toEqual(['Deploying', 'jobs:good']);
    expect(decided.status?.reconciliationStatus?.state).toBe('ROLLING_BACK');
  });

  it.each<readonly [string, Pass]>([
    [
      'where rollback is off',
      {
        spec: good(OPTIONS),
        stable: { ...good(), image: 'jobs:before' },
        recorded: {
          ...good(),
          flinkConfiguration: { ...HA, 'kubernetes.operator.deployment.rollback.enabled': 'false' },
        },
      },
    ],
    ['to another Flink version', { stable: { ...good(), flinkVersion: 'v1_20' } }],
    ['to a suspended job', { stable: { ...good(), job: { ...good().job, state: 'suspended' } } }],
    ['to itself', { stable: bad() }],
  ])('is not given up %s', (_name, given) => {
    const observed = { ...says('RESTARTING'), haConfigMaps: HA_DATA };
    const spec = given.recorded === undefined || given.recorded === false ? {} : { spec: given.recorded };
    expect(pass({ ...given, ...spec, observed }).because).toBe('JobRestarting');
  });

  it('is not given up while it runs well and waits for its first checkpoint', () => {
    const observed = { ...says('RUNNING', { checkpoints: NO_CHECKPOINTS }), haConfigMaps: HA_DATA };
    expect(pass({ observed, ageMs: 300_000 + 60_000 }).because).toBe('JobRunning');
    expect(pass({ observed, ageMs: 300_000 + 80_000 }).status?.lifecycleState).toBe('ROLLING_BACK');
  });
});

describe('a rollback', () => {
  const gone: Partial<Observed> = { jobManager: undefined, children: [], haConfigMaps: HA_DATA };
  const starting: Pass = { reconciliation: 'ROLLING_BACK', jobState: 'suspended', mode: 'last-state' };

  it('starts the last stable spec, whatever dies meanwhile', () => {
    const decided = pass({ ...starting, observed: gone });
    expect([decided.because, imageOf(decided)]).toEqual(['Deploying', 'jobs:good']);
    expect(decided.status?.lifecycleState).toBe('ROLLING_BACK');
  });

  it('drops no state, whatever the last stable spec lets it drop', () => {
    const lets = { ...good(OPTIONS), job: { ...good().job, allowNonRestoredState: true } };
    const options = { stable: lets, recorded: bad(OPTIONS), spec: bad(OPTIONS) };
    const status = {
      restore: { mode: 'savepoint', path: 's3://b/sp', declaredMode: 'last-state', why: 'x' },
      jobStatus: { upgradeSavepointPath: 's3://b/sp' },
    } as const;
    const rolled = pass({
      ...starting,
      ...options,
      mode: 'savepoint',
      status,
      observed: { ...gone, haConfigMaps: [] },
    });
    expect([rolled.because, imageOf(rolled)]).toEqual(['Deploying', 'jobs:good']);
    expect(JSON.stringify(rolled.actions)).not.toMatch(/ignore-unclaimed-state|allowNonRestoredState/);
    const upgraded = pass({
      ...options,
      spec: lets,
      state: 'UPGRADING',
      jobState: 'suspended',
      mode: 'savepoint',
      status,
      observed: { ...gone, haConfigMaps: [] },
    });
    expect(JSON.stringify(upgraded.actions)).toMatch(/ignore-unclaimed-state/);
  });

  it('is over when that was deployed', () => {
    const decided = pass({ ...starting, observed: { rest: answer(undefined), haConfigMaps: HA_DATA } });
    expect(decided.because).toBe('WaitingForJobManager');
    expect(decided.status?.reconciliationStatus).toMatchObject({
      state: 'ROLLED_BACK',
      lastStableSpec: stable(good()),
    });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('jobs:bad');
  });

  it('is said for as long as its spec is not edited', () => {
    const decided = pass({ reconciliation: 'ROLLED_BACK', observed: says('RUNNING', { snapshotSeen: true }) });
    expect([decided.because, decided.actions]).toEqual(['RolledBack', []]);
    expect(decided.status?.lifecycleState).toBe('ROLLED_BACK');
    expect(condition(decided, 'Ready')).toMatchObject({ status: 'False', reason: 'RolledBack' });
    expect(condition(decided, 'Running')?.status).toBe('True');
    expect(decided.status?.reconciliationStatus?.lastStableSpec).toBe(stable(good()));
  });

  it('gives way to a new spec, before and after', () => {
    const spec = { ...good(), image: 'jobs:next' };
    const after = pass({
      reconciliation: 'ROLLED_BACK',
      spec,
      observed: { ...says('RUNNING'), haConfigMaps: HA_DATA },
    });
    expect(after.status?.reconciliationStatus?.state).toBe('UPGRADING');
    expect(after.status?.reconciliationStatus?.lastReconciledSpec).toContain('jobs:next');
    const during = pass({ ...starting, spec, observed: gone });
    expect([during.status?.reconciliationStatus?.state, imageOf(during)]).toEqual(['UPGRADING', 'jobs:next']);
  });

  it('needs no restart when its user puts the last stable spec back', () => {
    const decided = pass({
      reconciliation: 'ROLLED_BACK',
      spec: good(),
      observed: says('RUNNING', { snapshotSeen: true }),
    });
    expect([decided.because, decided.actions]).toEqual(['JobRunning', []]);
    expect(decided.status?.reconciliationStatus?.state).toBe('DEPLOYED');
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('jobs:good');
  });
});

describe('a session whose JobManager does not come up in time', () => {
  const cluster = (image: string) => ({ image, job: undefined, flinkConfiguration: HA });
  const session = (given: Pass): FlinkPlan =>
    pass({ stable: cluster('jobs:good'), recorded: cluster('jobs:bad'), spec: cluster('jobs:bad'), ...given });
  const silent: Partial<Observed> = { rest: unknown('connection refused') };

  it('is started anew by the last stable spec, its high-availability data kept', () => {
    expect(session({ observed: silent, ageMs: 200_000 }).because).toBe('WaitingForJobManager');
    const decided = session({ observed: { ...silent, haConfigMaps: HA_DATA } });
    expect(actionsOf(decided)).toContain('delete Deployment orders uid-orders Foreground');
    expect(decided.events.map(({ reason }) => reason)).toContain('Rollback');
    expect(decided.status).toMatchObject({
      lifecycleState: 'ROLLING_BACK',
      reconciliationStatus: { state: 'ROLLING_BACK' },
    });
    const next = session({
      reconciliation: 'ROLLING_BACK',
      observed: { jobManager: undefined, children: [], haConfigMaps: HA_DATA },
    });
    expect([next.because, imageOf(next)]).toEqual(['Deploying', 'jobs:good']);
  });

  it('is said for as long as its spec is not edited', () => {
    const decided = session({ reconciliation: 'ROLLED_BACK', observed: { rest: answer(undefined) } });
    expect([decided.because, decided.status?.lifecycleState, decided.actions]).toEqual([
      'RolledBack',
      'ROLLED_BACK',
      [],
    ]);
    expect(condition(decided, 'Running')?.status).toBe('True');
    const edited = session({
      reconciliation: 'ROLLED_BACK',
      spec: cluster('jobs:next'),
      observed: { rest: answer(undefined) },
    });
    expect([edited.status?.reconciliationStatus?.state, edited.events[0]?.reason]).toEqual([
      'UPGRADING',
      'SpecChanged',
    ]);
  });

  it('is started anew, too, where its pod cannot come up, so that nobody asks it', () => {
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node' };
    const labels = { app: 'orders', component: 'jobmanager' };
    const pods = [child('Pod', 'orders-1', { labels }, { status: { phase: 'Pending', conditions: [unscheduled] } })];
    expect(session({ observed: { rest: unasked, pods } }).status?.lifecycleState).toBe('ROLLING_BACK');
    expect(session({ observed: { rest: unasked } }).status?.lifecycleState).toBe('DEPLOYED');
  });

  it('is left as it is where it answered before', () => {
    expect(session({ stable: cluster('jobs:bad'), observed: silent }).because).toBe('WaitingForJobManager');
  });
});

describe('a stable spec', () => {
  const observed = (more: Partial<JobManagerAnswer>) => ({
    observed: says('RUNNING', more),
    stable: bad(),
    ageMs: 1000,
  });

  it('has a job that completed a checkpoint, where it takes any', () => {
    expect(pass(observed({})).status?.lifecycleState).not.toBe('ROLLING_BACK');
    const before = pass({ ...observed({}), stable: good() });
    expect(before.status?.lifecycleState).toBe('DEPLOYED');
    const after = pass({ ...observed({ snapshotSeen: true }), stable: good() });
    expect(after.status?.lifecycleState).toBe('STABLE');
    expect(after.status?.reconciliationStatus?.lastStableSpec).toBe(stable(bad()));
  });

  it('has all its tasks running', () => {
    const partly = answer(job({ tasks: { total: 2, active: 1 } }), { snapshotSeen: true });
    expect(pass({ observed: { rest: partly }, ageMs: 1000 }).status?.lifecycleState).toBe('DEPLOYED');
  });
});
