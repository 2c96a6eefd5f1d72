import { NAMESPACE, type Sighting } from '../../bench/api.ts';
import type { KindRef } from '../../src/core/ports.ts';
import { OPERATOR_KINDS } from '../../src/operator-access.ts';
import { createCaches } from '../../src/runtime/caches.ts';
import { createKinds } from '../../src/runtime/kinds.ts';
import { createKubeClient } from '../../src/runtime/kube-client.ts';
import { loadKubeConfig } from '../../src/runtime/kube-config.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { systemTime } from '../../src/runtime/time.ts';

/** What happens to objects, seen to the end whatever becomes of the API server meanwhile. */
export interface Sightings {
  /** Calls back for every change from now on. */
  each(listener: (sighting: Sighting) => void): void;
  stop(): Promise<void>;
}

const TYPES = { added: 'ADDED', updated: 'MODIFIED', deleted: 'DELETED' } as const;

/** Watches these kinds in the namespace of all tests; resolves when all that is there has been seen. */
export async function watchThroughout(kubeconfigPath: string, kinds: readonly KindRef[]): Promise<Sightings> {
  const config = loadKubeConfig({ path: kubeconfigPath });
  const client = createKubeClient({ config, kinds: createKinds(OPERATOR_KINDS), userAgent: 'weir-faults' });
  const caches = createCaches({ client, namespaces: [NAMESPACE], time: systemTime, log: silentLogger });
  const listeners: ((sighting: Sighting) => void)[] = [];
  for (const kind of kinds) {
    caches.watch({ kind }, ({ type, object }) => {
      for (const listener of listeners) listener({ at: performance.now(), type: TYPES[type], object });
    });
  }
  const stopping = new AbortController();
  caches.start(stopping.signal);
  await caches.synced(kinds, stopping.signal);
  return {
    each: (listener) => void listeners.push(listener),
    async stop() {
      stopping.abort();
      await client.close();
    },
  };
}
