import { isRecord } from '../lib/json.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { KubeError } from './classify-failure.ts';
import type { KubeClient } from './kube-client.ts';
import {
  initialLeaderState,
  type LeaderState,
  type LeaseRecord,
  type LeaseTiming,
  leaderIntent,
  seeLease,
  waitMs,
  writeBudget,
} from './leader-step.ts';
import type { Logger } from './logger.ts';
import { sleep, type Time } from './time.ts';

/** Election of one process among several by a coordination.k8s.io/v1 Lease. */
export interface LeaderElection {
  /** Takes part until release(). Resolves when this process leads; also when it is released before. */
  start(): Promise<void>;
  leads(): boolean;
  /** Milliseconds a write started now may take; 0 when none may start since the lease could be lost by then. */
  writeBudgetMs(): number;
  /** Stops, and hands the lease over so that the next process need not wait for it to expire. Never rejects. */
  release(): Promise<void>;
}

/** What an election is made with. The client's kinds must contain Lease. */
export interface LeaderElectionOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process: pod name plus something random. */
  readonly identity: string;
  readonly time: Time;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'leading'>;
  readonly timing?: LeaseTiming;
  /** Called once when leadership is lost against our will. The process must end: its view of the world is another's now. */
  readonly onLost: (why: string) => void;
}

const TIMING: LeaseTiming = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;

interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

interface Run {
  readonly options: LeaderElectionOptions;
  readonly timing: LeaseTiming;
  readonly stopping: AbortController;
  state: LeaderState;
  /** When the last successful renewal was sent. */
  renewed: Instant | undefined;
  acquired: () => void;
}

/** An election that has not begun. */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const run: Run = {
    options,
    timing: options.timing ?? TIMING,
    stopping: new AbortController(),
    state: initialLeaderState,
    renewed: undefined,
    acquired: () => {},
  };
  options.metrics?.leading(options.name, false);
  let loop: Promise<void> = Promise.resolve();
  return {
    start() {
      return new Promise((resolve) => {
        run.acquired = resolve;
        loop = compete(run);
      });
    },
    leads: () => run.state.leads,
    writeBudgetMs: () => (run.state.leads ? writeBudget(elapsed(run), run.timing) : 0),
    async release() {
      run.stopping.abort();
      await loop;
      run.acquired();
      if (run.state.leads) await handOver(run);
    },
  };
}

/** The longer of both clocks: the monotonic one stands still while the machine sleeps, the wall clock may be set back. */
function elapsed(run: Run): number {
  if (run.renewed === undefined) return Number.POSITIVE_INFINITY;
  const now = instant(run.options.time);
  return Math.max(now.monotonic - run.renewed.monotonic, now.wall - run.renewed.wall);
}

function instant(time: Time): Instant {
  return { monotonic: time.monotonic(), wall: time.now() };
}

async function compete(run: Run): Promise<void> {
  const { options, timing, stopping } = run;
  while (!stopping.signal.aborted) {
    const problem = await attempt(run);
    if (run.state.leads && elapsed(run) >= timing.renewDeadlineMs)
      lose(run, problem ?? 'the lease could not be renewed in time');
    if (problem === 'lost') return;
    const wait = waitMs(run.state, options.time.monotonic(), timing, options.time.random());
    // A leader that comes to its deadline tries once more, and then lets go of everything.
    const left = run.state.leads ? Math.max(0, timing.renewDeadlineMs - elapsed(run)) : wait;
    await sleep(options.time, Math.min(wait, left), stopping.signal);
  }
}

/** One round. Returns what went wrong, if anything. */
async function attempt(run: Run): Promise<string | undefined> {
  const { options, state } = run;
  try {
    if (state.leads && state.seen !== undefined) {
      await renew(run, state.seen.lease);
      return undefined;
    }
    return await look(run);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const answered = error instanceof KubeError && (error.status === 409 || error.status === 404);
    // Somebody changed or deleted the lease under us: only a fresh look tells whether we still lead.
    if (answered && state.leads) return look(run).catch((again: unknown) => String(again));
    if (!answered) options.log.warn({ lease: options.name, error: message }, 'the lease could not be read or written');
    return message;
  }
}

async function look(run: Run): Promise<string | undefined> {
  const { options } = run;
  const lease = await readLease(run);
  const now = options.time.monotonic();
  run.state = seeLease(run.state, lease, now);
  const intent = leaderIntent(run.state, options.identity, now);
  if (intent === 'lost') {
    lose(run, `${lease?.holder || 'nobody'} holds the lease`);
    return 'lost';
  }
  if (intent === 'create') await create(run);
  else if (intent !== 'wait' && lease !== undefined) await renew(run, lease);
  return undefined;
}

