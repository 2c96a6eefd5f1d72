import type { DeepPartial } from '../../core/testing/merged.ts';
import { type KubeObject, ownerReference } from '../../kube/object.ts';
import { SPARK_LABELS, type Submission, submissionOf } from '../conf/submission.ts';
import { decide, type SparkPlan } from '../decide.ts';
import { type Observed, UNSEEN } from '../observed.ts';
import type { ApplicationState, SparkApplicationSpec, SparkApplicationStatus } from '../schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from '../settings.ts';
import { situationOf } from '../situation.ts';
import { aSparkApplication } from '../testing.ts';

/** When every pass of these tests happens: a minute after the submission. */
export const NOW = new Date('2026-02-03T04:06:00Z');
/** The recorded submission. */
export const SUBMISSION: Submission = submissionOf('uid', 1, Date.parse('2026-02-03T04:05:00Z'));

/** A SparkApplication and its surroundings, as far as they differ from an ordinary one that was submitted. */
export interface Given {
  readonly spec?: DeepPartial<SparkApplicationSpec>;
  /** The spec last acted on; the present one unless given. */
  readonly recorded?: DeepPartial<SparkApplicationSpec>;
  readonly state?: ApplicationState;
  /** Whether its driver was seen; true unless given. */
  readonly seen?: boolean;
  readonly status?: SparkApplicationStatus;
  readonly observed?: Partial<Observed>;
  readonly deleting?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly settings?: Partial<SparkSettings>;
}

/** The SparkApplication of a test. */
export function resourceOf({
  spec = {},
  recorded,
  state = 'RUNNING',
  seen = true,
  status,
  deleting,
  annotations,
}: Given): KubeObject {
  const deletion = deleting === true ? { deletionTimestamp: '2026-02-03T04:05:59Z' } : {};
  const application = aSparkApplication({
    metadata: { generation: 3, ...deletion, ...(annotations === undefined ? {} : { annotations }) },
    spec,
  });
  if (state === '') return application;
  const acted = situationOf(aSparkApplication({ spec: recorded ?? spec }), UNSEEN, NOW);
  const recordedStatus: SparkApplicationStatus = {
    applicationState: { state },
    submissionID: SUBMISSION.submissionId,
    sparkApplicationId: SUBMISSION.applicationId,
    lastSubmissionAttemptTime: '2026-02-03T04:05:00Z',
    driverInfo: { podName: 'pi-driver' },
    executionAttempts: 1,
    submissionAttempts: 1,
    submittedSpec: acted.specHash,
    submittedProgram: acted.programHash,
    ...(seen ? { driverSeen: SUBMISSION.submissionId } : {}),
  };
  return { ...application, status: { ...recordedStatus, ...status } };
}

/** What one pass decides. */
export function plan(given: Given): SparkPlan {
  const settings = { ...DEFAULT_SETTINGS, ...given.settings };
  return decide(situationOf(resourceOf(given), { ...UNSEEN, ...given.observed }, NOW, settings));
}

/** A pod of the recorded submission. */
export function podOf(role: 'driver' | 'executor', name: string, status: object, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      labels: {
        [SPARK_LABELS.appName]: 'pi',
        [SPARK_LABELS.submissionId]: SUBMISSION.submissionId,
        'spark-app-selector': SUBMISSION.applicationId,
        'spark-role': role,
      },
      ownerReferences: [ownerReference(aSparkApplication(), { controller: true })],
      ...metadata,
    },
    status,
  };
}

/** The driver pod of the recorded submission in a phase. */
export function driver(phase: string, more: object = {}, metadata: object = {}): KubeObject {
  return podOf('driver', 'pi-driver', { phase, ...more }, metadata);
}

/** The driver pod after its Spark container has ended. */
export function endedDriver(terminated: object, phase = 'Failed', more: object = {}): KubeObject {
  const containerStatuses = [{ name: 'spark-kubernetes-driver', state: { terminated } }];
  return driver(phase, { containerStatuses, ...more });
}

/** Actions as short lines. */
export function actionsOf({ actions }: SparkPlan): string[] {
  return actions.map((action) => {
    if (action.kind === 'apply' || action.kind === 'create') {
      return `${action.kind} ${action.object.kind} ${action.object.metadata.name}${action.beside ? ' (beside)' : ''}`;
    }
    return action.kind === 'delete' ? `delete ${action.ref.kind} ${action.ref.name}` : action.kind;
  });
}
