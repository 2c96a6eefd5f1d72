import type { z } from 'zod';
import { field, group, integer, list, text } from '../kube/schema-parts.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';

/** Most entries in status.jobStatus.savepointInfo.undisposed. */
export const MAX_UNDISPOSED = 10;

/** A savepoint whose time is over and whose files Flink could not delete so far. */
export const UndisposedSavepoint = group({
  location: field(text(), 'Its path.'),
  failures: field(integer(), 'How often Flink could not delete it.'),
  retryAt: field(integer(), 'When Flink is asked again, in milliseconds since the epoch.'),
});
export type UndisposedSavepoint = DeepReadonly<z.infer<typeof UndisposedSavepoint>>;

/** What is added about savepoints that are not in the history any more. */
export const UNDISPOSED = {
  undisposed: field(
    list(UndisposedSavepoint),
    `Savepoints whose time is over and whose files Flink could not delete so far, at most ${MAX_UNDISPOSED}.`,
    { added: true },
  ),
} as const;
