import { describe, expect, it } from 'vitest';
import { COUNTING } from './code.ts';
import { Bench, JOB, type Running } from './testing/bench.ts';

const TRIGGER = 'cd'.repeat(16);

async function bodyOf(running: Running, path: string): Promise<Record<string, unknown>> {
  return (await running.ask(path)).body as Record<string, unknown>;
}

async function stateOf(running: Running): Promise<unknown> {
  const { jobs } = (await bodyOf(running, '/jobs/overview')) as { jobs: { state: string }[] };
  return jobs[0]?.state;
}

function jobMap(bench: Bench, id = JOB): readonly string[] {
  return Object.keys((bench.kube.objects.get(`ConfigMap orders-${id}-config-map`)?.data as object) ?? {}).sort();
}

describe('a JobManager with high availability', () => {
  it('runs its job once there are slots and takes checkpoints', async () => {
    const bench = new Bench();
    const jobManager = bench.jobManager();
    expect(jobManager.process.ready()).toBe(false);
    await expect(jobManager.ask('/config')).rejects.toThrow('ECONNREFUSED');
    bench.advance(10_000);
    expect(await bodyOf(jobManager, '/jobs/overview')).toMatchObject({
      jobs: [{ jid: JOB, state: 'RUNNING', tasks: { total: 2, scheduled: 2, running: 0 } }],
    });
    bench.taskManager();
    bench.advance(23_000);
    expect(await bodyOf(jobManager, '/jobs/overview')).toMatchObject({ jobs: [{ tasks: { total: 2, running: 2 } }] });
    expect(bench.world.truth.snapshots.map(({ path, discardedBy }) => [path, discardedBy])).toEqual([
      [`s3://state/checkpoints/${JOB}/chk-1`, 'subsumed'],
      [`s3://state/checkpoints/${JOB}/chk-2`, undefined],
    ]);
    expect(jobMap(bench)).toEqual(['checkpointID-0000000000000000002', 'counter']);
    const map = bench.kube.objects.get('ConfigMap orders-cluster-config-map');
    expect(map?.metadata.labels).toEqual({
      app: 'orders',
      type: 'flink-native-kubernetes',
    });
    expect(Object.keys(map?.data as object)).toEqual([`executionPlan-${JOB}`]);
  });

  it('keeps what it knows on SIGTERM, and the next one goes on with it', async () => {
    const bench = new Bench();
    const first = bench.runningJob();
    bench.advance(15_000);
    first.process.terminate();
    bench.advance(500);
    expect(first.process.exitCode()).toBe(143);
    expect(jobMap(bench)).toContain('checkpointID-0000000000000000001');
    bench.jobManager();
    bench.advance(8_000);
    const [before, after] = bench.world.truth.executions;
    expect(before).toMatchObject({ end: 'SUSPENDED', recovered: false, origin: { kind: 'empty' } });
    expect(after).toMatchObject({
      recovered: true,
      origin: { kind: 'snapshot', via: 'ha', snapshot: { checkpointId: 1 } },
    });
  });

  it('leads only after the lease of one that died is over', () => {
    const bench = new Bench();
    const first = bench.runningJob();
    first.process.kill();
    bench.jobManager();
    bench.advance(8_000);
    expect(bench.world.truth.executions).toHaveLength(1);
    bench.advance(15_000);
    const [before, after] = bench.world.truth.executions;
    expect(before?.end).toBe('KILLED');
    expect((after?.startedMs ?? 0) - (before?.endedMs ?? 0)).toBeGreaterThan(10_000);
  });

  it('stops its job when it cannot renew its lease', () => {
    const bench = new Bench();
    bench.runningJob();
    bench.kube.cut = true;
    bench.advance(11_000);
    expect(bench.world.truth.executions[0]?.end).toBeUndefined();
    bench.advance(8_000);
    expect(bench.world.truth.executions[0]?.end).toBe('SUSPENDED');
  });

  it('runs main again after somebody deleted its leader ConfigMap', () => {
    const bench = new Bench();
    bench.runningJob();
    for (const name of ['cluster', JOB])
      bench.kube.delete({ apiVersion: 'v1', kind: 'ConfigMap', name: `orders-${name}-config-map` });
    bench.advance(10_000);
    const [before, after] = bench.world.truth.executions;
    expect(before?.end).toBe('SUSPENDED');
    expect(after?.origin).toEqual({ kind: 'empty' });
  });

  it('forgets a cancelled job, keeps its checkpoint, and does not run it again', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    bench.advance(12_000);
    expect((await jobManager.ask(`/jobs/${JOB}?mode=cancel`, 'PATCH')).status).toBe(202);
    expect(await stateOf(jobManager)).toBe('CANCELLING');
    bench.advance(1_000);
    expect(await stateOf(jobManager)).toBe('CANCELED');
    expect((await jobManager.ask(`/jobs/${JOB}?mode=cancel`, 'PATCH')).status).toBe(202);
    expect(bench.kube.objects.has(`ConfigMap orders-${JOB}-config-map`)).toBe(false);
    expect(bench.world.truth.snapshots[0]?.discardedMs).toBeUndefined();
    jobManager.process.terminate();
    bench.advance(1_000);
    const next = bench.jobManager();
    bench.advance(10_000);
    expect(await bodyOf(next, '/jobs/overview')).toEqual({ jobs: [] });
  });
});

