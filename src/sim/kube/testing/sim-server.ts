import type { Access } from '../../../core/reconciler.ts';
import { THING } from '../../../runtime/testing/objects.ts';
import { createRandom } from '../../random.ts';
import { createVirtualTime } from '../../virtual-time.ts';
import { createBackend } from '../backend.ts';
import { startCluster } from '../controllers/cluster.ts';
import { createObjectStore } from '../object-store.ts';
import { administrator, type Identity, limitedTo } from '../rights.ts';
import { createSimClient } from '../sim-client.ts';
import { customKind } from '../sim-kinds.ts';
import { type ContractServer, Requests } from './contract-server.ts';

const CUSTOM = [
  { ...THING, plural: 'things', namespaced: true },
  { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment', plural: 'flinkdeployments', namespaced: true },
];

/** The simulated API server with its controllers, as the contract wants it. */
export async function startSimServer(access: readonly Access[]): Promise<ContractServer> {
  const time = createVirtualTime(1, Date.parse('2026-01-01T00:00:00Z'));
  const backend = createBackend(createObjectStore(), {
    kinds: CUSTOM.map((kind) => customKind(kind)),
    now: () => time.world.now(),
    random: createRandom(1, 'names'),
  });
  const startProcess = () => {
    throw new Error('there is no node');
  };
  startCluster(backend, { seed: 1, time: time.world, nodes: [], startProcess });
  const client = (identity: Identity, agent: string) =>
    createSimClient({ backend, sender: { identity, agent }, time: time.world });
  const admin = client(administrator, 'contract');
  for (const name of ['a', 'b', 'weir']) {
    await new Requests(admin).create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  return {
    admin,
    operator: client(limitedTo('system:serviceaccount:weir:weir', access), 'weir'),
    forget: () => backend.store.compact(),
    stop: () => Promise.resolve(),
    async until(check) {
      for (let tries = 0; tries < 400; tries++) {
        try {
          return await check();
        } catch {
          await time.advance(50); // the world goes on, and then it is asked again
        }
      }
      return await check();
    },
  };
}
