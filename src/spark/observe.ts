import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { unknown } from '../core/fact.ts';
import type { Reader } from '../core/ports.ts';
import { isOwnedBy, type KubeObject } from '../kube/object.ts';
import { driverRole, nameLabel, SPARK_LABELS } from './conf/submission.ts';
import { POD_GROUPS } from './desired/pod-group.ts';
import type { Observed } from './observed.ts';

/** Kinds an application consists of, as they are watched. */
export const KINDS = {
  pod: { apiVersion: 'v1', kind: 'Pod' },
  service: { apiVersion: 'v1', kind: 'Service' },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap' },
  ingress: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  disruptionBudget: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
} as const;

const SUPPORTS = [KINDS.configMap, KINDS.service, KINDS.ingress, KINDS.disruptionBudget, ...Object.values(POD_GROUPS)];

/**
 * Gathers every fact a decision about one SparkApplication or the run of a SparkConnect may use, from caches and the survey,
 * if there is one; no I/O of its own.
 */
export function observe(resource: KubeObject, read: Reader, survey?: Pick<CapacitySurvey, 'latest'>): Observed {
  const { name, namespace = '', uid } = resource.metadata;
  const labels = { [nameLabel(resource)]: name };
  const pods = read.list(KINDS.pod, namespace, labels);
  const drivers = pods.filter((pod) => roleOf(pod) === driverRole(resource));
  const supports = SUPPORTS.flatMap((kind) => read.list(kind, namespace, labels)).filter(isOfSubmission);
  return {
    drivers: drivers.filter((pod) => isOwnedBy(pod, uid)),
    namesakes: drivers.filter((pod) => !isOwnedBy(pod, uid)),
    executors: pods.filter((pod) => roleOf(pod) === 'executor'),
    supports: supports.filter((object) => isOwnedBy(object, uid)),
    capacity: survey?.latest(namespace) ?? unknown('not looked at'),
  };
}

/** The Service for clients of a SparkConnect is of none. */
export function isOfSubmission({ metadata }: KubeObject): boolean {
  return metadata.labels?.[SPARK_LABELS.submissionId] !== undefined;
}

function roleOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.['spark-role'];
}
