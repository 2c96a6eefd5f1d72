import { describe, expect, it } from 'vitest';
import { execute } from '../../core/execute.ts';
import { known, unasked } from '../../core/fact.ts';
import { FailureError } from '../../core/failure.ts';
import type { ServiceRequest } from '../../core/ports.ts';
import { FakeApi, FakeCache } from '../../core/testing/fake-api.ts';
import { type KubeObject, refOf } from '../../kube/object.ts';
import { createSnapshotReconciler } from './controller.ts';
import type { SnapshotAnswer } from './observed.ts';
import type { FlinkStateSnapshot, FlinkStateSnapshotStatus } from './schema.ts';
import { aRunningJob, aSnapshot, JOB_ID } from './testing.ts';

const PATH = 's3://state/savepoints/savepoint-1';

/** A JobManager that takes savepoints and deletes them when told to. */
class FakeFlink {
  readonly asked: string[] = [];
  readonly savepoints = new Map<string, 'IN_PROGRESS' | 'COMPLETED'>();
  /** Savepoints that were really begun, in order. */
  readonly taken: string[] = [];
  disposal: { status: string; cause?: string } = { status: 'COMPLETED' };
  /** Whether the next POST is answered by nothing, after it took effect. */
  losesAnswer = false;

  readonly request = async ({ method, path, body }: ServiceRequest) => {
    this.asked.push(`${method} ${path}`);
    if (method === 'POST') return this.post(path, body as Record<string, string>);
    const last = path.split('/').at(-1) ?? '';
    if (path.startsWith('/savepoint-disposal')) return ok(this.disposal.status, failure(this.disposal.cause));
    if (path.endsWith('/checkpoints'))
      return { status: 404, body: { errors: ['Checkpointing has not been enabled.'] } };
    const state = this.savepoints.get(last);
    return state === undefined ? { status: 404, body: undefined } : ok(state, { location: PATH });
  };

  private post(path: string, body: Record<string, string>) {
    if (path === '/savepoint-disposal') return { status: 202, body: { 'request-id': 'd' } };
    const id = body.triggerId ?? '';
    if (!this.savepoints.has(id)) {
      this.savepoints.set(id, 'IN_PROGRESS');
      this.taken.push(id);
    }
    if (!this.losesAnswer) return { status: 202, body: { 'request-id': id } };
    this.losesAnswer = false;
    throw new FailureError({ kind: 'transient', message: 'the connection was lost' });
  }
}

function ok(id: string, operation: unknown) {
  return { status: 200, body: { status: { id }, operation: id === 'COMPLETED' ? operation : null } };
}

function failure(cause: string | undefined) {
  return { 'failure-cause': cause === undefined ? null : { class: 'x', 'stack-trace': cause } };
}

/** An operator that can be restarted, over one API server and one JobManager. */
class Scene {
  readonly api = new FakeApi();
  readonly flink = new FakeFlink();
  readonly events: string[] = [];
  nowMs = Date.parse('2026-01-01T12:00:00Z');
  private reconciler = this.operator();
  private answer: SnapshotAnswer | undefined;
  private readonly signal = new AbortController().signal;

  constructor(snapshot: FlinkStateSnapshot, others: readonly KubeObject[] = [aRunningJob()]) {
    this.api.now = () => new Date(this.nowMs);
    for (const object of [snapshot, ...others]) this.api.put(object);
  }

  /** The process dies and is started again: what it remembered is gone. */
  restart(): void {
    this.reconciler = this.operator();
    this.answer = undefined;
  }

  get snapshot(): KubeObject | undefined {
    return this.api.get(refOf(aSnapshot()));
  }

  get status(): FlinkStateSnapshotStatus {
    return (this.snapshot?.status ?? {}) as FlinkStateSnapshotStatus;
  }

  /** One pass, and one question to Flink if the plan wants one. Rejects as the effect does. */
  async pass(): Promise<void> {
    const { snapshot, reconciler } = this;
    if (snapshot === undefined) return;
    const cache = new FakeCache();
    for (const object of this.api.all()) cache.deliver({ object, gone: false });
    const latest = () => (this.answer === undefined ? unasked : known(this.answer));
    const observed = reconciler.observe(snapshot, cache, { latest, every: () => undefined });
    const plan = reconciler.decide(snapshot, observed, new Date(this.nowMs));
    if (plan.probeEveryMs === undefined) this.answer = undefined;
    await execute(snapshot, plan, {
      write: this.api,
      events: { record: (_about, event) => this.events.push(`${event.reason}: ${event.message}`) },
      perform: (resource, effect) => reconciler.perform(resource as KubeObject, effect, this.signal),
    });
    const stored = this.snapshot;
    if (plan.probeEveryMs !== undefined && stored !== undefined) {
      this.answer = await reconciler.ask(stored, this.signal, this.answer);
    }
  }

