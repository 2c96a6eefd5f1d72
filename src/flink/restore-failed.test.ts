import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkPlan } from './decide.ts';
import type { JobException, Observed } from './observed.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import { rootCause } from './stack-trace.ts';
import { actionsOf, answer, child, condition, JOB, job, jobManager, OTHER_START, plan } from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const OPERATOR = '4bf7c1955ffe56e2106d666433eaf137';
const PATH = `s3://b/checkpoints/${JOB}/chk-7`;

const SPEC: DeepPartial<FlinkDeploymentSpec> = {
  job: { upgradeMode: 'last-state' },
  flinkConfiguration: {
    'state.checkpoints.dir': 's3://b/checkpoints',
    'high-availability.type': 'kubernetes',
    'high-availability.storageDir': 's3://b/ha',
  },
};

const STARTED: FlinkDeploymentStatus = {
  jobStatus: { upgradeSavepointPath: 'KUBERNETES_OPERATOR_LAST_STATE' },
  restore: { mode: 'last-state', path: PATH, checkpointId: 7, declaredMode: 'last-state', why: 'x' },
};

function haData(checkpointId: number) {
  const data = { [`checkpointID-000000000000000000${checkpointId}`]: '' };
  return [child('ConfigMap', `orders-${JOB}-config-map`, OTHER_START, { data })];
}

function exception(cause: string): JobException {
  const none = { taskName: undefined, endpoint: undefined, taskManagerId: undefined };
  return { name: 'x', stackTrace: `JobInitializationException: x\nCaused by: ${cause}`, timestamp: 1, ...none };
}

const UNMAPPED = exception(`java.lang.IllegalStateException: There is no operator for the state ${OPERATOR}`);
const MIGRATION = exception('org.apache.flink.util.StateMigrationException: must not be incompatible');

function says(state: 'FAILED' | 'RESTARTING' | 'RUNNING', why: JobException, active = 0): Partial<Observed> {
  const facts = job({ state, exception: why, tasks: { total: 2, active } });
  return { jobManager, rest: answer(facts), haConfigMaps: haData(7) };
}

/** A JobManager that ended, by what its logging wrote of that, and another one in its pod. */
function died(rest: Observed['rest'], start: Partial<KubeObject['metadata']> = {}): Partial<Observed> {
  const message = `${rootCause(UNMAPPED.stackTrace)}\n\tat x\nFatal error occurred in the cluster entrypoint.\n`;
  const status = { containerStatuses: [{ name: 'flink-main-container', lastState: { terminated: { message } } }] };
  const pod = child('Pod', 'orders-1', { labels: { component: 'jobmanager' }, ...start }, { status });
  return { jobManager, rest, pods: [pod], haConfigMaps: haData(7) };
}

/** A pass over a job that was started from its checkpoint 7. */
function started(observed: Partial<Observed>, spec = SPEC): FlinkPlan {
  return plan({ spec, recorded: spec, status: STARTED, observed });
}

/** A pass over what the restore failure of a job left. */
function afterFailure(
  observed: Partial<Observed>,
  spec = SPEC,
  mode: 'last-state' | 'savepoint' = 'last-state',
): FlinkPlan {
  const { status } = started(says('FAILED', UNMAPPED));
  return plan({
    spec,
    recorded: SPEC,
    status: status ?? {},
    state: 'UPGRADING',
    jobState: 'suspended',
    mode,
    observed,
  });
}

