import { applicationIdOf, defaultsIn, type Submission } from './conf/submission.ts';
import { APPLICATION_STATES, type ApplicationState, type SparkApplicationStatus } from './schema.ts';

/** What was last decided about an application, as its status holds it. */
export interface SparkRecord {
  readonly state: ApplicationState;
  /** What went wrong. */
  readonly message: string | undefined;
  /** The last submission, whether anything of it was made or not. */
  readonly submission: Submission | undefined;
  /** Its driver pod's name. */
  readonly podName: string | undefined;
  /** Whether its driver pod was seen: without it from then on, it is lost, not still to be made. */
  readonly seen: boolean;
  /** Hash of the spec it was made from; absent in a status the incumbent wrote. */
  readonly specHash: string | undefined;
  /** The same without where executors are placed; absent too in what an older version of Weir recorded. */
  readonly programHash?: string | undefined;
  /** Runs and submissions so far, this one among them. */
  readonly executionAttempts: number;
  readonly submissionAttempts: number;
  /** Runs among them that an edit or spec.suspend stopped: none of them uses up a retry. */
  readonly stoppedRuns: number;
  /** When the last run was seen to have ended, in milliseconds since the epoch. */
  readonly terminatedAt: number | undefined;
}

const STATES: ReadonlySet<string> = new Set(APPLICATION_STATES);

/** Reads the record from a status, whichever operator wrote it; a word nobody knows counts as UNKNOWN. */
export function readRecord(status: SparkApplicationStatus | undefined): SparkRecord {
  const { applicationState: { state = '', errorMessage } = {}, driverInfo, submittedSpec, driverSeen } = status ?? {};
  const submission = submissionIn(status);
  // The incumbent says SUBMITTED only once the pod is there.
  const foreign = submittedSpec === undefined;
  const seen = submission !== undefined && (foreign || driverSeen === submission.submissionId);
  return {
    state: STATES.has(state) ? (state as ApplicationState) : 'UNKNOWN',
    message: errorMessage === '' ? undefined : errorMessage,
    submission,
    podName: driverInfo?.podName,
    seen,
    specHash: submittedSpec,
    programHash: status?.submittedProgram,
    executionAttempts: status?.executionAttempts ?? 0,
    submissionAttempts: status?.submissionAttempts ?? 0,
    stoppedRuns: status?.stoppedRuns ?? 0,
    terminatedAt: millis(status?.terminationTime),
  };
}

function submissionIn(status: SparkApplicationStatus | undefined): Submission | undefined {
  const { submissionID: submissionId, sparkApplicationId, lastSubmissionAttemptTime } = status ?? {};
  if (submissionId === undefined || submissionId === '') return undefined;
  return {
    submissionId,
    applicationId: sparkApplicationId || applicationIdOf(submissionId),
    submittedAt: millis(lastSubmissionAttemptTime) ?? 0,
    ...defaultsIn(status?.submittedDefaults),
  };
}

function millis(time: string | null | undefined): number | undefined {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** The incumbent's fields of a status that say a record. */
export function recordedStatus(record: SparkRecord): SparkApplicationStatus {
  const { submission, podName, state, message, terminatedAt } = record;
  return {
    applicationState: { state, ...(message === undefined ? {} : { errorMessage: message }) },
    ...attempts(record),
    ...(submission === undefined
      ? {}
      : {
          submissionID: submission.submissionId,
          sparkApplicationId: submission.applicationId,
          lastSubmissionAttemptTime: seconds(submission.submittedAt),
          ...(submission.defaults === undefined ? {} : { submittedDefaults: submission.defaults }),
        }),
    ...(podName === undefined ? {} : { driverInfo: { podName } }),
    ...(submission !== undefined && record.seen ? { driverSeen: submission.submissionId } : {}),
    ...(terminatedAt === undefined ? {} : { terminationTime: seconds(terminatedAt) }),
    ...(record.specHash === undefined ? {} : { submittedSpec: record.specHash }),
    ...(record.programHash === undefined ? {} : { submittedProgram: record.programHash }),
  };
}

/** A count that is 0 for most is left out. */
function attempts({ executionAttempts, submissionAttempts, stoppedRuns }: SparkRecord): SparkApplicationStatus {
  return { executionAttempts, submissionAttempts, ...(stoppedRuns === 0 ? {} : { stoppedRuns }) };
}

/** RFC 3339 in whole seconds, as Kubernetes stores times. */
function seconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
