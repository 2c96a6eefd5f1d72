import { describeRef, type KubeObject, type ObjectRef, refOf } from '../kube/object.ts';
import type { Time } from './time.ts';

/** When canary resources were last looked at by this process. */
export interface Canaries {
  /** A pass looked at the canary. */
  passed(canary: KubeObject): void;
  /** One line for each canary that no pass has looked at for longer than it may wait. */
  late(): readonly string[];
}

/** What a record of canaries is made with. */
export interface CanariesOptions {
  readonly time: Pick<Time, 'monotonic'>;
  /** Whether the resource is still there; one that is gone is forgotten. */
  readonly exists: (ref: ObjectRef) => boolean;
  /** Asked each time, in milliseconds. */
  readonly timeoutMs: () => number;
}

/** A record without canaries. On a standby it stays so, since only who leads looks at resources. */
export function createCanaries({ time, exists, timeoutMs }: CanariesOptions): Canaries {
  const passes = new Map<string, { readonly ref: ObjectRef; readonly at: number }>();
  return {
    passed(canary) {
      const ref = refOf(canary);
      passes.set(describeRef(ref), { ref, at: time.monotonic() });
    },
    late() {
      for (const [name, { ref }] of [...passes]) if (!exists(ref)) passes.delete(name);
      const now = time.monotonic();
      return [...passes]
        .filter(([, { at }]) => now - at > timeoutMs())
        .map(([name, { at }]) => `canary ${name}: not looked at for ${Math.round((now - at) / 1000)} s`);
    },
  };
}
