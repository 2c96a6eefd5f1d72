import type { KubeObject } from '../kube/object.ts';
import { sparkConnectCrd } from './connect/crd.ts';
import { sparkApplicationCrd } from './crd.ts';
import { scheduledSparkApplicationCrd } from './schedule/crd.ts';

/** The CRDs of all Spark kinds that Weir works with. */
export function sparkCrds(): readonly KubeObject[] {
  return [sparkApplicationCrd(), scheduledSparkApplicationCrd(), sparkConnectCrd()];
}