  async passes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.pass();
  }

  private operator() {
    const defaults = () => ({ flinkConfiguration: {} });
    return createSnapshotReconciler({ http: this.flink, defaults, probeMs: 250 });
  }
}

describe('a savepoint', () => {
  it('is taken once, and its resource comes to rest', async () => {
    const scene = new Scene(aSnapshot());
    await scene.passes(3);
    for (const id of scene.flink.taken) scene.flink.savepoints.set(id, 'COMPLETED');
    await scene.passes(4);
    expect(scene.status).toMatchObject({ state: 'COMPLETED', path: PATH });
    expect(scene.snapshot?.metadata.labels?.['snapshot.state']).toBe('COMPLETED');
    expect(scene.flink.taken).toHaveLength(1);
    const writes = scene.api.writeCount;
    await scene.passes(3);
    expect(scene.api.writeCount).toBe(writes);
  });

  it('is taken once when the answer to the request was lost and the operator died', async () => {
    const scene = new Scene(aSnapshot());
    scene.flink.losesAnswer = true;
    await expect(scene.pass()).rejects.toThrow('the connection was lost');
    scene.restart();
    await scene.passes(3);
    for (const id of scene.flink.taken) scene.flink.savepoints.set(id, 'COMPLETED');
    await scene.passes(3);
    expect([scene.flink.taken.length, scene.status.state]).toEqual([1, 'COMPLETED']);
  });

  it('is asked for when the operator died between recording and asking', async () => {
    const scene = new Scene(aSnapshot());
    scene.api.fault = { at: 1, kind: 'crash' };
    await expect(scene.pass()).rejects.toThrow();
    expect([scene.flink.taken, scene.status.state]).toEqual([[], 'IN_PROGRESS']);
    scene.restart();
    await scene.passes(3);
    expect(scene.flink.taken).toEqual([scene.status.triggerId]);
  });

  it('is asked for again, as the same attempt, when the JobManager was restarted', async () => {
    const scene = new Scene(aSnapshot());
    await scene.passes(2);
    scene.flink.savepoints.clear();
    await scene.passes(3);
    expect(scene.flink.taken).toEqual([scene.status.triggerId, scene.status.triggerId]);
  });
});

