import type { ObjectKey } from '../kube/object.ts';
import type { Time } from './time.ts';

/** When canary resources were last looked at by this process. */
export interface Canaries {
  /** A pass looked at the canary. */
  passed(key: ObjectKey): void;
  /** One line for each canary that no pass has looked at for longer than it may wait. */
  late(): readonly string[];
}

/** What a record of canaries is made with. */
export interface CanariesOptions {
  readonly time: Pick<Time, 'monotonic'>;
  /** Whether the resource is still there; one that is gone is forgotten. */
  readonly exists: (key: ObjectKey) => boolean;
  /** Asked each time, in milliseconds. */
  readonly timeoutMs: () => number;
}

/** A record without canaries. On a standby it stays so, since only who leads looks at resources. */
export function createCanaries({ time, exists, timeoutMs }: CanariesOptions): Canaries {
  const passes = new Map<ObjectKey, number>();
  return {
    passed: (key) => void passes.set(key, time.monotonic()),
    late() {
      for (const key of [...passes.keys()]) if (!exists(key)) passes.delete(key);
      const now = time.monotonic();
      return [...passes]
        .filter(([, at]) => now - at > timeoutMs())
        .map(([key, at]) => `canary ${key}: not looked at for ${Math.round((now - at) / 1000)} s`);
    },
  };
}
