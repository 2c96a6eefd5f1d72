import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import { ownerReference } from '../../kube/object.ts';
import { prefixed, type SparkConf } from '../conf/entry.ts';
import { driverRole, ownLabels, type Submission } from '../conf/submission.ts';
import type { SparkApplication } from '../schema.ts';
import type { SparkSettings } from '../settings.ts';

/** What every builder of an object needs. */
export interface Build {
  readonly application: SparkApplication;
  readonly namespace: string;
  readonly conf: SparkConf;
  readonly submission: Submission;
  readonly settings: SparkSettings;
}

/** A part of a pod as JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** Gathers what the builders need. */
export function buildOf(
  application: SparkApplication,
  conf: SparkConf,
  submission: Submission,
  settings: SparkSettings,
): Build {
  return { application, namespace: application.metadata.namespace ?? 'default', conf, submission, settings };
}

/** metadata of an object of a submission, owned by the application. */
export function metadataOf(
  build: Build,
  name: string,
  more: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> },
): KubeObject['metadata'] {
  const { application, namespace, submission } = build;
  return {
    name,
    namespace,
    labels: { ...more.labels, ...ownLabels(application, submission) },
    ...(Object.keys(more.annotations ?? {}).length === 0 ? {} : { annotations: more.annotations ?? {} }),
    ...owned(application),
  };
}

/** Controlled by the application, so that it goes with it; not while it has no uid (a plan made from a file). */
function owned(application: SparkApplication): { ownerReferences?: OwnerReference[] } {
  if (application.metadata.uid === undefined) return {};
  return { ownerReferences: [ownerReference(application, { controller: true })] };
}

/** Properties under a prefix as a map, `{{APP_ID}}` in values replaced as Spark does (labels: from 4.0 on). */
export function mapOf({ conf, submission }: Build, prefix: string): Record<string, string> {
  return Object.fromEntries(
    prefixed(conf, prefix).map(([key, value]) => [
      key,
      value.replaceAll('{{APP_ID}}', submission.applicationId).replaceAll('{{EXECUTOR_ID}}', ''),
    ]),
  );
}

/** Labels by which Spark tells the driver's pod (KubernetesDriverConf, 3.3 to 4.3). */
export function sparkLabels({ application, submission }: Build): Record<string, string> {
  return {
    'spark-app-selector': submission.applicationId,
    'spark-app-name': labelText(application.metadata.name),
    'spark-role': driverRole(application),
    'spark-version': labelText(application.spec.sparkVersion ?? ''),
  };
}

/** A text as a label may hold it. */
export function labelText(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
