import { parseLabelSelector } from '../kube/label-selector.ts';
import type { KubeObject } from '../kube/object.ts';

/** Tells which resources an operator that looks at these namespaces (none: all) and labels looks after. */
export function watchedBy(
  namespaces: readonly string[],
  labelSelector: string | undefined,
): (resource: KubeObject) => boolean {
  const selects = labelSelector === undefined ? undefined : parseLabelSelector(labelSelector);
  return ({ metadata: { namespace = '', labels = {} } }) =>
    (namespaces.length === 0 || namespaces.includes(namespace)) && (selects === undefined || selects(labels));
}
