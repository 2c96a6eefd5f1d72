import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { defaultsIn, SPARK_LABELS, type Submission } from '../conf/submission.ts';
import type { SparkRecord } from '../record.ts';
import type { ApplicationState } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { started } from './submit.ts';

/**
 * States from which the incumbent submits, with every driver of before gone or being deleted. It writes the status after the
 * submission, and submits again where that write fails (Kubeflow Spark Operator 2.5).
 */
const SUBMITS: ReadonlySet<ApplicationState> = new Set(['PENDING_RERUN', 'RESUMING', 'SUBMISSION_FAILED']);

/**
 * A driver of this very application is there, though no status tells of it: it is followed, not started again. Either the
 * status was lost, or the incumbent made the driver and could not say so.
 */
export const adopt: Policy<Situation, Intent> = (situation) => {
  const { record, observed, strays } = situation;
  const isLeft = record.specHash === undefined && SUBMITS.has(record.state);
  if (record.state !== '' && !isLeft) return undefined;
  const drivers = isLeft ? strays : observed.drivers;
  const driver = drivers.find((pod) => !isBeingDeleted(pod));
  const submissionId = driver?.metadata.labels?.[SPARK_LABELS.submissionId];
  if (driver === undefined || submissionId === undefined) return undefined;
  const { creationTimestamp, labels = {}, name } = driver.metadata;
  const submission: Submission = {
    submissionId,
    applicationId: labels['spark-app-selector'] ?? '',
    submittedAt: Date.parse(creationTimestamp ?? '') || situation.now.getTime(),
    ...defaultsIn(situation.settings.defaults),
  };
  const adopted: SparkRecord = { ...started(situation, submission, record), podName: name, seen: true };
  const message = `driver pod ${name} is there already, though no status told of it`;
  return { because: 'WaitingForDriver', message, phase: 'progressing', record: adopted };
};
