import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted, type KubeObject } from '../../kube/object.ts';
import { applicationIdOf, driverPodName, SPARK_LABELS, type Submission, submissionOf } from '../conf/submission.ts';
import { type DesiredSubmission, desiredSubmission } from '../desired/index.ts';
import type { Observed } from '../observed.ts';
import type { SparkRecord } from '../record.ts';
import type { SparkApplication } from '../schema.ts';
import type { SparkSettings } from '../settings.ts';
import type { Intent, Situation, SparkAction } from '../situation.ts';
import { effectiveConf } from '../spark-conf.ts';
import { clearAway, deletion, isOf, isOfRunning } from './stop.ts';

/** How many runs and submissions there were before; nothing of them counts after a changed spec. */
export type Attempts = Pick<SparkRecord, 'executionAttempts' | 'submissionAttempts' | 'stoppedRuns'>;

/** No run and no submission yet. */
export const NO_ATTEMPTS: Attempts = { executionAttempts: 0, submissionAttempts: 0, stoppedRuns: 0 };

/** A new application: submitted. */
export const begin: Policy<Situation, Intent> = (situation) =>
  situation.record.state === '' ? submit(situation, NO_ATTEMPTS) : undefined;

/** Runs an application again that waits for it, once nothing of the run before is left. */
export const rerun: Policy<Situation, Intent> = (situation) => {
  const { state } = situation.record;
  if (state !== 'PENDING_RERUN' && state !== 'RESUMING') return undefined;
  return clearAway(situation, 'PendingRerun') ?? submit(situation, situation.record);
};

/**
 * Submits: the submission is recorded first, under an id that follows from what is recorded, then its objects and its
 * driver are made. Expects that nothing of the application runs.
 */
export function submit(situation: Situation, before: Attempts): Intent {
  const { application, observed, resource, now, check, settings } = situation;
  if (application === undefined) return waiting('the spec cannot be acted on');
  if (check.held !== undefined) return { because: 'WaitingForCapacity', message: check.held, phase: 'progressing' };
  const name = driverPodName(application);
  const namesake = observed.namesakes.find(({ metadata }) => metadata.name === name);
  if (namesake !== undefined) return waiting(`driver pod ${name} of another application is still there`);
  const { uid = '', generation = 0 } = resource.metadata;
  const attempt = before.submissionAttempts + 1;
  const submittedAt = Math.floor(now.getTime() / 1000) * 1000;
  const submission = submissionOf(`${uid}/${generation}`, attempt, submittedAt, settings.defaults);
  const record = { ...started(situation, submission, before), podName: name };
  const intent = making(situation, application, submission);
  return inTheWay(situation, intent, submission) ?? { ...intent, record };
}

/** What of the submission before has to be gone before the next can be made. */
function inTheWay({ observed }: Situation, intent: Intent, { submissionId }: Submission): Intent | undefined {
  const going = observed.supports.find((object) => isBeingDeleted(object) && isMade(intent, object));
  if (going !== undefined)
    return waiting(`${going.kind} ${going.metadata.name} of the run before is still being deleted`);
  const old = observed.supports.filter((object) => isOfRunning(object) && !isOf(object, submissionId));
  const actions = old.flatMap((object) => deletion(object, 'each submission has its own'));
  const [first] = old;
  if (first === undefined) return undefined;
  return { ...waiting(`${first.kind} ${first.metadata.name} of the run before is deleted first`), actions };
}

/** The record of a submission that is made now, or was found made, after these attempts. Its driver pod was not seen. */
export function started({ specHash, programHash }: Situation, submission: Submission, before: Attempts): Submitted {
  return {
    state: 'SUBMITTED',
    message: undefined,
    submission,
    podName: undefined,
    seen: false,
    specHash,
    programHash,
    executionAttempts: before.executionAttempts + 1,
    submissionAttempts: before.submissionAttempts + 1,
    stoppedRuns: before.stoppedRuns,
    terminatedAt: undefined,
  };
}

/** Whether an intent makes an object of this kind and name: what is being deleted would take that with it. */
function isMade({ actions = [] }: Intent, { kind, metadata }: KubeObject): boolean {
  return actions.some(
    (action) =>
      (action.kind === 'apply' || action.kind === 'create') &&
      action.object.kind === kind &&
      action.object.metadata.name === metadata.name,
  );
}

