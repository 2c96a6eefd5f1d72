import { customResource } from '../kube/crd.ts';
import type { KubeObject } from '../kube/object.ts';
import { FLINK_GROUP, FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';

/** The CRD of FlinkDeployment: names, columns and subresources as the incumbent has them, further columns behind. */
export function flinkDeploymentCrd(): KubeObject {
  return customResource({
    group: FLINK_GROUP,
    version: 'v1beta1',
    kind: 'FlinkDeployment',
    plural: 'flinkdeployments',
    shortNames: ['flinkdep'],
    description: 'A Flink cluster: for one job (application cluster) or, without spec.job, for many (session cluster).',
    spec: FlinkDeploymentSpec.meta({ description: 'What is wanted.' }),
    status: FlinkDeploymentStatus.meta({ description: 'What there is; written by the operator.' }),
    columns: [
      { name: 'Job Status', type: 'string', jsonPath: '.status.jobStatus.state' },
      { name: 'Lifecycle State', type: 'string', jsonPath: '.status.lifecycleState' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', wide: true },
      { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', wide: true },
      { name: 'Flink Version', type: 'string', jsonPath: '.spec.flinkVersion', wide: true },
      { name: 'Upgrade Mode', type: 'string', jsonPath: '.spec.job.upgradeMode', wide: true },
      { name: 'TaskManagers', type: 'integer', jsonPath: '.status.taskManager.replicas', wide: true },
      { name: 'Tasks', type: 'integer', jsonPath: '.status.tasks.total', wide: true },
    ],
    scale: {
      specReplicasPath: '.spec.taskManager.replicas',
      statusReplicasPath: '.status.taskManager.replicas',
      labelSelectorPath: '.status.taskManager.labelSelector',
    },
  });
}