function lose(run: Run, why: string): void {
  const { options } = run;
  run.state = initialLeaderState;
  run.stopping.abort();
  options.metrics?.leading(options.name, false);
  options.log.error({ lease: options.name, why }, 'leadership lost');
  options.onLost(why);
}

function leadFrom(run: Run, sent: Instant, lease: LeaseRecord): void {
  const { options, state } = run;
  run.renewed = sent;
  run.state = { leads: true, seen: { lease, since: sent.monotonic } };
  if (state.leads) return;
  options.metrics?.leading(options.name, true);
  options.log.info({ lease: options.name, identity: options.identity }, 'leading');
  run.acquired();
}

/** Renews our lease, or takes one that is free. */
async function renew(run: Run, lease: LeaseRecord): Promise<void> {
  const { options, timing } = run;
  const sent = instant(options.time);
  const now = microTime(sent.wall);
  const taking = lease.holder !== options.identity;
  const spec = {
    holderIdentity: options.identity,
    leaseDurationSeconds: Math.round(timing.durationMs / 1000),
    renewTime: now,
    ...(taking ? { acquireTime: now, leaseTransitions: lease.transitions + 1 } : {}),
  };
  leadFrom(run, sent, await patchLease(run, lease, spec));
}

async function create(run: Run): Promise<void> {
  const { options, timing } = run;
  const sent = instant(options.time);
  const now = microTime(sent.wall);
  const spec = {
    holderIdentity: options.identity,
    leaseDurationSeconds: Math.round(timing.durationMs / 1000),
    acquireTime: now,
    renewTime: now,
    leaseTransitions: 0,
  };
  const body = { ...LEASE, metadata: { name: options.name, namespace: options.namespace }, spec };
  const path = options.client.kinds.collection(LEASE, options.namespace);
  const answer = await options.client.request({
    method: 'POST',
    path,
    body,
    what: 'create lease',
    timeoutMs: patience(run),
  });
  leadFrom(run, sent, recordOf(answer));
}

async function readLease(run: Run): Promise<LeaseRecord | undefined> {
  const { client } = run.options;
  try {
    return recordOf(
      await client.request({ method: 'GET', path: path(run), what: 'get lease', timeoutMs: patience(run) }),
    );
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

async function patchLease(run: Run, lease: LeaseRecord, spec: object): Promise<LeaseRecord> {
  const answer = await run.options.client.request({
    method: 'PATCH',
    path: path(run),
    query: { fieldManager: run.options.client.fieldManager },
    contentType: 'application/merge-patch+json',
    body: { metadata: { resourceVersion: lease.resourceVersion }, spec },
    what: 'patch lease',
    timeoutMs: patience(run),
  });
  return recordOf(answer);
}

async function handOver(run: Run): Promise<void> {
  const { options, state } = run;
  run.state = initialLeaderState;
  options.metrics?.leading(options.name, false);
  if (state.seen === undefined) return;
  try {
    await patchLease(run, state.seen.lease, {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: microTime(options.time.now()),
    });
    options.log.info({ lease: options.name }, 'lease released');
  } catch (error) {
    options.log.warn(
      { lease: options.name, error: String(error) },
      'the lease could not be released: the next leader waits until it runs out',
    );
  }
}

function path({ options }: Run): string {
  return options.client.kinds.object({ ...LEASE, namespace: options.namespace, name: options.name });
}

/** A renewal must not outlive the deadline it is to keep. */
function patience(run: Run): number {
  const { renewDeadlineMs } = run.timing;
  const most = renewDeadlineMs / 2;
  return run.state.leads ? Math.max(1_000, Math.min(most, renewDeadlineMs - elapsed(run))) : most;
}

/** meta/v1 MicroTime: the API server refuses fewer than six fractional digits. */
function microTime(wall: number): string {
  return new Date(wall).toISOString().replace('Z', '000Z');
}

function recordOf(answer: unknown): LeaseRecord {
  const lease = isRecord(answer) ? answer : {};
  const spec = isRecord(lease.spec) ? lease.spec : {};
  const metadata = isRecord(lease.metadata) ? lease.metadata : {};
  return {
    holder: typeof spec.holderIdentity === 'string' ? spec.holderIdentity : '',
    durationMs: Number(spec.leaseDurationSeconds ?? 0) * 1000,
    transitions: Number(spec.leaseTransitions ?? 0),
    resourceVersion: String(metadata.resourceVersion ?? ''),
  };
}
