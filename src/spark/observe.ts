import type { Reader } from '../core/ports.ts';
import { isOwnedBy, type KubeObject } from '../kube/object.ts';
import { SPARK_LABELS } from './conf/submission.ts';
import type { Observed } from './observed.ts';

/** Kinds an application consists of, as they are watched. */
export const KINDS = {
  pod: { apiVersion: 'v1', kind: 'Pod' },
  service: { apiVersion: 'v1', kind: 'Service' },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap' },
  ingress: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  disruptionBudget: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
} as const;

const SUPPORTS = [KINDS.configMap, KINDS.service, KINDS.ingress, KINDS.disruptionBudget];

/** Gathers every fact a decision about one SparkApplication may use, from caches; no I/O of its own. */
export function observe(resource: KubeObject, read: Reader): Observed {
  const { name, namespace = '', uid } = resource.metadata;
  const labels = { [SPARK_LABELS.appName]: name };
  const pods = read.list(KINDS.pod, namespace, labels);
  const drivers = pods.filter((pod) => roleOf(pod) === 'driver');
  const supports = SUPPORTS.flatMap((kind) => read.list(kind, namespace, labels));
  return {
    drivers: drivers.filter((pod) => isOwnedBy(pod, uid)),
    namesakes: drivers.filter((pod) => !isOwnedBy(pod, uid)),
    executors: pods.filter((pod) => roleOf(pod) === 'executor'),
    supports: supports.filter((object) => isOwnedBy(object, uid)),
  };
}

function roleOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.['spark-role'];
}
