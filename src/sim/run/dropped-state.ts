import { isDeepStrictEqual } from 'node:util';
import { statefulOperators } from '../flink/code.ts';
import type { Execution, Ran } from '../flink/truth.ts';
import type { Intent } from './stage.ts';
import { inForce, jobOf } from './wishes.ts';

/**
 * State that a program cannot read is dropped only where the very spec it runs by was wanted at that time and lets it be
 * dropped: never by a spec that stands in for the one its author wants.
 */
export function nothingDropped({
  truth,
  intents,
}: {
  readonly truth: Ran;
  readonly intents: readonly Intent[];
}): readonly string[] {
  return truth.executions.flatMap((execution) => {
    const { id, origin, code, startedMs } = execution;
    if (origin?.kind !== 'snapshot') return [];
    const there = statefulOperators(code);
    const dropped = origin.snapshot.operators.filter((uid) => !there.includes(uid));
    const letGo = inForce(intents, startedMs - LATE_MS, startedMs).some((intent) => letsGo(intent, execution));
    return dropped.length === 0 || letGo ? [] : [`execution ${id} dropped the state of ${dropped.join(', ')}`];
  });
}

/** A spec may have been edited while it was being started. */
const LATE_MS = 60_000;

function letsGo(intent: Intent, { image, args }: Execution): boolean {
  const { allowNonRestoredState, args: wanted = [] } = jobOf(intent);
  const sameCode = intent.spec?.image === undefined ? isDeepStrictEqual(args, wanted) : intent.spec.image === image;
  return allowNonRestoredState === true && sameCode;
}