describe('deletion', () => {
  const completed: FlinkStateSnapshotStatus = { state: 'COMPLETED', path: PATH, failures: 0 };
  const deleted = { deletionTimestamp: '2026-01-01T12:00:00Z' };
  const disposals = (scene: Scene) => scene.flink.asked.filter((line) => line === 'POST /savepoint-disposal').length;

  it('deletes the savepoint, asking once, and then the resource', async () => {
    const scene = new Scene(aSnapshot({ metadata: deleted, status: completed }));
    await scene.passes(3);
    expect([scene.snapshot, disposals(scene)]).toEqual([undefined, 1]);
  });

  it('goes on when the operator died after the files had gone', async () => {
    const scene = new Scene(aSnapshot({ metadata: deleted, status: completed }));
    await scene.pass();
    scene.restart();
    const cause =
      `org.apache.flink.util.FlinkException: Could not dispose savepoint ${PATH}.\nCaused by: ` +
      `java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '${PATH}' on file system 's3'.`;
    scene.flink.disposal = { status: 'COMPLETED', cause };
    await scene.passes(3);
    expect(scene.snapshot).toBeUndefined();
  });

  it('says what Flink cannot delete, keeps the resource, and asks again after a minute', async () => {
    const scene = new Scene(aSnapshot({ metadata: deleted, status: completed }));
    scene.flink.disposal = { status: 'COMPLETED', cause: 'java.io.IOException: access denied' };
    await scene.passes(5);
    const message = `Flink could not delete the savepoint at ${PATH}: java.io.IOException: access denied; to delete this resource and keep the files, set spec.savepoint.disposeOnDelete to false`;
    expect(scene.events).toEqual([`CleanupFailed: ${message}`]);
    expect(scene.status.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', message }));
    expect(disposals(scene)).toBe(1);
    scene.flink.disposal = { status: 'COMPLETED' };
    scene.nowMs += 60_000;
    await scene.passes(3);
    expect([scene.snapshot, disposals(scene)]).toEqual([undefined, 2]);
  });

  it.each<[string, KubeObject, string]>([
    [
      'the state a suspended job goes on from',
      aRunningJob({
        metadata: { name: 'b' },
        status: { jobStatus: { state: 'SUSPENDED', upgradeSavepointPath: PATH } },
      }),
      'FlinkDeployment b (status.jobStatus.upgradeSavepointPath)',
    ],
    [
      'what another job is declared to start from, slash or no slash',
      aRunningJob({ metadata: { name: 'b' }, spec: { job: { initialSavepointPath: `${PATH}/` } } }),
      'FlinkDeployment b (spec.job.initialSavepointPath)',
    ],
    [
      'what a running job started from',
      {
        ...aRunningJob({ metadata: { name: 'b' } }),
        status: { jobStatus: { state: 'RUNNING', jobId: JOB_ID }, restore: { path: PATH } },
      },
      'FlinkDeployment b (status.restore.path)',
    ],
  ])('never deletes %s', async (_what, other, who) => {
    const scene = new Scene(aSnapshot({ metadata: deleted, status: completed }), [aRunningJob(), other]);
    await scene.passes(4);
    expect(scene.events).toEqual([
      `SnapshotInUse: the savepoint at ${PATH} is not deleted, ${who} needs it; to delete this resource and keep the files, set spec.savepoint.disposeOnDelete to false`,
    ]);
    expect([scene.snapshot === undefined, scene.flink.asked]).toEqual([false, []]);
    scene.api.drop(other);
    await scene.passes(3);
    expect(scene.snapshot).toBeUndefined();
  });

  it('waits, and says so, while the job does not run', async () => {
    const suspended = aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state: 'SUSPENDED' } } });
    const scene = new Scene(aSnapshot({ metadata: deleted, status: completed }), [suspended]);
    await scene.passes(2);
    expect(scene.events).toEqual([
      `CleanupFailed: the savepoint at ${PATH} can only be deleted while the job of FlinkDeployment orders runs; to delete this resource and keep the files, set spec.savepoint.disposeOnDelete to false`,
    ]);
    expect([scene.snapshot === undefined, scene.flink.asked]).toEqual([false, []]);
  });

  it('leaves the files, and says where, when the job is gone too', async () => {
    const scene = new Scene(aSnapshot({ metadata: deleted, status: completed }), []);
    await scene.pass();
    expect(scene.snapshot).toBeUndefined();
    expect(scene.events).toEqual([
      `SnapshotLeft: the savepoint at ${PATH} was left where it is: FlinkDeployment orders, whose JobManager would delete it, is gone`,
    ]);
  });

  it.each<[string, Partial<FlinkStateSnapshot['spec']>, FlinkStateSnapshotStatus | undefined]>([
    ['with disposeOnDelete false', { savepoint: { disposeOnDelete: false } }, completed],
    ['of a checkpoint', { savepoint: undefined, checkpoint: {} } as object, completed],
    ['of a savepoint that names no job', { jobReference: {} }, completed],
    ['of an attempt that failed', {}, { state: 'FAILED' }],
    ['of what was never asked for', {}, { state: 'TRIGGER_PENDING' }],
    ['before anybody looked at it, so that it has no status', {}, undefined],
  ])('%s asks nothing of Flink', async (_what, change, status) => {
    const { spec } = aSnapshot();
    const begun = status === undefined ? {} : { status };
    const scene = new Scene(aSnapshot({ metadata: deleted, spec: { ...spec, ...change }, ...begun }));
    await scene.pass();
    expect([scene.snapshot, scene.flink.asked]).toEqual([undefined, []]);
  });

  it('during a savepoint waits for its end, then deletes it', async () => {
    const scene = new Scene(aSnapshot());
    await scene.passes(2);
    scene.api.remove(refOf(aSnapshot()), 'Background', new Date(scene.nowMs));
    await scene.passes(2);
    expect([scene.status.state, disposals(scene)]).toEqual(['IN_PROGRESS', 0]);
    for (const id of scene.flink.taken) scene.flink.savepoints.set(id, 'COMPLETED');
    await scene.passes(5);
    expect([scene.snapshot, disposals(scene)]).toEqual([undefined, 1]);
  });

  it('of an attempt that the JobManager does not know starts no savepoint', async () => {
    const scene = new Scene(aSnapshot());
    await scene.passes(2);
    scene.api.remove(refOf(aSnapshot()), 'Background', new Date(scene.nowMs));
    scene.flink.savepoints.clear();
    await scene.passes(3);
    expect([scene.snapshot, scene.flink.taken.length]).toEqual([undefined, 1]);
  });
});
