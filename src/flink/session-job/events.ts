import type { EventDraft } from '../../core/plan.ts';
import type { FlinkReason, ReasonTable } from '../reasons.ts';

/** Reasons of failures of a submission, thrown where it is carried out. */
export const SUBMISSION_FAILURES = {
  ArtifactRefused: {
    means:
      'A rule forbids fetching the jar: its scheme, a private address, a redirect, a bucket; or it is in S3, for which the operator has no credentials.',
    remedy:
      '`kubernetes.operator.user.artifacts.*` says what may be fetched, and [jars in S3](flinksessionjob.md#jars-in-s3) what the operator needs for it.',
  },
  ArtifactNotAvailable: {
    means: 'The jar cannot be had from its URL: no such host, not found, no right to read it, too large.',
    remedy: 'Correct `spec.job.jarURI`; it is tried again by itself.',
  },
  SubmitFailed: {
    means: 'Flink refused the submission, or its program threw an exception.',
    remedy: 'The message has the cause; the log of the JobManager has the rest.',
  },
} as const satisfies ReasonTable<string>;

/** The reasons that a FlinkSessionJob has besides those of a FlinkDeployment. */
export const SESSION_JOB_REASONS = {
  SessionNotFound: {
    means: 'There is no FlinkDeployment of the name in `spec.deploymentName`.',
    remedy: 'It has to be in the same namespace and without `spec.job`; the job is submitted once it is there.',
  },
  SessionNotReady: {
    means: 'The JobManager of the session does not answer.',
    remedy: 'The conditions of the FlinkDeployment say why.',
  },
  Submitting: { means: 'The job is being submitted, under an id that was recorded before.' },
  JobLost: { means: 'The session does not know the job any more, and it is started again with its state.' },
} as const satisfies ReasonTable<string>;

/** Why a pass over a session job did what it did: the words of FlinkDeployments, and those only session jobs need. */
export type SessionJobReason = FlinkReason | keyof typeof SESSION_JOB_REASONS;

/** An event that tells of progress. */
export function normal(reason: SessionJobReason, message: string): EventDraft {
  return { type: 'Normal', reason, message, component: 'Job' };
}

/** An event that asks for attention. */
export function warning(reason: SessionJobReason, message: string): EventDraft {
  return { type: 'Warning', reason, message, component: 'Job' };
}
