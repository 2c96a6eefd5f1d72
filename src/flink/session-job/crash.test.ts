import { describe, expect, it } from 'vitest';
import { execute } from '../../core/execute.ts';
import { type Fact, known, unasked } from '../../core/fact.ts';
import { FailureError } from '../../core/failure.ts';
import { FakeApi, FakeCache, OperatorKilled, type WriteFault } from '../../core/testing/fake-api.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isTerminal, type JobManagerAnswer } from '../observed.ts';
import { encodeSpec } from '../record.ts';
import type { FlinkJobStatusState } from '../schema.ts';
import { NO_CHECKPOINTS } from '../snapshot-facts.ts';
import { aSessionCluster } from '../testing.ts';
import { decide } from './decide.ts';
import { observe } from './observe.ts';
import { SESSION_JOB_KIND } from './schema.ts';
import { type SessionJobEffect, situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

/** A job as it really ran on the session. The oracle reads these, never the operator's status. */
interface Run {
  readonly id: string;
  readonly from: string | undefined;
  readonly parallelism: number | undefined;
  state: FlinkJobStatusState;
  /** What the last request to stop it left. */
  saved?: { readonly triggerId: string; readonly path: string };
}

/** A request that is still on its way for some rounds, though nobody waits for its answer any more. */
interface LateRequest {
  readonly effect: () => void;
  readonly rounds: number;
}

/** What happens to the n-th request to the session: it never arrives, or its answer, or it comes some rounds late. */
interface RequestFault {
  readonly at: number;
  readonly kind: 'refused' | 'lost' | 'crash' | 'late';
}

/** One operator, one session job and the session it is on, in virtual time; Flink refuses a job id it knows. */
class Life {
  readonly api = new FakeApi();
  readonly runs: Run[] = [];
  readonly overlaps: string[] = [];
  requests = 0;
  private readonly fault: RequestFault | undefined;
  private cache = new FakeCache();
  private readonly late: LateRequest[] = [];
  private nowMs = Date.parse('2026-01-01T00:00:00Z');
  private known: Fact<JobManagerAnswer> = unasked;

  constructor({ write, request }: { readonly write?: WriteFault; readonly request?: RequestFault } = {}) {
    this.api.fault = write;
    this.fault = request;
    this.api.now = () => new Date(this.nowMs);
    const session = aSessionCluster({ spec: { flinkConfiguration: DIRS } });
    const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(session.spec, 'running', false) };
    this.api.put({ ...session, status: { jobManagerDeploymentStatus: 'READY', reconciliationStatus } });
  }

  resource(): KubeObject | undefined {
    return this.api.all('FlinkSessionJob')[0];
  }

  async settle(): Promise<void> {
    let quiet = 0;
    for (let i = 0; i < 400 && quiet < 20; i++) {
      const before = `${this.api.revision}/${this.requests}/${JSON.stringify(this.runs)}`;
      await this.round();
      quiet = before === `${this.api.revision}/${this.requests}/${JSON.stringify(this.runs)}` ? quiet + 1 : 0;
    }
    if (quiet < 20) throw new Error(`does not come to rest:\n${this.api.log.slice(-10).join('\n')}`);
  }

  private async round(): Promise<void> {
    this.nowMs += 1000;
    for (const effect of this.late.splice(0)) this.arrive(effect);
    this.lookForOverlaps();
    for (const run of this.runs) run.state = NEXT_STATE[run.state] ?? run.state;
    for (const event of this.api.takeEvents()) this.cache.deliver(event);
    const resource = this.cache.list(SESSION_JOB_KIND, 'default', {})[0];
    if (resource === undefined) return;
    this.known = this.answer(resource);
    await this.pass(resource);
  }

  private lookForOverlaps(): void {
    const alive = this.runs.filter(({ state }) => !isTerminal(state));
    if (alive.length > 1) this.overlaps.push(alive.map(({ id }) => id).join(' and '));
  }

  private arrive(request: LateRequest): void {
    if (request.rounds > 0) this.late.push({ ...request, rounds: request.rounds - 1 });
    else request.effect();
  }

  private async pass(resource: KubeObject): Promise<void> {
    const probe = { latest: () => this.known, every: () => undefined };
    const observed = observe(resource, this.cache, probe);
    const plan = decide(situationOf(resource, observed, new Date(this.nowMs), DEFAULTS), { fast: 1, slow: 2 });
    try {
      await execute(resource, plan, {
        write: this.api,
        events: { record: () => undefined },
        perform: async (_resource, effect) => this.request(() => this.perform(effect)),
      });
    } catch (error) {
      if (!(error instanceof OperatorKilled || error instanceof FailureError)) throw error;
      this.cache = new FakeCache();
      this.api.takeEvents();
      for (const object of this.api.all()) this.cache.deliver({ object, gone: false });
    }
  }

  private request(effect: () => void): void {
    this.requests += 1;
    const kind = this.fault?.at === this.requests ? this.fault.kind : undefined;
    if (kind === 'late') this.late.push({ effect, rounds: 3 });
    else if (kind !== 'refused') effect();
    if (kind === 'crash') throw new OperatorKilled('request');
    if (kind !== undefined) throw new FailureError({ kind: 'transient', message: kind });
  }

  private perform(effect: SessionJobEffect): void {
    if (effect.kind === 'submit') {
      const { jobId: id, savepointPath: from, parallelism } = effect.submission.run;
      if (!this.runs.some((run) => run.id === id)) this.runs.push({ id, from, parallelism, state: 'CREATED' });
      return;
    }
    const run = this.runs.find(({ id }) => id === effect.jobId);
    if (run === undefined || isTerminal(run.state)) return;
    if (effect.kind === 'stop-with-savepoint') {
      run.saved ??= { triggerId: effect.request.triggerId, path: `s3://b/s/${run.id}` };
      run.state = 'FAILING';
    } else run.state = 'CANCELLING';
  }

  private answer({ status }: KubeObject): Fact<JobManagerAnswer> {
    const { jobStatus, stopping } = (status ?? {}) as {
      jobStatus?: { jobId?: string };
      stopping?: { triggerId: string };
    };
    const run = this.runs.find(({ id }) => id === jobStatus?.jobId);
    const basic = { flinkVersion: '2.0', flinkRevision: 'x', jobs: this.runs.map(({ id, state }) => ({ id, state })) };
    if (run === undefined) return known({ ...basic, job: undefined });
    const { id, state, saved } = run;
    const progress =
      saved?.triggerId === stopping?.triggerId && saved !== undefined
        ? ({ kind: 'completed', location: saved.path } as const)
        : ({ kind: 'unknown-trigger' } as const);
    const snapshot = {
      id: 1,
      kind: 'checkpoint',
      path: `s3://b/c/${id}`,
      triggeredAt: 1,
      completedAt: 1,
      sizeBytes: 1,
    } as const;
    return known({
      ...basic,
      job: { ...JOB, id, state },
      checkpoints: { ...NO_CHECKPOINTS, checkpoint: { ...snapshot, discarded: false } },
      ...(stopping === undefined ? {} : { stop: { triggerId: stopping.triggerId, progress } }),
    });
  }
}