describe('state at the start', () => {
  it('comes from the restore path where high availability has none', () => {
    const bench = new Bench();
    const first = bench.runningJob();
    bench.advance(12_000);
    void first.ask(`/jobs/${JOB}?mode=cancel`, 'PATCH');
    bench.advance(2_000);
    first.process.terminate();
    bench.advance(1_000);
    const path = bench.world.truth.snapshots[0]?.path ?? '';
    bench.jobManager({ '$internal.pipeline.job-id': 'ef'.repeat(16) }, ['--fromSavepoint', path]);
    bench.advance(6_000);
    const [before, after] = bench.world.truth.executions;
    expect(after?.origin).toMatchObject({ kind: 'snapshot', via: 'path', snapshot: { path } });
    expect(after?.restorePath).toBe(path);
    expect(jobMap(bench, 'ef'.repeat(16))).toEqual(['checkpointID-0000000000000000001', 'counter']);
    bench.advance(10_000);
    const [old, fresh] = bench.world.truth.snapshots;
    expect(old?.discardedMs).toBeUndefined();
    expect(fresh).toMatchObject({ checkpointId: 2, lineage: old?.lineage });
    expect(fresh?.records).toBeGreaterThan(old?.records ?? 0);
    expect(before?.records).toBeGreaterThan(old?.records ?? 0);
  });

  it('fails where the path is not there, and high availability forgets the job', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob({ 'execution.savepoint.path': 'KUBERNETES_OPERATOR_LAST_STATE' });
    expect(await stateOf(jobManager)).toBe('FAILED');
    const text = JSON.stringify(await bodyOf(jobManager, `/jobs/${JOB}/exceptions`));
    expect(text).toContain('JobInitializationException: Could not start the JobMaster.');
    expect(text).toContain(
      "Cannot find checkpoint or savepoint file/directory 'KUBERNETES_OPERATOR_LAST_STATE' on file system 'file'.",
    );
    expect(bench.kube.objects.has(`ConfigMap orders-${JOB}-config-map`)).toBe(false);
    expect(bench.world.truth.executions[0]).toMatchObject({ origin: undefined, end: 'FAILED' });
  });

  it.each([
    { allow: 'false', state: 'FAILED', says: 'Cannot map checkpoint/savepoint state for operator' },
    { allow: 'true', state: 'RUNNING', says: '' },
  ])('from a path without one of its operators, allowed: $allow', async ({ allow, state, says }) => {
    let code = COUNTING;
    const bench = new Bench({ code: () => code });
    const first = bench.runningJob();
    bench.advance(12_000);
    void first.ask(`/jobs/${JOB}?mode=cancel`, 'PATCH');
    bench.advance(1_000);
    first.process.terminate();
    bench.advance(1_000);
    code = { vertices: [{ name: 'Source', stateful: ['renamed'] }] };
    const next = bench.jobManager({
      '$internal.pipeline.job-id': 'ef'.repeat(16),
      'execution.savepoint.path': bench.world.truth.snapshots[0]?.path ?? '',
      'execution.savepoint.ignore-unclaimed-state': allow,
    });
    bench.advance(6_000);
    expect(await stateOf(next)).toBe(state);
    expect(JSON.stringify(await bodyOf(next, `/jobs/${'ef'.repeat(16)}/exceptions`))).toContain(says);
  });

  it('from high availability without one of its operators fails whatever is allowed', async () => {
    let code = COUNTING;
    const bench = new Bench({ code: () => code });
    const first = bench.runningJob();
    bench.advance(12_000);
    first.process.terminate();
    bench.advance(1_000);
    bench.kube.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'orders-cluster-config-map' },
      { data: { [`executionPlan-${JOB}`]: null } },
    );
    code = { vertices: [{ name: 'Source', stateful: ['renamed'] }] };
    const next = bench.jobManager({ 'execution.savepoint.ignore-unclaimed-state': 'true' });
    bench.advance(6_000);
    expect(await stateOf(next)).toBe('FAILED');
    expect(JSON.stringify(await bodyOf(next, `/jobs/${JOB}/exceptions`))).toContain(
      'There is no operator for the state',
    );
    expect(bench.kube.objects.has(`ConfigMap orders-${JOB}-config-map`)).toBe(false);
  });

  it('written by another serializer makes the job restart for ever', async () => {
    let serializer = 'a';
    const bench = new Bench({ code: () => ({ ...COUNTING, serializer }) });
    const first = bench.runningJob();
    bench.advance(12_000);
    first.process.terminate();
    bench.advance(1_000);
    bench.kube.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'orders-cluster-config-map' },
      { data: { [`executionPlan-${JOB}`]: null } },
    );
    serializer = 'b';
    const next = bench.jobManager();
    bench.advance(60_000);
    expect(bench.world.truth.executions[1]?.restarts.length).toBeGreaterThan(10);
    expect(JSON.stringify(await bodyOf(next, `/jobs/${JOB}/exceptions`))).toContain('StateMigrationException');
  });
});

