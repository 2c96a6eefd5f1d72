import type { ObjectKey } from '../kube/object.ts';
import type { Cancel, Time } from './time.ts';

/** Lets resources begin one after the other what can wait, so that those who began are done with soon. */
export interface Pacing {
  /**
   * Whether the key, which wants to begin something or does not, has to wait with it. If so, `again` is called when its turn
   * comes: should it still want to, it need not wait then.
   */
  holds(key: ObjectKey, wants: boolean, again: () => void): boolean;
  /** The key wants nothing any more: it waits no longer, and a turn it has been given lapses. */
  forget(key: ObjectKey): void;
  /** Those who wait or whose turn it is. */
  keys(): Iterable<ObjectKey>;
  /** Lets nobody begin who waits. */
  stop(): void;
}

/** What a pacing goes by. */
export interface PacingOptions {
  readonly time: Time;
  /** Whether there is as much to do as can be done well. */
  readonly busy: () => boolean;
}

/** Milliseconds between two that begin: by then what the first one asks for can be seen in how busy it is. */
const PACE_MS = 40;

/** However busy it is, one begins after so long: who keeps it busy may do so for ever. */
const BUSY_PACE_MS = 1000;

/** A pacing, first come, first served. Who began counts no more, so one that never ends holds up nobody. */
export function createPacing({ time, busy }: PacingOptions): Pacing {
  const waiting = new Map<ObjectKey, () => void>();
  const admitted = new Set<ObjectKey>();
  let beganAt = Number.NEGATIVE_INFINITY;
  let cancel: Cancel | undefined;
  const begins = (): boolean => {
    const now = time.monotonic();
    if (now - beganAt < (busy() ? BUSY_PACE_MS : PACE_MS)) return false;
    beganAt = now;
    return true;
  };
  const look = (): void => {
    const [first] = waiting;
    if (first !== undefined && begins()) {
      const [key, again] = first;
      waiting.delete(key);
      admitted.add(key);
      again();
    }
    cancel = waiting.size === 0 ? undefined : time.after(PACE_MS, look);
  };
  const forget = (key: ObjectKey): void => {
    waiting.delete(key);
    admitted.delete(key);
  };
  return {
    holds(key, wants, again) {
      if (!wants) forget(key);
      if (!wants || admitted.delete(key) || (waiting.size === 0 && begins())) return false;
      waiting.set(key, again);
      cancel ??= time.after(PACE_MS, look);
      return true;
    },
    forget,
    keys: () => [...waiting.keys(), ...admitted],
    stop() {
      cancel?.();
      cancel = undefined;
      waiting.clear();
    },
  };
}