function waiting(message: string): Intent {
  return { because: 'WaitingForDriverGone', message, phase: 'progressing', requeueAfterMs: 5000 };
}

/** A record of a submission. */
export type Submitted = SparkRecord & { readonly submission: Submission };

/** What is said from a submission on until its driver runs, so that a pod that is made and starts is no write. */
export function starting(podName: string): Pick<Intent, 'because' | 'message' | 'phase'> {
  return { because: 'WaitingForDriver', message: `waiting until driver pod ${podName} runs`, phase: 'progressing' };
}

/**
 * Makes, or makes again, everything of a recorded submission whose driver has never run: its conf folder, without which it
 * does not start, comes after all else. Once that is there the pod is never made again, whatever becomes of it.
 */
export function making({ settings, observed }: Situation, application: SparkApplication, of: Submission): Intent {
  const { driver, confFolder, ...others } = submissionObjects(application, of, settings);
  const because = `submission ${of.submissionId}`;
  const actions: readonly SparkAction[] = [
    ...beforeDriver(others).flatMap((object) => made(observed, object, because)),
    { kind: 'create', object: driver, because },
    ...besideDriver(others)
      .flatMap((object) => made(observed, object, because))
      .map(beside),
    { kind: 'apply', object: confFolder, because },
  ];
  return { ...starting(driver.metadata.name), actions, requeueAfterMs: 10_000 };
}

/**
 * What a driver pod that is there and has not started lacks of its submission, for the operator may have died before all of
 * it was made: its Services and, after them, its conf folder. Nothing while the spec cannot be acted on, for a pod that goes,
 * and for one that spark-submit made.
 */
export function missingOf(situation: Situation, driver: KubeObject): readonly SparkAction[] {
  const { application, observed, record, hasConf, settings } = situation;
  const { submission } = record;
  if (hasConf || application === undefined || submission === undefined) return [];
  if (isBeingDeleted(driver) || !isMadeByWeir(driver)) return [];
  const { confFolder, ...others } = submissionObjects(application, submission, settings);
  const because = 'the driver pod cannot start without it';
  return [
    ...besideDriver(others).flatMap((object) => made(observed, object, because)),
    { kind: 'apply', object: confFolder, because },
  ];
}

type Others = Pick<DesiredSubmission, 'supports' | 'around'>;

/** Nothing but a driver that runs needs a Service: these are made while its pod is. */
function besideDriver({ supports, around }: Others): readonly KubeObject[] {
  return [...supports, ...around].filter(({ kind }) => kind === 'Service');
}

function beforeDriver({ supports, around }: Others): readonly KubeObject[] {
  return [...supports, ...around].filter(({ kind }) => kind !== 'Service');
}

function beside(action: Making): Making {
  return { ...action, beside: true };
}

/** Of Weir's submissions Spark's own id follows from the id; spark-submit draws one of its own. */
function isMadeByWeir({ metadata: { labels = {} } }: KubeObject): boolean {
  return labels['spark-app-selector'] === applicationIdOf(labels[SPARK_LABELS.submissionId] ?? '');
}

function submissionObjects(
  application: SparkApplication,
  submission: Submission,
  settings: SparkSettings,
): DesiredSubmission {
  return desiredSubmission(application, effectiveConf(application, submission, settings), submission, settings);
}

type Making = Extract<SparkAction, { readonly kind: 'apply' | 'create' }>;

/** What is of use only while a driver runs is made once for a submission, and all else applied over what is there. */
function made({ supports }: Observed, object: KubeObject, because: string): readonly Making[] {
  if (!isOfRunning(object)) return [{ kind: 'apply', object, because }];
  const { kind, metadata } = object;
  const isThere = supports.some(
    (there) =>
      there.kind === kind &&
      there.metadata.name === metadata.name &&
      isOf(there, metadata.labels?.[SPARK_LABELS.submissionId]) &&
      !isBeingDeleted(there),
  );
  return isThere ? [] : [{ kind: 'create', object, because }];
}