describe('savepoints', () => {
  const status = (running: Running): Promise<Record<string, unknown>> =>
    bodyOf(running, `/jobs/${JOB}/savepoints/${TRIGGER}`);

  it('are taken once per trigger id, and forgotten with their JobManager', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    for (let i = 0; i < 2; i++) {
      const answer = await jobManager.ask(`/jobs/${JOB}/savepoints`, 'POST', { triggerId: TRIGGER });
      expect(answer).toEqual({ status: 202, body: { 'request-id': TRIGGER } });
    }
    expect(await status(jobManager)).toEqual({ status: { id: 'IN_PROGRESS' }, operation: null });
    bench.advance(2_000);
    const [savepoint, ...others] = bench.world.truth.snapshots;
    expect(others).toEqual([]);
    expect(savepoint).toMatchObject({ kind: 'savepoint', askedBy: 'rest', triggerId: TRIGGER });
    expect(await status(jobManager)).toEqual({
      status: { id: 'COMPLETED' },
      operation: { location: savepoint?.path },
    });
    expect(await stateOf(jobManager)).toBe('RUNNING');
    bench.advance(301_000);
    expect((await jobManager.ask(`/jobs/${JOB}/savepoints/${TRIGGER}`)).status).toBe(404);
  });

  it('with stop end the job, and only its checkpoints go', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    bench.advance(12_000);
    await jobManager.ask(`/jobs/${JOB}/stop`, 'POST', { targetDirectory: 's3://mine/', triggerId: TRIGGER });
    bench.advance(2_000);
    expect(await stateOf(jobManager)).toBe('FINISHED');
    const [checkpoint, savepoint] = bench.world.truth.snapshots;
    expect(checkpoint?.discardedBy).toBe('job end');
    expect(savepoint?.path).toMatch(/^s3:\/\/mine\/savepoint-ababab-[0-9a-f]{12}$/);
    expect(savepoint).toMatchObject({ askedBy: 'stop', lineage: checkpoint?.lineage });
    expect(bench.kube.objects.has(`ConfigMap orders-${JOB}-config-map`)).toBe(false);
  });

  it('that fail leave the job running and taking checkpoints', async () => {
    const bench = new Bench({ fate: ({ cause }) => (cause === 'stop' ? { kind: 'fails', afterMs: 50 } : undefined) });
    const jobManager = bench.runningJob();
    await jobManager.ask(`/jobs/${JOB}/stop`, 'POST', { triggerId: TRIGGER });
    bench.advance(15_000);
    expect(await status(jobManager)).toMatchObject({
      status: { id: 'COMPLETED' },
      operation: { 'failure-cause': { class: 'org.apache.flink.runtime.checkpoint.CheckpointException' } },
    });
    expect(await stateOf(jobManager)).toBe('RUNNING');
    expect(bench.world.truth.snapshots.map(({ kind }) => kind)).toEqual(['checkpoint']);
  });

  it('after which the job fails name their path in the failure', async () => {
    const bench = new Bench({
      fate: ({ cause }) => (cause === 'stop' ? { kind: 'job-fails', afterMs: 50 } : undefined),
    });
    const jobManager = bench.runningJob();
    await jobManager.ask(`/jobs/${JOB}/stop`, 'POST', { triggerId: TRIGGER });
    bench.advance(5_000);
    expect(JSON.stringify(await status(jobManager))).toContain(
      `A savepoint has been created at: ${bench.world.truth.snapshots[0]?.path}, but the corresponding job ${JOB} failed`,
    );
    expect(await stateOf(jobManager)).toBe('RUNNING');
    expect(bench.world.truth.executions[0]?.restarts).toHaveLength(1);
  });

  it('of a job that is not known are accepted and fail in their status', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    const id = '12'.repeat(16);
    expect(
      (await jobManager.ask(`/jobs/${id}/stop`, 'POST', { targetDirectory: 's3://x', triggerId: TRIGGER })).status,
    ).toBe(202);
    expect(await bodyOf(jobManager, `/jobs/${id}/savepoints/${TRIGGER}`)).toMatchObject({
      operation: { 'failure-cause': { class: 'org.apache.flink.runtime.messages.FlinkJobNotFoundException' } },
    });
  });

  it('are disposed of by path', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    await jobManager.ask(`/jobs/${JOB}/savepoints`, 'POST', { triggerId: TRIGGER });
    bench.advance(2_000);
    const path = bench.world.truth.snapshots[0]?.path;
    await jobManager.ask('/savepoint-disposal', 'POST', { 'savepoint-path': path, triggerId: TRIGGER });
    expect(await bodyOf(jobManager, `/savepoint-disposal/${TRIGGER}`)).toEqual({
      status: { id: 'COMPLETED' },
      operation: {},
    });
    expect(bench.world.truth.snapshots[0]?.discardedBy).toBe('disposal');
  });
});

