import { execute } from '../../core/execute.ts';
import { FailureError } from '../../core/failure.ts';
import type { EventDraft } from '../../core/plan.ts';
import { FakeApi, FakeCache, type FakeEvent, OperatorKilled, type WriteFault } from '../../core/testing/fake-api.ts';
import type { KubeObject } from '../../kube/object.ts';
import { canonicalJson, isRecord } from '../../lib/json.ts';
import { decide } from '../decide.ts';
import { observe } from '../observe.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationStatus } from '../schema.ts';
import { situationOf } from '../situation.ts';
import { SparkWorld } from './world.ts';

/** Length of a round of virtual time. */
const ROUND_MS = 1000;
/** Rounds without a change after which nothing more is expected: longer than any wait of the tests. */
const QUIET = 40;

/** How the run is disturbed. */
export interface Disturbance {
  readonly write?: WriteFault;
  /** Rounds by which every watch event reaches the operator late. */
  readonly lateByRounds?: number;
  /** The same for events of pods alone: each kind has a watch of its own. */
  readonly latePodsByRounds?: number;
}

/** One operator, one SparkApplication and the world around them, in virtual time. */
export class Simulation {
  readonly api = new FakeApi();
  readonly world: SparkWorld;
  readonly events: EventDraft[] = [];
  /** Every time two drivers ran at once, in words. */
  readonly overlaps: string[] = [];
  private readonly disturbance: Disturbance;
  private late: { readonly due: number; readonly event: FakeEvent }[] = [];
  private nowMs = Date.parse('2026-01-01T00:00:00Z');
  private roundNumber = 0;
  private cache = new FakeCache();
  private dueAtMs: number | undefined = 0;

  constructor(exitCodes: readonly number[], disturbance: Disturbance = {}) {
    this.world = new SparkWorld(this.api, exitCodes, 20 * ROUND_MS);
    this.disturbance = disturbance;
    this.api.fault = disturbance.write;
    this.api.now = () => this.now();
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  application(): KubeObject | undefined {
    return this.api.all('SparkApplication')[0];
  }

  status(): SparkApplicationStatus {
    return (this.application()?.status ?? {}) as SparkApplicationStatus;
  }

  /** Runs until the application is in a state; throws if that does not happen. */
  async until(state: string): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (this.status().applicationState?.state === state) return;
      await this.round();
    }
    throw new Error(`is never ${state}:\n${this.api.log.slice(-20).join('\n')}`);
  }

  /** Runs until nothing changes any more; throws if that does not happen. */
  async settle(): Promise<void> {
    let quiet = 0;
    for (let i = 0; i < 600 && quiet < QUIET; i++) {
      const before = this.api.revision;
      await this.round();
      quiet = this.api.revision === before ? quiet + 1 : 0;
    }
    if (quiet < QUIET) throw new Error(`does not come to rest:\n${this.api.log.slice(-20).join('\n')}`);
  }

  private async round(): Promise<void> {
    this.roundNumber += 1;
    this.nowMs += ROUND_MS;
    this.world.round(this.now());
    const running = this.world.running();
    if (running.length > 1) this.overlaps.push(running.map(({ submissionId }) => submissionId).join(' and '));
    this.deliverEvents();
    if (this.dueAtMs !== undefined && this.dueAtMs <= this.nowMs) await this.pass();
  }

  private deliverEvents(): void {
    const { lateByRounds = 0, latePodsByRounds = lateByRounds } = this.disturbance;
    const dueOf = ({ object }: FakeEvent) =>
      this.roundNumber + (object.kind === 'Pod' ? latePodsByRounds : lateByRounds);
    const all = [...this.late, ...this.api.takeEvents().map((event) => ({ due: dueOf(event), event }))];
    this.late = all.filter(({ due }) => due > this.roundNumber);
    for (const { event } of all.filter(({ due }) => due <= this.roundNumber)) {
      this.cache.deliver(event);
      this.dueAtMs = this.nowMs;
    }
  }

  private async pass(): Promise<void> {
    this.dueAtMs = undefined;
    const [resource] = this.cache.list(SPARK_APPLICATION_KIND, 'default', {});
    if (resource === undefined) return;
    const plan = decide(situationOf(resource, observe(resource, this.cache), this.now()));
    if (plan.requeueAfterMs !== undefined) this.dueAtMs = this.nowMs + plan.requeueAfterMs;
    try {
      await execute(resource, plan, {
        write: this.api,
        events: { record: (_about, event) => this.events.push(event) },
        perform: async () => Promise.reject(new Error('a plan for a SparkApplication has no effects')),
      });
    } catch (error) {
      this.afterFailure(error);
    }
  }

  /** A killed operator starts afresh: empty memory, caches listed anew. A failed pass is tried again. */
  private afterFailure(error: unknown): void {
    if (error instanceof OperatorKilled) {
      this.cache = new FakeCache();
      this.late = [];
      this.api.takeEvents();
      for (const object of this.api.all()) this.cache.deliver({ object, gone: false });
    } else if (!(error instanceof FailureError)) throw error;
    this.dueAtMs = this.nowMs + ROUND_MS;
  }

  /** Everything there is, without what rightly differs between two runs: uids, versions, times and ids. */
  endState(): unknown {
    return this.api
      .all()
      .map(masked)
      .toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  }
}

const VARYING =
  /^(uid|resourceVersion|generation|deletionTimestamp|lastTransitionTime|observedGeneration|lastSubmissionAttemptTime|terminationTime)$/;

/** Ids in names, labels and texts, the time in the properties, and what follows from a time. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'string') {
    return value
      .replace(/submitTime=\d+/, 'submitTime=…')
      .replace(/-?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{16}|-[0-9a-f]{8}\b|uid-\d+/g, '…');
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [masked(key), VARYING.test(key) ? '…' : masked(item)]),
  );
}
