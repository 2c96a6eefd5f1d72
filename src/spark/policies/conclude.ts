import type { Policy } from '../../core/reconciler.ts';
import type { KubeObject } from '../../kube/object.ts';
import { sparkContainerOf } from '../conf/pod-templates.ts';
import { type DriverOutcome, driverOutcome } from '../pods.ts';
import type { SparkRecord } from '../record.ts';
import type { RestartPolicy } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { clearAway, leftovers } from './stop.ts';
import { submit } from './submit.ts';

/** Seconds between tries where the user says nothing (the incumbent's webhook). */
const RETRY_SECONDS = 5;

/** How a run ended. */
export type Ended = Extract<DriverOutcome, { kind: 'succeeded' | 'failed' }>;

/** How the driver of the recorded submission stands. */
export function outcomeOf({ application }: Situation, driver: KubeObject): DriverOutcome {
  return driverOutcome(driver, sparkContainerOf('driver', application?.spec.driver?.template)?.name);
}

/** A run has ended: for good, or to be run again as spec.restartPolicy says. */
export function conclude(situation: Situation, ended: Ended): Intent {
  const { record, now } = situation;
  const message = ended.kind === 'failed' ? ended.message : undefined;
  const over: SparkRecord = { ...record, seen: true, message, terminatedAt: record.terminatedAt ?? now.getTime() };
  return ended.kind === 'succeeded' ? succeeded(situation, over) : failed(situation, over);
}

function succeeded(situation: Situation, over: SparkRecord): Intent {
  const { type, onFailureRetryInterval } = policyOf(situation);
  if (type === 'Always') {
    // A server that ends has done no work; one that cannot stay must not be started again and again without a pause.
    const wait = situation.resource.kind === 'SparkConnect' ? waitOf(situation, onFailureRetryInterval) : 0;
    if (wait <= 0) return again(situation, over, 'it is run again as spec.restartPolicy says');
    const message = `the server ended and is started again in ${Math.ceil(wait / 1000)} s`;
    const record: SparkRecord = { ...over, state: 'SUCCEEDING' };
    return { because: 'Retrying', message, phase: 'progressing', record, requeueAfterMs: wait };
  }
  const record: SparkRecord = { ...over, state: 'COMPLETED' };
  return { because: 'Completed', message: 'the application completed', phase: 'settled', record };
}

function failed(situation: Situation, over: SparkRecord): Intent {
  const policy = policyOf(situation);
  const { message = '' } = over;
  if (!isRetried(policy, over.executionAttempts - over.stoppedRuns, policy.onFailureRetries)) {
    const record: SparkRecord = { ...over, state: 'FAILED' };
    return { because: 'Failed', message, phase: 'stalled', record };
  }
  const wait = waitOf(situation, policy.onFailureRetryInterval);
  if (wait <= 0) return again(situation, over, message);
  return {
    because: 'Retrying',
    message: `run ${over.executionAttempts} failed and is repeated in ${Math.ceil(wait / 1000)} s: ${message}`,
    phase: 'progressing',
    record: { ...over, state: 'FAILING' },
    requeueAfterMs: wait,
  };
}

function again(situation: Situation, over: SparkRecord, why: string): Intent {
  const record: SparkRecord = { ...over, state: 'PENDING_RERUN', terminatedAt: undefined };
  const step = clearAway({ ...situation, record }, 'PendingRerun');
  return { because: 'PendingRerun', message: why, phase: 'progressing', ...step, record, requeueAfterMs: 1000 };
}

/** Without a spec that can be acted on nothing is run again. */
function policyOf({ application }: Situation): RestartPolicy {
  return application?.spec.restartPolicy ?? {};
}

function isRetried({ type = 'Never' }: RestartPolicy, attempts: number, retries = 0): boolean {
  return type === 'Always' || (type === 'OnFailure' && attempts <= retries);
}

/** What is left of the wait: the interval times the submissions so far, from the last submission on. */
function waitOf({ record, now }: Situation, interval = RETRY_SECONDS): number {
  return (record.submission?.submittedAt ?? 0) + interval * record.submissionAttempts * 1000 - now.getTime();
}

/** A run that was seen to end and waits for what comes of it. */
export const concluded: Policy<Situation, Intent> = (situation) => {
  const { state, message = 'the driver failed' } = situation.record;
  if (state !== 'FAILING' && state !== 'SUCCEEDING') return undefined;
  const intent = conclude(situation, state === 'SUCCEEDING' ? { kind: 'succeeded' } : { kind: 'failed', message });
  return { ...intent, actions: [...leftovers(situation), ...(intent.actions ?? [])] };
};

/** A run that failed while its spec could not be acted on, and that is to be run again whenever it ends: now it can be. */
export const revive: Policy<Situation, Intent> = (situation) => {
  const { state, submission } = situation.record;
  if (state !== 'FAILED' || submission === undefined || policyOf(situation).type !== 'Always') return undefined;
  return failed(situation, situation.record);
};

/** A submission that the API server refused: tried again as spec.restartPolicy says, else failed. */
export const retrySubmission: Policy<Situation, Intent> = (situation) => {
  const { record, now } = situation;
  if (record.state !== 'SUBMISSION_FAILED') return undefined;
  const policy = policyOf(situation);
  const message = record.message ?? 'the submission failed';
  if (!isRetried(policy, record.submissionAttempts, policy.onSubmissionFailureRetries)) {
    return {
      because: 'Failed',
      message,
      phase: 'stalled',
      record: { ...record, state: 'FAILED', terminatedAt: now.getTime() },
    };
  }
  const wait = waitOf(situation, policy.onSubmissionFailureRetryInterval);
  if (wait <= 0) return clearAway(situation, 'SubmissionFailed') ?? submit(situation, record);
  const text = `submission ${record.submissionAttempts} failed and is repeated in ${Math.ceil(wait / 1000)} s: ${message}`;
  return { because: 'SubmissionFailed', message: text, phase: 'progressing', requeueAfterMs: wait };
};
