import { execute } from '../../core/execute.ts';
import { type Fact, known, unknown } from '../../core/fact.ts';
import { FailureError } from '../../core/failure.ts';
import type { EventDraft } from '../../core/plan.ts';
import type { Probe } from '../../core/ports.ts';
import { FakeApi, FakeCache, type FakeEvent, OperatorKilled, type WriteFault } from '../../core/testing/fake-api.ts';
import type { KubeObject } from '../../kube/object.ts';
import { canonicalJson, deepEqual, isRecord } from '../../lib/json.ts';
import { createFlinkReconciler } from '../controller.ts';
import type { JobManagerAnswer } from '../observed.ts';
import { type Execution, FlinkWorld } from './world.ts';

/** Length of a round of virtual time. */
const ROUND_MS = 250;

/** How the run is disturbed. */
export interface Disturbance {
  readonly write?: WriteFault;
  /** Rounds by which every watch event reaches the operator late. */
  readonly lateByRounds?: number;
}

/** One operator, one FlinkDeployment and the world around them, in virtual time. */
export class Simulation {
  readonly api = new FakeApi();
  readonly world = new FlinkWorld(this.api);
  readonly events: EventDraft[] = [];
  /** Every time two JobManagers ran at once, in words. */
  readonly overlaps: string[] = [];
  private readonly disturbance: Disturbance;
  private readonly late: { readonly due: number; readonly event: FakeEvent }[] = [];
  private nowMs = Date.parse('2026-01-01T00:00:00Z');
  private roundNumber = 0;
  private cache = new FakeCache();
  private dueAtMs: number | undefined = 0;
  private probing = false;
  private answer: Fact<JobManagerAnswer> = unknown('not asked yet');
  private readonly reconciler = createFlinkReconciler({
    http: { request: async () => Promise.reject(new Error('the simulation answers for the JobManager')) },
    defaults: () => ({ flinkConfiguration: {} }),
    probe: { fast: ROUND_MS, slow: 10 * ROUND_MS },
  });

  constructor(disturbance: Disturbance = {}) {
    this.disturbance = disturbance;
    this.api.fault = disturbance.write;
    this.api.now = () => this.now();
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  deployment(): KubeObject | undefined {
    return this.api.all('FlinkDeployment')[0];
  }

  /** Runs until nothing changes any more; throws if that does not happen within `rounds`. */
  async settle(rounds = 400): Promise<void> {
    let quiet = 0;
    for (let i = 0; i < rounds && quiet < 40; i++) {
      const before = this.fingerprint();
      await this.round();
      quiet = this.fingerprint() === before ? quiet + 1 : 0;
    }
    if (quiet < 40) throw new Error(`does not come to rest:\n${this.api.log.slice(-20).join('\n')}`);
  }

  private fingerprint(): string {
    return `${this.api.writeCount}/${this.api.revision}`;
  }

  private async round(): Promise<void> {
    this.roundNumber += 1;
    this.nowMs += ROUND_MS;
    this.world.round(this.now());
    const running = this.world.running();
    if (running.length > 1) this.overlaps.push(describeOverlap(running, this.nowMs));
    this.deliverEvents();
    this.ask();
    if (this.dueAtMs !== undefined && this.dueAtMs <= this.nowMs) await this.pass();
  }

  private deliverEvents(): void {
    const due = this.roundNumber + (this.disturbance.lateByRounds ?? 0);
    this.late.push(...this.api.takeEvents().map((event) => ({ due, event })));
    while ((this.late[0]?.due ?? Number.POSITIVE_INFINITY) <= this.roundNumber) {
      const next = this.late.shift();
      if (next === undefined) return;
      this.cache.deliver(next.event);
      this.dueAtMs = this.nowMs;
    }
  }

  private ask(): void {
    if (!this.probing) return;
    const status = this.deployment()?.status as { jobStatus?: { jobId?: string } } | undefined;
    const answer = this.world.answer(status?.jobStatus?.jobId);
    const fact: Fact<JobManagerAnswer> = answer === undefined ? unknown('no answer') : known(answer);
    if (!deepEqual(fact, this.answer)) this.dueAtMs = this.nowMs;
    this.answer = fact;
  }

  private async pass(): Promise<void> {
    this.dueAtMs = undefined;
    const resource = this.cache.list({ kind: 'FlinkDeployment' }, 'default', {})[0];
    if (resource === undefined) return;
    const probe: Probe<JobManagerAnswer> = { latest: () => this.answer, every: () => undefined };
    const observed = this.reconciler.observe(resource, this.cache, probe);
    const plan = this.reconciler.decide(resource, observed, this.now());
    this.probing = plan.probeEveryMs !== undefined;
    if (!this.probing) this.answer = unknown('not asked');
    if (plan.requeueAfterMs !== undefined) this.dueAtMs = this.nowMs + plan.requeueAfterMs;
    try {
      await execute(resource, plan, {
        write: this.api,
        events: { record: (_about, event) => this.events.push(event) },
        perform: async (_resource, effect) => this.world.cancel(effect.jobId),
      });
    } catch (error) {
      this.afterFailure(error);
    }
  }

  /** A killed operator starts afresh: empty memory, caches listed anew. A failed pass is tried again. */
  private afterFailure(error: unknown): void {
    if (error instanceof OperatorKilled) {
      this.cache = new FakeCache();
      this.late.length = 0;
      this.api.takeEvents();
      for (const object of this.api.all()) this.cache.deliver({ object, gone: false });
      this.answer = unknown('not asked yet');
      this.probing = false;
    } else if (!(error instanceof FailureError)) throw error;
    this.dueAtMs = this.nowMs + ROUND_MS;
  }

  /** Everything there is, without what rightly differs between two runs: uids, versions, times, job and start ids. */
  endState(): unknown {
    return this.api
      .all()
      .filter((object) => object.kind !== 'Pod')
      .map(masked)
      .sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  }
}

function describeOverlap(running: readonly Execution[], atMs: number): string {
  return `at ${atMs}: ${running.map((execution) => `${execution.pod} (start ${execution.startId})`).join(' and ')}`;
}

const VARYING =
  /^(uid|resourceVersion|generation|creationTimestamp|deletionTimestamp|lastTransitionTime|updateTime|startTime|reconciliationTimestamp|jobId|observedGeneration|weir\.dev\/start-id|weir\.dev\/job-id)$/;

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'string') return value.replace(/[0-9a-f]{32}|[0-9a-f]{16}|uid-\d+/g, '…');
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, VARYING.test(key) ? '…' : masked(item)]));
}
