import type { KindRef } from '../../../core/ports.ts';
import { keyOf } from '../../../kube/object.ts';
import { deepEqual } from '../../../lib/json.ts';
import { usedOf } from '../quota.ts';
import { createLoop, fieldsOf, POD, refAt, type World } from './world.ts';

const QUOTA: KindRef = { apiVersion: 'v1', kind: 'ResourceQuota' };

/** Says in the status of each quota what it limits and how much of that is used. */
export function startQuotaController(world: World): void {
  const loop = createLoop(world, [20, 100], (key) => sync(world, key));
  world.kube.watch(QUOTA, undefined, ({ object }) => loop.add(keyOf(object.metadata)));
  world.kube.watch(POD, undefined, ({ object }) => {
    for (const quota of world.kube.list(QUOTA, object.metadata.namespace)) loop.add(keyOf(quota.metadata));
  });
}

function sync({ kube }: World, key: string): undefined {
  const quota = kube.get(refAt(QUOTA, key));
  if (quota === undefined) return;
  const { hard } = fieldsOf(quota.spec);
  const status = { hard, used: usedOf(quota, kube.list(POD, quota.metadata.namespace)) };
  if (!deepEqual(quota.status, status)) kube.replace({ ...quota, status }, 'status');
}