describe('REST', () => {
  it('shows a job from a cache of three seconds', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    expect(await bodyOf(jobManager, `/jobs/${JOB}`)).toMatchObject({
      state: 'RUNNING',
      vertices: [{ tasks: { RUNNING: 1 } }, {}],
    });
    void jobManager.ask(`/jobs/${JOB}?mode=cancel`, 'PATCH');
    bench.advance(1_000);
    expect(await stateOf(jobManager)).toBe('CANCELED');
    expect(await bodyOf(jobManager, `/jobs/${JOB}`)).toMatchObject({ state: 'RUNNING', now: 6_000 });
    bench.advance(2_000);
    expect(await bodyOf(jobManager, `/jobs/${JOB}`)).toMatchObject({ state: 'CANCELED' });
  });

  it('answers checkpoint triggers with the checkpoint id, and shows the checkpoint', async () => {
    const bench = new Bench();
    const jobManager = bench.runningJob();
    await jobManager.ask(`/jobs/${JOB}/checkpoints`, 'POST', { triggerId: TRIGGER, checkpointType: 'FULL' });
    bench.advance(500);
    expect(await bodyOf(jobManager, `/jobs/${JOB}/checkpoints/${TRIGGER}`)).toEqual({
      status: { id: 'COMPLETED' },
      operation: { checkpointId: 1 },
    });
    const shown = { status: 'COMPLETED', external_path: `s3://state/checkpoints/${JOB}/chk-1`, discarded: false };
    expect(await bodyOf(jobManager, `/jobs/${JOB}/checkpoints/details/1`)).toMatchObject(shown);
    expect(await bodyOf(jobManager, `/jobs/${JOB}/checkpoints`)).toMatchObject({
      counts: { completed: 1, in_progress: 0 },
      latest: { completed: shown, savepoint: null },
    });
  });

  it('lists a job whose main method failed, which never ran', async () => {
    const bench = new Bench({ code: () => ({ ...COUNTING, mainFails: 'no such topic' }) });
    const jobManager = bench.runningJob({ 'execution.submit-failed-job-on-application-error': 'true' });
    expect(await stateOf(jobManager)).toBe('FAILED');
    expect(bench.world.truth.executions).toEqual([]);
    const other = new Bench({ code: () => ({ ...COUNTING, mainFails: 'no such topic' }) }).runningJob();
    expect(other.process.exitCode()).toBe(1);
  });
});

describe('a running job', () => {
  it('starts over from its newest checkpoint when a TaskManager is lost', async () => {
    const bench = new Bench();
    const jobManager = bench.jobManager();
    const taskManager = bench.taskManager();
    bench.advance(16_000);
    taskManager.process.kill();
    bench.advance(100);
    expect(await stateOf(jobManager)).toBe('RESTARTING');
    bench.taskManager();
    bench.advance(5_000);
    expect(await stateOf(jobManager)).toBe('RUNNING');
    expect(bench.world.truth.executions[0]?.restarts).toEqual([
      { atMs: 17_000, records: bench.world.truth.snapshots[0]?.records },
    ]);
  });

  it('fails at its first failure where nothing restarts it, and its checkpoint stays', async () => {
    const bench = new Bench({ code: () => ({ ...COUNTING, failsAfterMs: 12_000, noRestart: true }) });
    const jobManager = bench.runningJob();
    bench.advance(20_000);
    expect(await stateOf(jobManager)).toBe('FAILED');
    expect(bench.world.truth.snapshots[0]?.discardedMs).toBeUndefined();
  });

  it('finishes when its sources end, and its checkpoints go', async () => {
    const bench = new Bench({ code: () => ({ ...COUNTING, finishesAfterMs: 12_000 }) });
    const jobManager = bench.runningJob();
    bench.advance(20_000);
    expect(await stateOf(jobManager)).toBe('FINISHED');
    expect(bench.world.truth.executions[0]).toMatchObject({ end: 'FINISHED', records: 12_000 });
    expect(bench.world.truth.snapshots[0]?.discardedBy).toBe('job end');
  });
});
