import type { CapacitySurvey } from '../../core/capacity/survey.ts';
import type { Reader } from '../../core/ports.ts';
import { isOwnedBy, type KubeObject } from '../../kube/object.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import { isOfSubmission, KINDS, observe } from '../observe.ts';
import type { ConnectObserved } from './observed.ts';

/** Gathers every fact a decision about one SparkConnect may use, from caches and the survey, if there is one; no I/O of its own. */
export function observeConnect(
  resource: KubeObject,
  read: Reader,
  survey?: Pick<CapacitySurvey, 'latest'>,
): ConnectObserved {
  const { name, namespace = '', uid } = resource.metadata;
  const run = observe(resource, read, survey);
  return {
    ...run,
    drivers: run.drivers.map((pod) => withSubmission(pod, pod.metadata.uid)),
    executors: run.executors.map((pod) => withSubmission(pod, pod.metadata.ownerReferences?.[0]?.uid)),
    services: read
      .list(KINDS.service, namespace, { [SPARK_LABELS.connectName]: name })
      .filter((service) => !isOfSubmission(service) && isOwnedBy(service, uid)),
  };
}

/** A server of the incumbent says of no submission: it and its executors are told by the uid of its pod. */
function withSubmission(pod: KubeObject, uid: string | undefined): KubeObject {
  if (isOfSubmission(pod) || uid === undefined) return pod;
  const labels = { ...pod.metadata.labels, [SPARK_LABELS.submissionId]: uid };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}
