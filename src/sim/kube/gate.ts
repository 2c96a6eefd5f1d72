import { type Fault, lastingMs } from './faults.ts';

/** How often each door was used so far: the upper ends of `n` in fault plans. */
export interface DoorCounts {
  readonly write: number;
  readonly read: number;
  readonly watch: number;
  readonly event: number;
  readonly rest: number;
  readonly fetch: number;
}

/** One line of what happened at the doors. */
export interface LogEntry {
  /** Virtual time in milliseconds since the start of the run. */
  readonly at: number;
  /** `write 3`, `rest 12`, or `operator` for its lives. */
  readonly door: string;
  /** What was asked, what came of it, and the fault that struck, if any. */
  readonly text: string;
}

type Door = keyof DoorCounts;
type FaultAt<D extends Door> = Extract<Fault, { readonly at: D }>['fault'];

/** One use of a door. */
export interface Use<D extends Door> {
  readonly n: number;
  readonly fault: FaultAt<D> | undefined;
}

/** Counts the uses of all doors over all lives of the operator, strikes by plan, and writes the log. */
export interface Gate {
  readonly counts: DoorCounts;
  /** Uses of the door `rest` that may change something: all but GET. */
  readonly restEffects: readonly number[];
  readonly log: readonly LogEntry[];
  readonly violations: readonly string[];
  /** When the last fault that struck was over, in virtual time since the start of the run; 0 before any did. */
  readonly disturbedUntil: number;
  next<D extends Door>(door: D): Use<D>;
  /** Tells that a use of the door `rest` may change something. */
  effect(n: number): void;
  /** `use` is what next() gave; undefined for what is no use of a door. */
  note(door: string, text: string): void;
  violation(text: string): void;
  /** Calls back when the event with number `n` has come, or sooner if cancelled by the result. */
  atEvent(n: number, callback: () => void): void;
}

/** A gate for one run. `now` is virtual time since the start of the run. */
export function createGate(faults: readonly Fault[], now: () => number): Gate {
  const plan = new Map(faults.map((fault) => [`${fault.at} ${fault.n}`, fault.fault]));
  const counts = { write: 0, read: 0, watch: 0, event: 0, rest: 0, fetch: 0 };
  const log: LogEntry[] = [];
  const restEffects: number[] = [];
  const violations: string[] = [];
  const waiting = new Map<number, (() => void)[]>();
  let disturbedUntil = 0;
  return {
    counts,
    restEffects,
    log,
    violations,
    get disturbedUntil() {
      return disturbedUntil;
    },
    next<D extends Door>(door: D): Use<D> {
      const n = ++counts[door];
      if (door === 'event') {
        for (const callback of waiting.get(n) ?? []) callback();
        waiting.delete(n);
      }
      const fault = plan.get(`${door} ${n}`);
      if (fault !== undefined) disturbedUntil = Math.max(disturbedUntil, now() + lastingMs(fault));
      return { n, fault: fault as FaultAt<D> | undefined };
    },
    effect: (n) => void restEffects.push(n),
    note: (door, text) => void log.push({ at: now(), door, text }),
    violation(text) {
      violations.push(text);
      log.push({ at: now(), door: 'violation', text });
    },
    atEvent: (n, callback) => void waiting.set(n, [...(waiting.get(n) ?? []), callback]),
  };
}
