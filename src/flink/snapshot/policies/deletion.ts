import { firstMatch, type Policy } from '../../../core/reconciler.ts';
import { isDisposed } from '../../snapshot-facts.ts';
import { dependantsOf, describeDependants } from '../dependants.ts';
import {
  answerOf,
  describeJob,
  isSavepoint,
  SNAPSHOT_FINALIZER,
  type SnapshotIntent,
  type SnapshotSituation,
  snapshotEvent,
  unlessTold,
} from '../situation.ts';
import { awaitAnswer, believeFlink, findInHistory, giveUp } from './progress.ts';

type Rule = Policy<SnapshotSituation, SnapshotIntent>;

/** How soon a deletion that cannot go on looks again. */
const LOOK_AGAIN_MS = 10_000;

/** How long after a failure Flink is asked again to delete the files. */
const RETRY_MS = 60_000;

const KEEP_FILES = 'to delete this resource and keep the files, set spec.savepoint.disposeOnDelete to false';

/**
 * The next step of a deletion. The files go with the resource where the spec says so, never while anybody needs them;
 * a savepoint under way is waited for, so that its files do not stay behind.
 */
export function cleanUp(situation: SnapshotSituation): SnapshotIntent {
  return firstMatch([nothingToDispose, finishFirst, inUse, jobGone, notRunning, dispose], situation) ?? release();
}

function release(events: SnapshotIntent['events'] = []): SnapshotIntent {
  return {
    because: 'Cleanup',
    message: 'nothing is left to be done',
    phase: 'settled',
    actions: [{ kind: 'finalizer', op: 'remove', finalizer: SNAPSHOT_FINALIZER, because: 'cleaned up' }],
    events,
  };
}

const nothingToDispose: Rule = ({ spec, status }) => {
  const wanted = isSavepoint(spec) && spec.savepoint?.disposeOnDelete !== false;
  const named = spec.jobReference?.name !== undefined && spec.jobReference.kind !== undefined;
  const there = status.state === 'IN_PROGRESS' || (status.state === 'COMPLETED' && status.path !== undefined);
  return wanted && named && there && status.path !== '' ? undefined : release();
};

/** What is under way is followed to its end; what Flink does not know is not asked for again. */
const finishFirst: Rule = (situation) => {
  if (situation.status.state !== 'IN_PROGRESS') return undefined;
  const result = firstMatch([believeFlink, findInHistory, giveUp], situation);
  if (result !== undefined) return result;
  return answerOf(situation)?.progress?.kind === 'unknown-trigger' ? release() : awaitAnswer(situation);
};

const inUse: Rule = ({ status, observed }) => {
  const dependants = dependantsOf(status.path ?? '', observed.dependants);
  if (dependants.length === 0) return undefined;
  const message = `the savepoint at ${status.path} is not deleted, ${describeDependants(dependants)} needs it; ${KEEP_FILES}`;
  return blocked(status, 'SnapshotInUse', message);
};

/** With the job's resource the only cluster that could delete the files is gone for good. */
const jobGone: Rule = ({ spec, status, observed }) => {
  if (observed.job !== undefined) return undefined;
  const message = `the savepoint at ${status.path} was left where it is: ${describeJob(spec)}, whose JobManager would delete it, is gone`;
  return release([snapshotEvent('Warning', 'SnapshotLeft', message)]);
};

const notRunning: Rule = ({ spec, status, observed }) => {
  const { job } = observed;
  if (job?.state === 'RUNNING' && job.cluster !== undefined) return undefined;
  const message = `the savepoint at ${status.path} can only be deleted while the job of ${describeJob(spec)} runs; ${KEEP_FILES}`;
  return blocked(status, 'CleanupFailed', message);
};

const dispose: Rule = (situation) => {
  const { status, observed } = situation;
  const target = observed.job?.cluster?.target;
  const { path } = status;
  const disposal = observed.rest.kind === 'known' ? observed.rest.value.disposal : undefined;
  if (target === undefined || path === undefined || isDisposed(disposal)) return undefined;
  if (disposal?.kind === 'failed') {
    const message = `Flink could not delete the savepoint at ${path}: ${disposal.cause}; ${KEEP_FILES}`;
    return { ...blocked(status, 'CleanupFailed', message), requeueAfterMs: RETRY_MS };
  }
  const failed = recentFailure(situation);
  if (failed !== undefined) return failed;
  const message = `Flink deletes the savepoint at ${path}`;
  const waiting = { because: 'Deleting', message, phase: 'progressing', probe: true } as const;
  if (disposal?.kind === 'in-progress') return waiting;
  const effect = { kind: 'dispose-savepoint', target, path } as const;
  const actions = [{ kind: 'effect', effect, because: `delete the savepoint at ${path}` }] as const;
  return { ...waiting, actions, requeueAfterMs: LOOK_AGAIN_MS };
};

/** What the status says of a failure whose time of waiting is not over. */
function recentFailure({ status, now }: SnapshotSituation): SnapshotIntent | undefined {
  const condition = status.conditions?.find(({ type, reason }) => type === 'Stalled' && reason === 'CleanupFailed');
  if (condition === undefined) return undefined;
  const left = Date.parse(condition.lastTransitionTime) + RETRY_MS - now.getTime();
  return left > 0 ? { ...blocked(status, 'CleanupFailed', condition.message), requeueAfterMs: left } : undefined;
}

function blocked(
  status: SnapshotSituation['status'],
  because: 'SnapshotInUse' | 'CleanupFailed',
  message: string,
): SnapshotIntent {
  const events = unlessTold(status, snapshotEvent('Warning', because, message));
  return { because, message, phase: 'stalled', events, requeueAfterMs: LOOK_AGAIN_MS };
}
