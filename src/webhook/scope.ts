import { parseLabelSelector } from '../kube/label-selector.ts';
import type { KubeObject } from '../kube/object.ts';

/** Tells which resources an operator that looks at these namespaces, and at resources with these labels, looks after. */
export function watchedBy(
  includes: (namespace: string) => boolean,
  labelSelector: string | undefined,
): (resource: KubeObject) => boolean {
  const selects = labelSelector === undefined ? undefined : parseLabelSelector(labelSelector);
  return ({ metadata: { namespace = '', labels = {} } }) =>
    includes(namespace) && (selects === undefined || selects(labels));
}
