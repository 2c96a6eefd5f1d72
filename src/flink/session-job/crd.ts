import { customResource } from '../../kube/crd.ts';
import type { KubeObject } from '../../kube/object.ts';
import { FLINK_GROUP } from '../schema.ts';
import { FlinkSessionJobSpec, FlinkSessionJobStatus } from './schema.ts';

/** The CRD of FlinkSessionJob: names, columns and subresources as the incumbent has them, further columns behind. */
export function flinkSessionJobCrd(): KubeObject {
  return customResource({
    group: FLINK_GROUP,
    version: 'v1beta1',
    kind: 'FlinkSessionJob',
    plural: 'flinksessionjobs',
    shortNames: ['sessionjob'],
    description: 'A Flink job on a session cluster (a FlinkDeployment without spec.job) in the same namespace.',
    spec: FlinkSessionJobSpec.meta({ description: 'What is wanted.' }),
    status: FlinkSessionJobStatus.meta({ description: 'What there is; written by the operator.' }),
    columns: [
      { name: 'Job Status', type: 'string', jsonPath: '.status.jobStatus.state' },
      { name: 'Lifecycle State', type: 'string', jsonPath: '.status.lifecycleState' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', wide: true },
      { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', wide: true },
      { name: 'Session', type: 'string', jsonPath: '.spec.deploymentName', wide: true },
      { name: 'Upgrade Mode', type: 'string', jsonPath: '.spec.job.upgradeMode', wide: true },
      { name: 'Tasks', type: 'integer', jsonPath: '.status.tasks.total', wide: true },
    ],
  });
}
