import { execute } from '../../core/execute.ts';
import { FailureError } from '../../core/failure.ts';
import type { EventDraft, Plan } from '../../core/plan.ts';
import type { KindRef, Reader } from '../../core/ports.ts';
import {
  type FakeApi,
  FakeCache,
  type FakeEvent,
  OperatorKilled,
  type WriteFault,
} from '../../core/testing/fake-api.ts';
import type { KubeObject } from '../../kube/object.ts';
import { canonicalJson, isRecord } from '../../lib/json.ts';

/** How the run is disturbed. */
export interface Disturbance {
  readonly write?: WriteFault;
  /** Rounds by which every watch event reaches the operator late. */
  readonly lateByRounds?: number;
  /** The same for events of pods alone: each kind has a watch of its own. */
  readonly latePodsByRounds?: number;
  /** Rounds for which an operator that was killed stays away. */
  readonly downRounds?: number;
}

/** What the operator decides about one resource of its kind. */
export interface Decider {
  readonly kind: KindRef;
  plan(resource: KubeObject, read: Reader, now: Date): Plan<unknown, never>;
}

/** How long after a failed pass the next one is. */
const RETRY_MS = 1000;

/** One operator over a fake API server, in virtual time: caches that may be behind, passes that may fail or kill it. */
export class FakeOperator {
  readonly events: EventDraft[] = [];
  private readonly api: FakeApi;
  private readonly decider: Decider;
  private readonly disturbance: Disturbance;
  private late: { readonly due: number; readonly event: FakeEvent }[] = [];
  private cache = new FakeCache();
  private roundNumber = 0;
  private dueAtMs: number | undefined = 0;
  private awayUntilRound = 0;

  constructor(api: FakeApi, decider: Decider, disturbance: Disturbance) {
    this.api = api;
    this.decider = decider;
    this.disturbance = disturbance;
    api.fault = disturbance.write;
  }

  /** One round: events arrive, then a pass is made if one is due. */
  async round(nowMs: number): Promise<void> {
    this.roundNumber += 1;
    if (this.roundNumber < this.awayUntilRound) return;
    if (this.roundNumber === this.awayUntilRound) this.listAnew();
    this.deliverEvents(nowMs);
    if (this.dueAtMs !== undefined && this.dueAtMs <= nowMs) await this.pass(nowMs);
  }

  private deliverEvents(nowMs: number): void {
    const { lateByRounds = 0, latePodsByRounds = lateByRounds } = this.disturbance;
    const dueOf = ({ object }: FakeEvent) =>
      this.roundNumber + (object.kind === 'Pod' ? latePodsByRounds : lateByRounds);
    const all = [...this.late, ...this.api.takeEvents().map((event) => ({ due: dueOf(event), event }))];
    this.late = all.filter(({ due }) => due > this.roundNumber);
    for (const { event } of all.filter(({ due }) => due <= this.roundNumber)) {
      this.cache.deliver(event);
      this.dueAtMs = nowMs;
    }
  }

  private async pass(nowMs: number): Promise<void> {
    this.dueAtMs = undefined;
    const [resource] = this.cache.list(this.decider.kind, 'default', {});
    if (resource === undefined) return;
    const plan = this.decider.plan(resource, this.cache, new Date(nowMs));
    if (plan.requeueAfterMs !== undefined) this.dueAtMs = nowMs + plan.requeueAfterMs;
    try {
      await execute(resource, plan, {
        write: this.api,
        events: { record: (_about, event) => this.events.push(event) },
        perform: async () => Promise.reject(new Error('a plan of Spark has no effects')),
      });
    } catch (error) {
      this.afterFailure(error, nowMs);
    }
  }

  /** A killed operator starts afresh. A failed pass is tried again. */
  private afterFailure(error: unknown, nowMs: number): void {
    if (error instanceof OperatorKilled) {
      this.awayUntilRound = this.roundNumber + (this.disturbance.downRounds ?? 0);
      if (this.awayUntilRound === this.roundNumber) this.listAnew();
    } else if (!(error instanceof FailureError)) throw error;
    this.dueAtMs = nowMs + RETRY_MS;
  }

  /** Empty memory, caches listed anew. */
  private listAnew(): void {
    this.cache = new FakeCache();
    this.late = [];
    this.api.takeEvents();
    for (const object of this.api.all()) this.cache.deliver({ object, gone: false });
  }
}

const VARYING =
  /^(uid|resourceVersion|generation|deletionTimestamp|lastTransitionTime|observedGeneration|lastSubmissionAttemptTime|terminationTime|lastRun|startTime|lastUpdateTime|lastRestartTime|creationTimestamp)$/;

/** Everything there is, without what rightly differs between two runs: uids, versions, times and ids. */
export function endStateOf(api: FakeApi): unknown {
  return api
    .all()
    .map(masked)
    .toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}

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
