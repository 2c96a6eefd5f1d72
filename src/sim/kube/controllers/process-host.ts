import type { Cancel } from '../../../runtime/time.ts';
import type { Surroundings } from '../../process.ts';
import { createRandom } from '../../random.ts';
import type { KubeAccess } from '../access.ts';
import { networkError } from '../refusal.ts';
import type { World } from './world.ts';

/** What one process has around it, and its end. */
export interface Host {
  readonly surroundings: Surroundings;
  /** Cuts it off: no timer of it fires any more, no request of it arrives. */
  end(): void;
}

/** What a host is made with. */
export interface HostOptions {
  readonly world: World;
  readonly seed: number;
  /** Names the process, and so its chance. */
  readonly name: string;
  /** Whether it cannot reach the API server now. */
  readonly cutOff: () => boolean;
  readonly changed: () => void;
}

/** The surroundings of a process that has just started. */
export function createHost({ world, seed, name, cutOff, changed }: HostOptions): Host {
  const timers = new Set<Cancel>();
  let ended = false;
  const unreachable = (): boolean => ended || cutOff();
  const kube = guarded(world.kube, unreachable, timers);
  return {
    surroundings: {
      now: () => world.time.now(),
      random: createRandom(seed, name),
      kube,
      changed: () => {
        if (!ended) changed();
      },
      after(delayMs, callback) {
        if (ended) return () => {};
        const cancel = world.time.after(delayMs, () => {
          timers.delete(cancel);
          callback();
        });
        timers.add(cancel);
        return cancel;
      },
    },
    end() {
      ended = true;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}

/** The same access, for as long as the server can be reached. Its watches end with the process and miss what they cannot hear. */
function guarded(kube: KubeAccess, unreachable: () => boolean, endings: Set<Cancel>): KubeAccess {
  const reach = (what: string): KubeAccess => {
    if (unreachable()) throw networkError(what, 'connect EHOSTUNREACH');
    return kube;
  };
  return {
    get: (ref) => reach('get').get(ref),
    list: (kind, namespace, labels) => reach('list').list(kind, namespace, labels),
    create: (object) => reach('create').create(object),
    replace: (object, subresource) => reach('replace').replace(object, subresource),
    patch: (ref, patch, subresource) => reach('patch').patch(ref, patch, subresource),
    apply: (object, options) => reach('apply').apply(object, options),
    delete: (ref, options) => reach('delete').delete(ref, options),
    watch(kind, namespace, listener) {
      const end = reach('watch').watch(kind, namespace, (change) => {
        if (!unreachable()) listener(change);
      });
      endings.add(end);
      return end;
    },
  };
}
