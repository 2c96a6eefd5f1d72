import { CAPACITY_CONDITION } from '../core/capacity/condition.ts';
import type { Shortage } from '../core/capacity/verdict.ts';
import type { EventDraft } from '../core/plan.ts';
import { type Condition, findCondition } from '../kube/conditions.ts';
import { normal, warning } from './events.ts';
import { notAppliedWarnings } from './notices.ts';
import { executorEnd, executorState } from './pods.ts';
import type { ApplicationState, SparkApplicationStatus } from './schema.ts';
import type { Situation } from './situation.ts';

type Told = (name: string, message: string) => readonly EventDraft[];

/** What is told when an application comes to be in a state, in the incumbent's reasons. */
const BY_STATE: Readonly<Partial<Record<ApplicationState, Told>>> = {
  SUBMITTED: (name) => [normal('SparkApplicationSubmitted', `SparkApplication ${name} was submitted successfully`)],
  SUBMISSION_FAILED: (name, message) => [
    warning('SparkApplicationSubmissionFailed', `failed to submit SparkApplication ${name}: ${message}`),
  ],
  PENDING_RERUN: (name) => [warning('SparkApplicationPendingRerun', `SparkApplication ${name} is pending rerun`)],
  SUSPENDING: (name) => [warning('SparkApplicationSuspending', `SparkApplication ${name} is suspending`)],
  SUSPENDED: (name) => [warning('SparkApplicationSuspended', `SparkApplication ${name} is suspended`)],
  COMPLETED: (name) => [normal('SparkApplicationCompleted', `SparkApplication ${name} completed`)],
  FAILED: (name, message) => [warning('SparkApplicationFailed', `SparkApplication ${name} failed: ${message}`)],
};

/** What is told of the driver when its application comes to be in a state. */
const OF_DRIVER: Readonly<Partial<Record<ApplicationState, (pod: string, message: string) => EventDraft>>> = {
  RUNNING: (pod) => normal('SparkDriverRunning', `Driver ${pod} is running`),
  COMPLETED: (pod) => normal('SparkDriverCompleted', `Driver ${pod} completed`),
  FAILED: driverFailed,
  FAILING: driverFailed,
  UNKNOWN: (pod) => warning('SparkDriverUnknown', `Driver ${pod} is in an unknown state`),
};

function driverFailed(pod: string, message: string): EventDraft {
  const lost = message.startsWith('driver pod not found');
  return warning(lost ? 'SparkDriverNotFound' : 'SparkDriverFailed', `Driver ${pod} failed: ${message}`);
}

/** Events for what this pass found changed against the stored status: once per change. */
export function changeEvents(situation: Situation, status: SparkApplicationStatus): readonly EventDraft[] {
  const { record, resource } = situation;
  const state = (status.applicationState?.state ?? '') as ApplicationState;
  const message = status.applicationState?.errorMessage ?? '';
  const sameRun = status.submissionID === record.submission?.submissionId;
  const events =
    state === record.state && sameRun
      ? []
      : [
          ...(BY_STATE[state]?.(resource.metadata.name, message) ?? []),
          ...driverEvents(situation, { state, message, pod: status.driverInfo?.podName }),
        ];
  const dedupe = `${status.submissionID ?? ''}/${status.submissionAttempts ?? 0}/${state}`;
  return [
    ...events.map((event) => ({ ...event, dedupe: `${dedupe}/${event.reason}` })),
    ...refusalEvents(situation),
    ...placementEvents(situation),
    ...noticeEvents(situation, () => ownNotices(situation)),
    ...capacityEvents(situation, status),
    ...executorEvents(situation, status),
  ];
}

/** Of a driver that ended something is told once, when it ended. */
function driverEvents(
  { record, refusal }: Situation,
  now: { readonly state: ApplicationState; readonly message: string; readonly pod: string | undefined },
): readonly EventDraft[] {
  if (now.pod === undefined || refusal?.message === now.message) return [];
  const told = record.state === 'FAILING' || record.state === 'SUBMISSION_FAILED';
  const event = told ? undefined : OF_DRIVER[now.state]?.(now.pod, now.message);
  return event === undefined ? [] : [event];
}

function refusalEvents({ refusal, status }: Situation): readonly EventDraft[] {
  if (refusal === undefined) return [];
  const told = status?.conditions?.some(({ message }) => message === refusal.message);
  return told === true ? [] : [warning('ValidationError', refusal.message)];
}

/** Once per spec, in the incumbent's reason. */
function placementEvents({ placed, resource, specHash }: Situation): readonly EventDraft[] {
  if (!placed) return [];
  const message = `SparkApplication ${resource.metadata.name} goes on: only where its executors are placed was changed, which those made from now on follow`;
  return [{ ...normal('SparkApplicationWebhookFieldsUpdated', message), dedupe: specHash, once: true }];
}

/** Those of a SparkConnect are in words of its own. */
function ownNotices({ application, resource, settings }: Situation): readonly string[] {
  if (application === undefined || resource.kind === 'SparkConnect') return [];
  return notAppliedWarnings(application.spec, settings);
}

/**
 * Sentences about fields that do nothing, as an event, once per generation of a spec that is acted on; not asked for otherwise.
 * Of an application that is taken over nothing is told: the incumbent writes no generation.
 */
export function noticeEvents(
  { application, status, resource }: Pick<Situation, 'application' | 'status' | 'resource'>,
  notices: () => readonly string[],
): readonly EventDraft[] {
  const { generation } = resource.metadata;
  const { observedGeneration, applicationState } = status ?? {};
  if (application === undefined || observedGeneration === generation) return [];
  if (observedGeneration === undefined && (applicationState?.state ?? '') !== '') return [];
  const sentences = notices();
  if (sentences.length === 0) return [];
  return [{ ...warning('FieldNotApplied', sentences.join('; ')), dedupe: `${generation}`, once: true }];
}

/** Once when a shortage appears or becomes another; its sums change all the time. */
function capacityEvents({ status: before }: Situation, after: SparkApplicationStatus): readonly EventDraft[] {
  const [old, condition] = [before, after].map((status) =>
    findCondition((status?.conditions ?? []) as readonly Condition[], CAPACITY_CONDITION),
  );
  if (condition?.status !== 'False' || (old?.status === 'False' && old.reason === condition.reason)) return [];
  return [warning(condition.reason as Shortage, condition.message)];
}

function executorEvents({ status: before, observed }: Situation, after: SparkApplicationStatus): readonly EventDraft[] {
  const known = before?.executorState ?? {};
  return observed.executors
    .filter(({ metadata }) => after.executorState?.[metadata.name] === 'FAILED' && known[metadata.name] !== 'FAILED')
    .filter((pod) => executorState(pod) === 'FAILED')
    .map((pod) => ({
      ...warning(
        'SparkExecutorFailed',
        [`Executor ${pod.metadata.name} failed`, executorEnd(pod)].filter(Boolean).join(': '),
      ),
      dedupe: pod.metadata.name,
      once: true,
    }));
}
