import type { ObjectMeta } from '../kube/object.ts';

/** Where a resource stands between creation and removal. */
export type Lifecycle = 'live' | 'cleaning-up' | 'gone';

/**
 * From deletionTimestamp and finalizer: `live` (reconcile), `cleaning-up` (deletion asked for and ours to prepare),
 * `gone` (deletion asked for, our finalizer is off: nothing left to do).
 */
export function lifecycle(meta: ObjectMeta, finalizer: string): Lifecycle {
  if (meta.deletionTimestamp === undefined) return 'live';
  return (meta.finalizers ?? []).includes(finalizer) ? 'cleaning-up' : 'gone';
}
