import { NAMESPACE } from '../../bench/api.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import { VICTIM } from './world.ts';

const CONTAINERS = [{ name: 'main', image: 'web:1' }];

function object(kind: string, name: string, body: object, labels: Readonly<Record<string, string>> = {}): KubeObject {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: NAMESPACE, labels: { owner: 'somebody', ...labels } },
    ...body,
  };
}

/**
 * What others have: under the names that Weir gives the objects of two resources, with the labels by which it tells its
 * own, and in another namespace. None of it may ever be changed.
 */
export function foreignObjects([flink, spark]: readonly [string, string], canary: string): readonly KubeObject[] {
  const service = { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
  const pod = { spec: { containers: CONTAINERS } };
  const template = { metadata: { labels: { app: 'web' } }, ...pod };
  return [
    object('Deployment', flink, { spec: { selector: { matchLabels: { app: 'web' } }, template } }),
    object('Service', flink, service),
    object('Service', `${flink}-rest`, service),
    object('ConfigMap', `flink-config-${flink}`, { data: { mine: 'x' } }),
    object('Service', `${spark}-ui-svc`, service),
    object('Pod', `${spark}-driver`, pod),
    // Told by a label, and of no resource that is there.
    object('ConfigMap', `${flink}-cluster-config-map`, { data: {} }, { app: 'web', type: 'flink-native-kubernetes' }),
    object('Pod', 'victim-pod', pod, { [SPARK_LABELS.launched]: 'true', [SPARK_LABELS.appName]: 'victim' }),
    object('Secret', 'operator-token', { stringData: { token: canary } }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'orders', namespace: VICTIM }, data: { mine: 'x' } },
  ];
}
