import type { Reader } from '../../core/ports.ts';
import { isOwnedBy, type KubeObject } from '../../kube/object.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import { isOfSubmission, KINDS, observe } from '../observe.ts';
import type { ConnectObserved } from './observed.ts';

/** Gathers every fact a decision about one SparkConnect may use, from caches; no I/O of its own. */
export function observeConnect(resource: KubeObject, read: Reader): ConnectObserved {
  const { name, namespace = '', uid } = resource.metadata;
  return {
    ...observe(resource, read),
    services: read
      .list(KINDS.service, namespace, { [SPARK_LABELS.connectName]: name })
      .filter((service) => !isOfSubmission(service) && isOwnedBy(service, uid)),
  };
}