const DIRS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const DEFAULTS = { flinkConfiguration: {} };
const JOB = {
  name: 'j',
  startTime: 1,
  lastModification: 1,
  tasks: { total: 1, active: 1 },
  vertices: [],
  exception: undefined,
};
const NEXT_STATE: Partial<Record<FlinkJobStatusState, FlinkJobStatusState>> = {
  CREATED: 'RUNNING',
  CANCELLING: 'CANCELED',
  // A stop takes longer than its savepoint.
  FAILING: 'RESTARTING',
  RESTARTING: 'FINISHED',
};

type Step = (life: Life) => void;

const create =
  (upgradeMode: 'stateless' | 'savepoint' | 'last-state'): Step =>
  ({ api }) => {
    const { metadata, ...rest } = aSessionJob({ spec: { job: { upgradeMode } } });
    const { uid: _uid, resourceVersion: _version, ...fresh } = metadata;
    api.put({ ...rest, metadata: fresh });
  };

const edit =
  (job: object): Step =>
  (life) => {
    const live = life.resource() as KubeObject & { spec: { job: object } };
    life.api.put({ ...live, spec: { ...live.spec, job: { ...live.spec.job, ...job } } });
  };

const remove: Step = ({ api }) =>
  api.remove({ ...SESSION_JOB_KIND, namespace: 'default', name: 'clicks' }, 'Background', api.now());

