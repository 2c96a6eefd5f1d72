import { isBeingDeleted, type KubeObject, refOf } from '../../kube/object.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import { desiredSubmission } from '../desired/index.ts';
import type { SparkReason } from '../reasons.ts';
import type { SparkRecord } from '../record.ts';
import type { ApplicationState } from '../schema.ts';
import type { Intent, Situation, SparkAction } from '../situation.ts';
import { effectiveConf } from '../spark-conf.ts';

/** States in which a driver ends by itself, not because it was stopped. */
export const RUNS: ReadonlySet<ApplicationState> = new Set(['SUBMITTED', 'RUNNING', 'UNKNOWN']);

/** What is recorded of a run that is to be stopped: it has not failed, and uses up no retry. */
export function stopped(record: SparkRecord): SparkRecord {
  return RUNS.has(record.state) ? { ...record, stoppedRuns: record.stoppedRuns + 1 } : record;
}

/** How long a driver pod that was asked for may take to be seen (the incumbent's driver-pod-creation-grace-period). */
export const UNSEEN_MS = 10_000;

const OF_RUNNING: ReadonlySet<string> = new Set(['PodDisruptionBudget', 'PodGroup']);

/** Whether an object is of use only while a driver runs: each submission has its own, which is never changed. */
export function isOfRunning({ kind }: KubeObject): boolean {
  return OF_RUNNING.has(kind);
}

/** Whether an object was made for the submission of this id. */
export function isOf({ metadata }: KubeObject, submissionId: string | undefined): boolean {
  return metadata.labels?.[SPARK_LABELS.submissionId] === submissionId;
}

/**
 * What is to be done until nothing of the application runs; undefined once that is certain. A driver that was recorded and
 * never seen may still come to be seen, so its absence is believed only after a while, and nothing is taken from it until then.
 */
export function clearAway(situation: Situation, because: SparkReason): Intent | undefined {
  const { observed, record, now } = situation;
  const actions = [...observed.drivers, ...observed.supports].flatMap((object) =>
    deletion(object, 'nothing of the run before may be left'),
  );
  const [driver] = observed.drivers;
  if (driver !== undefined) {
    const message = `waiting until driver pod ${driver.metadata.name} is gone`;
    const seen = situation.driver === undefined ? {} : { record: { ...record, seen: true } };
    return { because, message, phase: 'progressing', actions, ...seen, requeueAfterMs: 5000 };
  }
  const since = record.submission?.submittedAt;
  const wait =
    since === undefined || record.seen || record.state === 'SUBMISSION_FAILED' ? 0 : since + UNSEEN_MS - now.getTime();
  if (wait > 0) {
    const message = 'waiting whether the driver pod of the last submission is there after all';
    return { because, message, phase: 'progressing', requeueAfterMs: wait };
  }
  return undefined;
}

/**
 * Deletes an object, unless it is on its way out. A pod only as it was seen: one that has ended since would take its result
 * with it.
 */
export function deletion(object: KubeObject, because: string): readonly SparkAction[] {
  if (isBeingDeleted(object)) return [];
  const { uid = '', resourceVersion } = object.metadata;
  const asSeen = object.kind !== 'Pod' || resourceVersion === undefined ? {} : { resourceVersion };
  return [{ kind: 'delete', ref: refOf(object), uid, ...asSeen, propagation: 'Background', because }];
}

/** Drivers and other objects of submissions before the recorded one, without what it has taken over of them. */
export function leftovers(situation: Situation): readonly SparkAction[] {
  const { strays, observed, record } = situation;
  const old = observed.supports.filter((object) => !isOf(object, record.submission?.submissionId));
  return [...strays, ...old.filter((object) => !isTakenOver(situation, object))].flatMap((object) =>
    deletion(object, 'it is of an earlier submission'),
  );
}

/**
 * Whether the recorded submission has an object of this kind and name too: then it is this one, though a cache may be behind
 * and show it as it was before. Nobody knows while the spec cannot be acted on.
 */
function isTakenOver({ application, record, settings }: Situation, { kind, metadata }: KubeObject): boolean {
  const { submission } = record;
  if (application === undefined || submission === undefined) return true;
  const { around } = desiredSubmission(
    application,
    effectiveConf(application, submission, settings),
    submission,
    settings,
  );
  return around.some((object) => object.kind === kind && object.metadata.name === metadata.name);
}
