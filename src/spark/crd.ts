import { customResource, type PrinterColumn } from '../kube/crd.ts';
import type { KubeObject } from '../kube/object.ts';
import { SPARK_GROUP, SparkApplicationSpec, SparkApplicationStatus } from './schema.ts';

/** Groups that end in k8s.io are reserved; the API server asks for the approval, which is the incumbent's. */
export const API_APPROVED = {
  'api-approved.kubernetes.io': 'https://github.com/kubeflow/spark-operator/pull/1298',
};

/** Further columns of every Spark kind that has conditions, behind the incumbent's. */
export const CONDITION_COLUMNS: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', wide: true },
  { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', wide: true },
];

/** The CRD of SparkApplication: names, columns and subresources as the incumbent has them, further columns behind. */
export function sparkApplicationCrd(): KubeObject {
  return customResource({
    group: SPARK_GROUP,
    version: 'v1beta2',
    kind: 'SparkApplication',
    plural: 'sparkapplications',
    shortNames: ['sparkapp'],
    description: 'A Spark application: a driver pod, which makes its executors.',
    annotations: API_APPROVED,
    spec: SparkApplicationSpec.meta({ description: 'What is wanted.' }),
    status: SparkApplicationStatus.meta({ description: 'What there is; written by the operator.' }),
    columns: [
      { name: 'Suspend', type: 'boolean', jsonPath: '.spec.suspend' },
      { name: 'Status', type: 'string', jsonPath: '.status.applicationState.state' },
      { name: 'Attempts', type: 'string', jsonPath: '.status.executionAttempts' },
      { name: 'Start', type: 'string', jsonPath: '.status.lastSubmissionAttemptTime' },
      { name: 'Finish', type: 'string', jsonPath: '.status.terminationTime' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ...CONDITION_COLUMNS,
      { name: 'Executors', type: 'integer', jsonPath: '.status.executors.running', wide: true },
      { name: 'Spark Version', type: 'string', jsonPath: '.spec.sparkVersion', wide: true },
    ],
  });
}
