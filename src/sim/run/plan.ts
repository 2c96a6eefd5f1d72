import type { Fault } from '../kube/faults.ts';

/** One disturbed run: everything it takes to do it again. */
export interface Plan {
  readonly scenario: string;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

/** A plan on one line, for `npm run sim -- --plan '…'`. */
export function planText(plan: Plan): string {
  return JSON.stringify(plan);
}

/** Reads what planText wrote. Throws an Error that says what is wrong. */
export function parsePlan(text: string): Plan {
  const value = JSON.parse(text) as Partial<Plan>;
  const { scenario, seed, faults } = value;
  if (typeof scenario !== 'string' || typeof seed !== 'number' || !Array.isArray(faults)) {
    throw new Error(`a plan has scenario, seed and faults: ${text.slice(0, 200)}`);
  }
  return { scenario, seed, faults };
}

/** How often a calm run used each door, before it had come to rest for good. */
export interface Counts {
  readonly write: number;
  readonly read: number;
  readonly watch: number;
  readonly event: number;
  readonly rest: number;
  readonly fetch: number;
  /** Uses of `rest` that may change something. */
  readonly restEffects: readonly number[];
}

/**
 * Every single fault for a scenario: each write crashing before and after, lost, refused and late; each list stale or
 * lost; each watch event missed, late; each artifact not answered for, refused, late and broken off; each REST call not sent, refused, late, and lost after it took effect, which of
 * one that only reads comes to the same as not being sent.
 */
export function singleFaults({ write, read, watch, event, rest, fetch, restEffects }: Counts): readonly Fault[] {
  return [
    ...each(write, (n) => [
      { at: 'write', n, fault: { kind: 'crash-before' } },
      { at: 'write', n, fault: { kind: 'crash-after' } },
      { at: 'write', n, fault: { kind: 'lost' } },
      { at: 'write', n, fault: { kind: 'refused', status: 500 } },
      { at: 'write', n, fault: { kind: 'refused', status: 409 } },
      { at: 'write', n, fault: { kind: 'late', ms: 8_000 } },
    ]),
    ...each(read, (n) => [
      { at: 'read', n, fault: { kind: 'lost' } },
      { at: 'read', n, fault: { kind: 'stale', revisions: 3 } },
    ]),
    ...each(watch, (n) => [{ at: 'watch', n, fault: { kind: 'closed' } }]),
    ...each(event, (n) => [
      { at: 'event', n, fault: { kind: 'missed' } },
      { at: 'event', n, fault: { kind: 'late', ms: 7_000 } },
    ]),
    ...each(rest, (n) => [
      { at: 'rest', n, fault: { kind: 'unsent' } },
      ...(restEffects.includes(n) ? [{ at: 'rest', n, fault: { kind: 'lost' } } as const] : []),
      { at: 'rest', n, fault: { kind: 'status', status: 503 } },
      { at: 'rest', n, fault: { kind: 'late', ms: 9_000 } },
    ]),
    ...each(fetch, (n) => [
      { at: 'fetch', n, fault: { kind: 'unsent' } },
      { at: 'fetch', n, fault: { kind: 'status', status: 503 } },
      { at: 'fetch', n, fault: { kind: 'status', status: 404 } },
      { at: 'fetch', n, fault: { kind: 'late', ms: 9_000 } },
      { at: 'fetch', n, fault: { kind: 'broken' } },
    ]),
  ];
}

/**
 * Two faults at a time: a crash after each write, and one of the lists that the next life begins with answered as the world
 * was some revisions before. A life lists as many kinds as a calm one has reads.
 */
export function staleRestarts({ write, read }: Counts): readonly (readonly Fault[])[] {
  return Array.from({ length: write }, (_, index) => index + 1).flatMap((n) =>
    Array.from({ length: read }, (_, list): readonly Fault[] => [
      { at: 'write', n, fault: { kind: 'crash-after' } },
      { at: 'read', n: read + list + 1, fault: { kind: 'stale', revisions: 3 } },
    ]),
  );
}

const HOUR_MS = 3_600_000;

/**
 * The wall clock of the operator's node jumps at each write, an hour ahead or an hour back: whatever holds by single faults
 * holds then, too (I20).
 */
export function clockJumps({ write }: Counts): readonly (readonly Fault[])[] {
  return [HOUR_MS, -HOUR_MS].flatMap((ms) =>
    each(write, (n) => [{ at: 'write', n, fault: { kind: 'clock', ms } }]).map((fault) => [fault]),
  );
}

function each(count: number, faults: (n: number) => readonly Fault[]): readonly Fault[] {
  return Array.from({ length: count }, (_, index) => faults(index + 1)).flat();
}
