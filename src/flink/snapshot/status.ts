import { type Condition, type ConditionDraft, mergeConditions } from '../../kube/conditions.ts';
import type { FlinkStateSnapshotStatus } from './schema.ts';
import type { SnapshotIntent, SnapshotSituation } from './situation.ts';

/** Condition types Weir owns on a FlinkStateSnapshot; others are left alone. */
const OWNED = ['Ready', 'Reconciling', 'Stalled'] as const;

/** Condition messages are cut here, so that a status stays small. */
const MAX_MESSAGE = 1500;

/** The only place where a FlinkStateSnapshot's status is made: what was before, with what is intended. */
export function snapshotStatus(situation: SnapshotSituation, intent: SnapshotIntent): FlinkStateSnapshotStatus {
  const { resource, status } = situation;
  const merged = Object.entries({ failures: 0, ...status, ...intent.change }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    ...(Object.fromEntries(merged) as FlinkStateSnapshotStatus),
    observedGeneration: resource.metadata.generation ?? 0,
    conditions: mergeConditions(before(status), drafts(situation, intent), OWNED, situation.now),
  };
}

function before(status: FlinkStateSnapshotStatus): readonly Condition[] {
  return (status.conditions ?? []) as readonly Condition[];
}

/** By the kstatus rules: Reconciling and Stalled only while true. */
function drafts({ resource }: SnapshotSituation, { because, message, phase }: SnapshotIntent): ConditionDraft[] {
  const draft = (type: string, status: boolean): ConditionDraft => ({
    type,
    status: status ? 'True' : 'False',
    reason: because,
    message: message.slice(0, MAX_MESSAGE),
    observedGeneration: resource.metadata.generation ?? 0,
  });
  return [
    draft('Ready', phase === 'settled'),
    ...(phase === 'progressing' ? [draft('Reconciling', true)] : []),
    ...(phase === 'stalled' ? [draft('Stalled', true)] : []),
  ];
}
