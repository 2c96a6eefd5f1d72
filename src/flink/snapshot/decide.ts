import type { Failure } from '../../core/failure.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import type { Action, EventDraft, Plan } from '../../core/plan.ts';
import { firstMatch, type Policy } from '../../core/reconciler.ts';
import { deepEqual } from '../../lib/json.ts';
import { noticeEvents } from '../notice.ts';
import { snapshotNotices } from './notices.ts';
import { cleanUp } from './policies/deletion.ts';
import { awaitJob, awaitRetry, begin, recordExisting, refuse, refuseUnsupported } from './policies/pending.ts';
import { askAgain, awaitAnswer, believeFlink, findInHistory, giveUp } from './policies/progress.ts';
import { failedAttempt } from './policies/result.ts';
import { type FlinkStateSnapshotStatus, SNAPSHOT_LABELS } from './schema.ts';
import {
  isSavepoint,
  SNAPSHOT_FINALIZER,
  type SnapshotEffect,
  type SnapshotIntent,
  type SnapshotSituation,
  snapshotEvent,
} from './situation.ts';
import { snapshotStatus } from './status.ts';

/*
 *                                            attempt recorded, then asked for
 *   TRIGGER_PENDING ─────────────────────────────────────────────────────────► IN_PROGRESS ───────────► COMPLETED
 *     │  ▲  │ spec.savepoint.alreadyExists: COMPLETED at once                    │    │
 *     │  └──┼──────── Flink says it failed; 10 s, 20 s, 40 s … 10 min ───────────┘    └─► FAILED  after backoffLimit
 *     │     └─ the job is over ──► ABANDONED ◄── the run it was to be taken of is over
 *     └─ no such job, no folder, not valid: waits, and says so
 */
const PENDING: readonly Policy<SnapshotSituation, SnapshotIntent>[] = [
  refuse,
  recordExisting,
  awaitRetry,
  awaitJob,
  refuseUnsupported,
  begin,
];
const IN_PROGRESS: readonly Policy<SnapshotSituation, SnapshotIntent>[] = [
  believeFlink,
  findInHistory,
  giveUp,
  askAgain,
  awaitAnswer,
];

/** What one pass over a FlinkStateSnapshot wants done. */
export type SnapshotPlan = Plan<FlinkStateSnapshotStatus, SnapshotEffect>;

/** Decides one pass. Pure: the same situation gives the same plan. `probeMs` is how often the JobManager is asked. */
export function decideSnapshot(situation: SnapshotSituation, probeMs: number): SnapshotPlan {
  const { resource } = situation;
  const stage = lifecycle(resource.metadata, SNAPSHOT_FINALIZER);
  if (stage === 'gone') return { because: 'Cleanup', status: undefined, actions: [], events: [] };
  const intent = stage === 'cleaning-up' ? cleanUp(situation) : liveIntent(situation);
  const actions = intent.actions ?? [];
  const removing = actions.some((action) => action.kind === 'finalizer' && action.op === 'remove');
  const status = removing ? undefined : snapshotStatus(situation, intent);
  return {
    because: intent.because,
    status,
    actions: stage === 'live' ? [...bookkeeping(situation, status), ...actions] : actions,
    events: [...(intent.events ?? []), ...(stage === 'live' ? ownNotices(situation) : [])],
    ...(intent.requeueAfterMs === undefined ? {} : { requeueAfterMs: intent.requeueAfterMs }),
    ...(intent.probe === true ? { probeEveryMs: probeMs } : {}),
  };
}

/** Of what another operator took nothing is told: it writes no generation. */
function ownNotices({ resource, status }: SnapshotSituation): readonly EventDraft[] {
  if (status.state !== undefined && status.observedGeneration === undefined) return [];
  return noticeEvents({ resource, status }, () => snapshotNotices(resource));
}