/** The JobManager of the session is started anew, without high availability. */
const loseSession: Step = ({ runs }) => void runs.splice(0);

const SCENARIOS: readonly { readonly name: string; readonly steps: readonly Step[]; readonly running: number }[] = [
  { name: 'create', steps: [create('stateless')], running: 1 },
  { name: 'upgrade, stateless', steps: [create('stateless'), edit({ parallelism: 3 })], running: 1 },
  { name: 'upgrade, savepoint', steps: [create('savepoint'), edit({ parallelism: 3 })], running: 1 },
  { name: 'upgrade, last-state', steps: [create('last-state'), edit({ parallelism: 3 })], running: 1 },
  { name: 'suspend', steps: [create('savepoint'), edit({ state: 'suspended' })], running: 0 },
  {
    name: 'suspend and resume',
    steps: [create('savepoint'), edit({ state: 'suspended' }), edit({ state: 'running' })],
    running: 1,
  },
  { name: 'session lost', steps: [create('stateless'), loseSession], running: 1 },
  { name: 'delete', steps: [create('stateless'), remove], running: 0 },
  {
    name: 'delete during an upgrade',
    steps: [create('savepoint'), (life) => [edit({ parallelism: 3 }), remove].forEach((step) => void step(life))],
    running: 0,
  },
];

async function live(steps: readonly Step[], life = new Life()): Promise<Life> {
  for (const step of steps) {
    step(life);
    await life.settle();
  }
  return life;
}

/** What must hold however the life was disturbed, without ids and times, which rightly differ. */
function outcome({ runs, overlaps, api }: Life): unknown {
  const order = new Map(runs.map(({ id }, index) => [id, String(index)]));
  const named = (text: string | undefined) => text?.replace(/[0-9a-f]{32}/, (id) => order.get(id) ?? 'unknown');
  const status = api.all('FlinkSessionJob')[0]?.status;
  const { lifecycleState, stopping } = (status ?? {}) as { lifecycleState?: string; stopping?: object };
  const ran = runs.map(({ from, parallelism, state }) => ({ from: named(from), parallelism, state }));
  return { overlaps, ran, objects: api.all().map(({ kind }) => kind), lifecycleState, stopping };
}

describe('a session job runs once, from the right state', () => {
  it.each(SCENARIOS)('undisturbed: $name', async ({ steps, running }) => {
    const calm = await live(steps);
    expect(calm.overlaps).toEqual([]);
    expect(calm.runs.filter(({ state }) => state === 'RUNNING')).toHaveLength(running);
  });

  it.each(
    SCENARIOS.flatMap((scenario) => (['crash', 'lost', 'refused'] as const).map((kind) => ({ ...scenario, kind }))),
  )('$name, with every write in turn: $kind', async ({ steps, kind }) => {
    const calm = await live(steps);
    expect(calm.api.writeCount).toBeGreaterThan(2);
    for (let at = 1; at <= calm.api.writeCount; at++) {
      const run = await live(steps, new Life({ write: { at, kind } }));
      expect({ at, ...(outcome(run) as object) }).toEqual({ at, ...(outcome(calm) as object) });
    }
  });

  it.each(
    SCENARIOS.flatMap((scenario) =>
      (['crash', 'lost', 'refused', 'late'] as const).map((kind) => ({ ...scenario, kind })),
    ),
  )('$name, with every request in turn: $kind', async ({ steps, kind }) => {
    const calm = await live(steps);
    expect(calm.requests).toBeGreaterThan(0);
    for (let at = 1; at <= calm.requests; at++) {
      const run = await live(steps, new Life({ request: { at, kind } }));
      expect({ at, ...(outcome(run) as object) }).toEqual({ at, ...(outcome(calm) as object) });
    }
  });

  it('is quiet when it is done', async () => {
    const calm = await live([create('stateless')]);
    const before = calm.api.writeCount;
    await calm.settle();
    expect(calm.api.writeCount).toBe(before);
    expect(calm.runs).toHaveLength(1);
  });
});
