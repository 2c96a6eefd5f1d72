import { customResource } from '../../kube/crd.ts';
import type { KubeObject } from '../../kube/object.ts';
import { API_APPROVED, CONDITION_COLUMNS } from '../crd.ts';
import { SPARK_GROUP } from '../schema.ts';
import { SparkConnectSpec, SparkConnectStatus } from './schema.ts';

/** The CRD of SparkConnect: names, columns and subresources as the incumbent has them, further columns behind. */
export function sparkConnectCrd(): KubeObject {
  return customResource({
    group: SPARK_GROUP,
    version: 'v1alpha1',
    kind: 'SparkConnect',
    plural: 'sparkconnects',
    shortNames: ['sparkconn'],
    description: 'A Spark Connect server with its executors.',
    annotations: API_APPROVED,
    spec: SparkConnectSpec.meta({ description: 'What is wanted.' }),
    status: SparkConnectStatus.meta({ description: 'What there is; written by the operator.' }),
    columns: [
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      { name: 'Status', type: 'string', jsonPath: '.status.state' },
      { name: 'PodName', type: 'string', jsonPath: '.status.server.podName' },
      ...CONDITION_COLUMNS,
      { name: 'Service', type: 'string', jsonPath: '.status.server.serviceName', wide: true },
      { name: 'Executors', type: 'integer', jsonPath: '.status.executors.running', wide: true },
      { name: 'Spark Version', type: 'string', jsonPath: '.spec.sparkVersion', wide: true },
    ],
  });
}
