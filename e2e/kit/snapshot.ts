import type { FlinkStateSnapshotStatus } from '../../src/flink/snapshot/schema.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { Kube, Target } from './kube.ts';

/** What differs from one FlinkStateSnapshot of the tests to the next. */
export interface SnapshotWish {
  readonly namespace: string;
  readonly name: string;
  readonly job: { readonly kind: 'FlinkDeployment' | 'FlinkSessionJob'; readonly name: string };
  readonly savepoint?: Readonly<Record<string, unknown>>;
  readonly checkpoint?: Readonly<Record<string, unknown>>;
}

/** A FlinkStateSnapshot. */
export function stateSnapshot({ namespace, name, job, ...what }: SnapshotWish): KubeObject {
  return {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: 'FlinkStateSnapshot',
    metadata: { name, namespace },
    spec: { jobReference: job, ...what },
  };
}

/** Where a FlinkStateSnapshot is. */
export function snapshotTarget(namespace: string, name: string): Target {
  return { plural: 'flinkstatesnapshots', namespace, name };
}

/** The status of a FlinkStateSnapshot, empty before there is one; undefined when the resource is gone. */
export async function readSnapshot(
  kube: Kube,
  namespace: string,
  name: string,
): Promise<FlinkStateSnapshotStatus | undefined> {
  const found = await kube.get(snapshotTarget(namespace, name));
  return found === undefined ? undefined : ((found.status ?? {}) as FlinkStateSnapshotStatus);
}
