import type { KubeObject } from '../kube/object.ts';
import { flinkDeploymentCrd } from './crd.ts';
import { flinkSessionJobCrd } from './session-job/crd.ts';
import { flinkStateSnapshotCrd } from './snapshot/crd.ts';

/** The CRDs of all Flink kinds that Weir works with. */
export function flinkCrds(): readonly KubeObject[] {
  return [flinkDeploymentCrd(), flinkSessionJobCrd(), flinkStateSnapshotCrd()];
}
