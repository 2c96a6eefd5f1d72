/** What a Lease says, without its times: those are another machine's clock and are never compared with ours. */
export interface LeaseRecord {
  /** Empty when released. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly resourceVersion: string;
}

/** How an elector stands. Times are this process's monotonic milliseconds. */
export interface LeaderState {
  readonly leads: boolean;
  /** The lease as last seen, and since when it looks like that; undefined before the first look. */
  readonly seen: { readonly lease: LeaseRecord; readonly since: number } | undefined;
}

/** Lease timing in milliseconds, as in client-go: 15 s, 10 s, 2 s. */
export interface LeaseTiming {
  /** Others wait this long after the last renewal they saw. */
  readonly durationMs: number;
  /** A leader that could not renew for this long stops. Shorter than durationMs. */
  readonly renewDeadlineMs: number;
  /** How often a leader renews, at least. Whoever waits looks twice as often. */
  readonly retryMs: number;
}

/** What to do next about the lease. `lost`: it is gone or another's while we thought we led. */
export type LeaderIntent = 'create' | 'take' | 'renew' | 'wait' | 'lost';

/** Before the first look at the lease. */
export const initialLeaderState: LeaderState = { leads: false, seen: undefined };

/** The state after reading the lease (undefined: there is none). The clock of its age starts anew whenever it changed. */
export function seeLease(state: LeaderState, lease: LeaseRecord | undefined, now: number): LeaderState {
  if (lease === undefined) return { ...state, seen: undefined };
  if (state.seen?.lease.resourceVersion === lease.resourceVersion) return state;
  return { ...state, seen: { lease, since: now } };
}

/** What to do after seeing the lease. A foreign lease counts as expired only after it did not change for its whole duration before our eyes. */
export function leaderIntent(state: LeaderState, identity: string, now: number): LeaderIntent {
  const { seen, leads } = state;
  if (seen === undefined) return leads ? 'lost' : 'create';
  if (seen.lease.holder === identity) return leads ? 'renew' : 'take';
  if (leads) return 'lost';
  const expired = now - seen.since > seen.lease.durationMs;
  return seen.lease.holder === '' || expired ? 'take' : 'wait';
}

/**
 * How long a write started now may take, so that it ends before another could lead; 0 when none may start. `elapsedMs` is
 * the time since the last successful renewal was sent.
 */
export function writeBudget(elapsedMs: number, timing: LeaseTiming): number {
  return elapsedMs < timing.renewDeadlineMs ? timing.durationMs - elapsedMs : 0;
}

/**
 * Milliseconds until the lease is to be renewed or looked at again, `spread` being a number in [0, 1). A leader renews
 * within retryMs. Whoever waits looks within half of that, so that a released lease is taken and a renewal is noticed
 * soon, and looks at the moment the lease expires before its eyes.
 */
export function waitMs({ leads, seen }: LeaderState, now: number, { retryMs }: LeaseTiming, spread: number): number {
  const usual = retryMs * (0.7 + 0.3 * spread) * (leads ? 1 : 0.5);
  if (leads || seen === undefined || seen.lease.holder === '') return usual;
  const left = seen.since + seen.lease.durationMs + 1 - now;
  return left > 0 ? Math.min(usual, left) : usual;
}
