import { customResource } from '../../kube/crd.ts';
import type { KubeObject } from '../../kube/object.ts';
import { FLINK_GROUP } from '../schema.ts';
import { FlinkStateSnapshotSpec, FlinkStateSnapshotStatus } from './schema.ts';

/** The CRD of FlinkStateSnapshot: names, columns and subresources as the incumbent has them, further columns behind. */
export function flinkStateSnapshotCrd(): KubeObject {
  return customResource({
    group: FLINK_GROUP,
    version: 'v1beta1',
    kind: 'FlinkStateSnapshot',
    plural: 'flinkstatesnapshots',
    shortNames: ['flinksnp'],
    description: 'A savepoint or checkpoint of a Flink job in the same namespace.',
    spec: FlinkStateSnapshotSpec.meta({ description: 'What is wanted.' }),
    status: FlinkStateSnapshotStatus.meta({ description: 'What there is; written by the operator.' }),
    columns: [
      { name: 'Path', type: 'string', jsonPath: '.status.path' },
      { name: 'Result Timestamp', type: 'string', jsonPath: '.status.resultTimestamp' },
      { name: 'Snapshot State', type: 'string', jsonPath: '.status.state' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', wide: true },
      { name: 'Job', type: 'string', jsonPath: '.spec.jobReference.name', wide: true },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', wide: true },
      { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', wide: true },
    ],
  });
}
