import { hashHex } from '../../lib/hash.ts';
import type { SparkApplication } from '../schema.ts';

/** One submission of an application, as it is recorded before anything of it is made. */
export interface Submission {
  /** status.submissionID, in the form of a UUID. */
  readonly submissionId: string;
  /** status.sparkApplicationId. */
  readonly applicationId: string;
  /** Milliseconds since the epoch. */
  readonly submittedAt: number;
  /** The operator's defaults as they were then, which hold for all that is made for it; absent: there were none. */
  readonly defaults?: Readonly<Record<string, string>>;
}

/** Labels of the incumbent by which both operators tell what belongs to an application. */
export const SPARK_LABELS = {
  appName: 'sparkoperator.k8s.io/app-name',
  launched: 'sparkoperator.k8s.io/launched-by-spark-operator',
  submissionId: 'sparkoperator.k8s.io/submission-id',
  created: 'sparkoperator.k8s.io/created-by-spark-operator',
  connectName: 'sparkoperator.k8s.io/connect-name',
} as const;

/** What is told apart by the kind of a resource that has a driver: its server, of a SparkConnect, or its driver. */
type Kinded = Pick<SparkApplication, 'kind'>;

/** The label with the name of the resource, on everything that belongs to it. */
export function nameLabel({ kind }: Kinded): string {
  return kind === 'SparkConnect' ? SPARK_LABELS.connectName : SPARK_LABELS.appName;
}

/** The value of the label spark-role on the driver pod. */
export function driverRole({ kind }: Kinded): string {
  return kind === 'SparkConnect' ? 'connect-server' : 'driver';
}

/**
 * The submission with this number, decided at this time. The same application, number and time give the same one, so that
 * nothing has to be drawn by lot.
 */
export function submissionOf(
  uid: string,
  attempt: number,
  submittedAt: number,
  defaults: Readonly<Record<string, string>> = {},
): Submission {
  const digits = hashHex(`${uid}/${attempt}/${submittedAt}`, 32);
  // Version 8 of RFC 9562: made from data of one's own.
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20),
  ];
  const submissionId = parts.join('-');
  return { submissionId, applicationId: applicationIdOf(submissionId), submittedAt, ...defaultsIn(defaults) };
}

/** A submission's defaults, where there are any. */
export function defaultsIn(defaults: Readonly<Record<string, string>> = {}): Pick<Submission, 'defaults'> {
  return Object.keys(defaults).length === 0 ? {} : { defaults };
}

/** Spark's id of a submission: `spark-` and 32 digits, as Spark itself makes them. */
export function applicationIdOf(submissionId: string): string {
  return `spark-${submissionId.replaceAll('-', '')}`;
}

/** Labels of everything a submission consists of. */
export function ownLabels(
  { kind, metadata }: Pick<SparkApplication, 'kind' | 'metadata'>,
  submission: Submission,
): Record<string, string> {
  return {
    [nameLabel({ kind })]: metadata.name,
    [SPARK_LABELS.launched]: 'true',
    [SPARK_LABELS.submissionId]: submission.submissionId,
  };
}

/** What names of one submission's objects have in them: 16 digits, as Spark's own. */
export function uniqueOf({ applicationId }: Pick<Submission, 'applicationId'>): string {
  return applicationId.slice('spark-'.length).slice(0, 16);
}

/** The driver pod's name, which is the same for all submissions (Kubeflow Spark Operator 2.5). */
export function driverPodName({ metadata, spec }: Pick<SparkApplication, 'metadata' | 'spec'>): string {
  return spec.driver?.podName ?? spec.sparkConf?.['spark.kubernetes.driver.pod.name'] ?? `${metadata.name}-driver`;
}

/** Longest name of a Service. */
const MAX_SERVICE_NAME = 63;

/** Name of the driver's Service (DriverServiceFeatureStep, 3.3 to 4.3). */
export function driverServiceName({ metadata }: Pick<SparkApplication, 'metadata'>, submission: Submission): string {
  const unique = uniqueOf(submission);
  const name = `${metadata.name}-${unique}-driver-svc`;
  return name.length <= MAX_SERVICE_NAME ? name : `spark-${unique}-driver-svc`;
}

/** Name of the ConfigMap with the driver's conf folder (KubernetesClientUtils.configMapNameDriver). */
export function confMapName(submission: Submission): string {
  return `spark-drv-${uniqueOf(submission)}-conf-map`;
}

/** Name of the ConfigMap with the executors' pod template. */
export function templateMapName(submission: Submission): string {
  return `spark-exec-${uniqueOf(submission)}-podspec-conf-map`;
}

/** Longest prefix of executor pods that Spark 3.3 takes; later versions take longer ones. */
const MAX_EXECUTOR_PREFIX = 47;

/** Prefix of executor pods' names. */
export function executorPrefix({ metadata }: Pick<SparkApplication, 'metadata'>, submission: Submission): string {
  const unique = uniqueOf(submission).slice(0, 8);
  const room = MAX_EXECUTOR_PREFIX - unique.length - 1;
  return `${metadata.name.slice(0, room).replace(/-+$/, '')}-${unique}`;
}
