import { createKinds, runtimeKinds } from '../kinds.ts';
import { createKubeClient, type KubeClient } from '../kube-client.ts';
import type { KubeConfig } from '../kube-config.ts';
import type { Time } from '../time.ts';
import { testKinds } from './objects.ts';

/** A client of a server under test, knowing the kinds of objects.ts and the runtime's own. */
export function createTestClient(config: KubeConfig, time?: Time): KubeClient {
  const kinds = createKinds([...runtimeKinds, ...testKinds]);
  return createKubeClient({ config, kinds, userAgent: 'weir/test', ...(time ? { time } : {}) });
}
