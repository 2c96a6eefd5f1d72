import type { DisposalProgress } from '../snapshot-facts.ts';

/** What Flink says of a savepoint whose files are gone already (Checkpoints.resolveCheckpointPointer, 1.15 to 2.3). */
const ALREADY_GONE = /FileNotFoundException|Cannot find checkpoint or savepoint file\/directory/;

/** Whether a savepoint's files are gone, by what Flink says of their disposal. */
export function isDisposed(disposal: DisposalProgress | undefined): boolean {
  return disposal?.kind === 'completed' || (disposal?.kind === 'failed' && ALREADY_GONE.test(disposal.cause));
}
