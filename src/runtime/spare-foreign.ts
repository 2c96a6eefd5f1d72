import { FailureError } from '../core/failure.ts';
import { describeRef, isOwnedBy, type KubeObject, refOf } from '../kube/object.ts';

/** How long to wait for the watch to show what is there already, which it never does for what is somebody else's. */
export const EXISTS_RETRY = { retryAfterMs: 1_000, upToMs: 60_000 };

/**
 * An apply takes over whatever has the name: a user's own object, made before or for that purpose, is left alone. Ours has
 * an owner in common with what is applied, or all of its labels.
 */
export function spareForeign(found: KubeObject, object: KubeObject): void {
  if (isSame(found, object)) return;
  const what = describeRef(refOf(object));
  const message = `apply ${what}: a ${object.kind} of this name that was not made for this resource is there; delete it, or give one of the two another name`;
  throw new FailureError({ kind: 'waiting', reason: 'AlreadyExists', message, ...EXISTS_RETRY });
}

function isSame(found: KubeObject, { metadata }: KubeObject): boolean {
  if ((metadata.ownerReferences ?? []).some(({ uid }) => isOwnedBy(found, uid))) return true;
  const labels = Object.entries(metadata.labels ?? {});
  return labels.length > 0 && labels.every(([key, value]) => found.metadata.labels?.[key] === value);
}