describe('a job whose state cannot be restored', () => {
  it('is named with its operator and the ways out, and taken down with its state kept', () => {
    const decided = started(says('FAILED', UNMAPPED));
    expect(decided.because).toBe('RestoreFailed');
    expect(actionsOf(decided)).toEqual(['delete Deployment orders uid-orders Foreground']);
    expect(condition(decided, 'Stalled')?.message).toContain(`state of operator ${OPERATOR}`);
    expect(condition(decided, 'Ready')).toMatchObject({ status: 'False', reason: 'RestoreFailed' });
    expect(decided.status).toMatchObject({
      lifecycleState: 'FAILED',
      jobStatus: { jobId: JOB, state: 'FAILED' },
      restore: { mode: 'last-state', path: PATH, failure: { kind: 'unmapped-state', operators: [OPERATOR] } },
      reconciliationStatus: { state: 'UPGRADING' },
    });
    expect(decided.events.map(({ reason }) => reason)).toContain('RestoreFailed');
  });

  it('does not try for ever', () => {
    expect(started(says('RESTARTING', MIGRATION)).because).toBe('RestoreFailed');
    expect(started(says('RUNNING', MIGRATION, 1)).because).toBe('RestoreFailed');
  });

  it.each([
    ['does not answer', unknown('no answer')],
    ['knows nothing of the job any more', answer(undefined)],
    ['begins once more', answer(job({ state: 'INITIALIZING', tasks: { total: 0, active: 0 } }))],
  ])('is told by the pod of a JobManager that died at once and %s', (_what, rest) => {
    expect(started(died(rest)).because).toBe('RestoreFailed');
  });

  it('is not told by what a JobManager died of before its job began, or in another start', () => {
    expect(started(died(answer(job({ state: 'RESTARTING' })))).because).toBe('JobRestarting');
    expect(started(died(answer(job(), { snapshotSeen: true }))).because).toBe('JobRunning');
    expect(started(died(unknown('no answer'), OTHER_START)).because).toBe('WaitingForJobManager');
  });

  it('is not seen in a job that runs, that has taken a snapshot since, or that began empty', () => {
    expect(started(says('RUNNING', MIGRATION, 2)).because).toBe('JobRunning');
    const since = answer(job({ state: 'RESTARTING', exception: MIGRATION }), { snapshotSeen: true });
    expect(started({ jobManager, rest: since }).because).toBe('JobRestarting');
    const restore = { mode: 'stateless', declaredMode: 'last-state', why: 'x' } as const;
    const empty = plan({ spec: SPEC, recorded: SPEC, status: { restore }, observed: says('FAILED', UNMAPPED) });
    expect(empty.because).toBe('JobFailed');
  });

  it('goes on from the newest checkpoint, should it have taken some before it was lost', () => {
    const { status } = started({ ...says('RESTARTING', MIGRATION), haConfigMaps: haData(9) });
    expect(status?.restore).toMatchObject({ mode: 'last-state', checkpointId: 9 });
    expect(status?.restore?.path).toBeUndefined();
  });

  it('is left alone until its user acts', () => {
    const decided = afterFailure({ haConfigMaps: haData(7) });
    expect([decided.because, decided.actions, decided.requeueAfterMs]).toEqual(['RestoreFailed', [], undefined]);
    expect(decided.status?.jobStatus?.state).toBe('FAILED');
  });

  it('is started without the state of that operator, from its path, once that is allowed', () => {
    const allowed = { ...SPEC, job: { ...SPEC.job, allowNonRestoredState: true } };
    const decided = afterFailure({}, allowed);
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', path: PATH });
    expect(decided.status?.restore?.failure).toBeUndefined();
    expect(decided.status?.jobStatus?.jobId).not.toBe(JOB);
    expect(JSON.stringify(decided.actions)).toContain('ignore-unclaimed-state');
    const before = started(says('FAILED', UNMAPPED), allowed);
    expect(before.status?.restore).toMatchObject({ mode: 'savepoint', path: PATH });
  });

  it('goes back to the spec before from where its state is', () => {
    const back = { ...SPEC, image: 'flink:before' };
    const kept = afterFailure({ haConfigMaps: haData(7) }, back);
    expect(kept.status).toMatchObject({ restore: { mode: 'last-state' }, jobStatus: { jobId: JOB } });
    expect(afterFailure({}, back).status?.restore).toMatchObject({ mode: 'savepoint', path: PATH });
  });

  it('starts empty once its user says so', () => {
    const decided = afterFailure({}, { ...SPEC, job: { upgradeMode: 'stateless' } });
    expect(decided.status?.restore).toMatchObject({ mode: 'stateless' });
    expect(actionsOf(decided)).toContain('create Deployment orders');
  });

  it('can be suspended, and goes on from its state', () => {
    const decided = afterFailure({}, { ...SPEC, job: { ...SPEC.job, state: 'suspended' } });
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', path: PATH });
  });
});