function liveIntent(situation: SnapshotSituation): SnapshotIntent {
  const { state } = situation.status;
  const policies = state === undefined || state === 'TRIGGER_PENDING' ? PENDING : IN_PROGRESS;
  const intent = finished(situation) ?? firstMatch(policies, situation);
  return intent ?? { because: 'Error', message: 'no rule covers this state; this is a bug of Weir', phase: 'stalled' };
}

/** What is over stays as it is, whatever becomes of its spec or its job. */
function finished({ status }: SnapshotSituation): SnapshotIntent | undefined {
  const said = (reason: string, otherwise: string): string =>
    status.conditions?.find((condition) => condition.reason === reason)?.message ?? otherwise;
  switch (status.state) {
    case 'COMPLETED': {
      const message = said('SnapshotCompleted', `it is at ${status.path ?? ''}`);
      return { because: 'SnapshotCompleted', message, phase: 'settled' };
    }
    case 'FAILED': {
      const message = said('SnapshotError', status.error ?? 'it failed');
      return { because: 'SnapshotError', message, phase: 'stalled' };
    }
    case 'ABANDONED':
      return { because: 'SnapshotAbandoned', message: status.error ?? 'the job did not run', phase: 'stalled' };
    default:
      return undefined;
  }
}

/** The finalizer before anything else; the labels in a pass that writes nothing else, since they name the state. */
function bookkeeping(
  situation: SnapshotSituation,
  status: FlinkStateSnapshotStatus | undefined,
): readonly Action<SnapshotEffect>[] {
  const { resource } = situation;
  if (resource.metadata.finalizers?.includes(SNAPSHOT_FINALIZER) !== true) {
    return [{ kind: 'finalizer', op: 'add', finalizer: SNAPSHOT_FINALIZER, because: 'first look' }];
  }
  const labels = labelsOf(situation);
  const missing = Object.entries(labels).filter(([name, value]) => resource.metadata.labels?.[name] !== value);
  if (missing.length === 0 || !deepEqual(status, situation.resource.status)) return [];
  const patch = { metadata: { labels: Object.fromEntries(missing) } };
  return [{ kind: 'patch', object: resource, patch, because: 'labels to find it by' }];
}

/** The labels the incumbent gives a snapshot; who asked for it stays as its creator said. */
function labelsOf({ resource, spec, status, observed }: SnapshotSituation): Readonly<Record<string, string>> {
  const { jobKind, jobName, type, trigger, state } = SNAPSHOT_LABELS;
  const job = observed.job?.resource;
  return {
    ...(job === undefined ? {} : { [jobKind]: job.kind, [jobName]: job.metadata.name }),
    [type]: isSavepoint(spec) ? 'SAVEPOINT' : 'CHECKPOINT',
    [trigger]: resource.metadata.labels?.[trigger] ?? 'MANUAL',
    ...(status.state === undefined ? {} : { [state]: status.state }),
  };
}

/** Failures of an effect that mean the attempt is over: Flink refused to take the snapshot. */
const REFUSED = 'SnapshotRefused';

/**
 * What a pass that failed says of itself, nothing done: a refusal by Flink ends the attempt, anything else is shown in
 * the conditions and tried again by the runtime.
 */
export function decideSnapshotFailed(situation: SnapshotSituation, failure: Failure): SnapshotPlan | undefined {
  if (failure.kind === 'conflict') return undefined;
  const reason = failure.kind === 'transient' ? 'Error' : failure.reason;
  const refused = reason === REFUSED && situation.status.state === 'IN_PROGRESS';
  const phase = failure.kind === 'stalled' ? 'stalled' : 'progressing';
  const event = snapshotEvent('Warning', 'Error', failure.message);
  const intent: SnapshotIntent = refused
    ? failedAttempt(situation, failure.message)
    : { because: reason, message: failure.message, phase, events: [{ ...event, reason }] };
  const told = situation.status.conditions?.some(({ message }) => message === intent.message);
  return {
    because: intent.because,
    status: snapshotStatus(situation, intent),
    actions: [],
    events: told === true ? [] : (intent.events ?? []),
  };
}
