import type { z } from 'zod';
import type { Issue } from '../core/issue.ts';
import { issueOf } from '../core/issues.ts';
import type { KubeObject } from '../kube/object.ts';
import { isNestedDeeperThan, schemaProblems, withoutNulls } from '../kube/parse.ts';
import {
  choice,
  field,
  flag,
  group,
  integer,
  isCondition,
  list,
  number,
  openObject,
  podTemplate,
  quantityMap,
  text,
  textMap,
} from '../kube/schema-parts.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';
import { isRecord } from '../lib/json.ts';
import { remembered } from '../lib/remembered.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { FlinkDeploymentStatus } from './status-schema.ts';

export * from './status-schema.ts';

/** The API group of all Flink kinds. */
export const FLINK_GROUP = 'flink.apache.org';

/** `apiVersion` of all Flink kinds. */
export const FLINK_API_VERSION = 'flink.apache.org/v1beta1';

/** Flink versions Weir runs, oldest first. */
export const SUPPORTED_FLINK_VERSIONS = [
  'v1_15',
  'v1_16',
  'v1_17',
  'v1_18',
  'v1_19',
  'v1_20',
  'v2_0',
  'v2_1',
  'v2_2',
  'v2_3',
  'v2_4',
] as const;

/** Flink versions the CRD has a word for, oldest first: the supported ones and two that old objects may still name. */
export const FLINK_VERSIONS = ['v1_13', 'v1_14', ...SUPPORTED_FLINK_VERSIONS] as const;

/** spec.flinkVersion. */
export const FlinkVersion = choice(FLINK_VERSIONS, SUPPORTED_FLINK_VERSIONS);
export type FlinkVersion = z.infer<typeof FlinkVersion>;

/** spec.mode: who starts TaskManagers, the JobManager itself or a Deployment. */
export const DeploymentMode = choice(['native', 'standalone']);
export type DeploymentMode = z.infer<typeof DeploymentMode>;

/** spec.job.upgradeMode: what state the next run of the job starts from. */
export const UpgradeMode = choice(['last-state', 'savepoint', 'stateless']);
export type UpgradeMode = z.infer<typeof UpgradeMode>;

/** spec.job.state. */
export const JobState = choice(['running', 'suspended']);
export type JobState = z.infer<typeof JobState>;

/** spec.job: the job of an application cluster. Without it the resource is a session cluster. */
export const FlinkJobSpec = group({
  jarURI: field(
    text(),
    "Where the job's jar is. In an application cluster a path in the image, such as local:///opt/flink/usrlib/job.jar.",
  ),
  parallelism: field(
    integer(),
    'Subtasks of each operator, unless the code says otherwise. Not used when taskManager.replicas is set.',
    { fallback: '`parallelism.default` of flinkConfiguration, else 1' },
  ),
  entryClass: field(text(), 'The class with the main method.', { fallback: "the one the jar's manifest names" }),
  args: field(list(text()), 'Arguments of the main method, one item each.'),
  state: field(JobState, 'Whether the job is to run. Suspending keeps its state as upgradeMode says.', {
    fallback: 'running',
  }),
  savepointTriggerNonce: field(
    integer(),
    'A new number takes a savepoint once. Deprecated: a FlinkStateSnapshot says the same and leaves a record.',
  ),
  initialSavepointPath: field(text(), 'Savepoint or checkpoint the very first run starts from.'),
  checkpointTriggerNonce: field(
    integer(),
    'A new number takes a checkpoint once. Deprecated: a FlinkStateSnapshot says the same and leaves a record.',
  ),
  upgradeMode: field(
    UpgradeMode,
    'What a changed job starts from: nothing (stateless), a savepoint taken for it (savepoint), or the newest state there is (last-state).',
    { fallback: 'stateless' },
  ),
  allowNonRestoredState: field(
    flag(),
    'Start even if the savepoint holds state of operators that the job no longer has.',
    { fallback: 'false' },
  ),
  savepointRedeployNonce: field(
    integer(),
    'A new number starts the job again from initialSavepointPath, giving up its present state.',
  ),
  autoscalerResetNonce: field(integer(), 'A new number clears what the autoscaler has learnt.'),
});
export type FlinkJobSpec = DeepReadonly<z.infer<typeof FlinkJobSpec>>;

/** spec.*.resource: the short form of what a pod gets. */
export const FlinkResource = group({
  cpu: field(number(), 'Cores: request and limit.', { fallback: 'JobManager 1, TaskManager one per slot' }),
  memory: field(
    text(),
    'Process memory as Flink writes it (`2048m`, `2g`) or as Kubernetes does (`2Gi`); always binary.',
  ),
  ephemeralStorage: field(text(), 'Local disk, as a Kubernetes quantity: request and limit.'),
});
export type FlinkResource = DeepReadonly<z.infer<typeof FlinkResource>>;

/** spec.*.resources: the same as a container has it; wins over `resource` when it has a request or limit. */
export const FlinkResourceRequirements = group({
  requests: field(quantityMap(), 'What the scheduler sets aside.', { fallback: 'the limits' }),
  limits: field(quantityMap(), 'What the container may not exceed.', { fallback: 'the requests' }),
  claims: field(
    list(
      group({
        name: field(text(), "A name from the pod's resourceClaims."),
        request: field(text(), 'One request of that claim.', { fallback: 'all of them' }),
      }),
    ),
    'Claims of dynamic resource allocation.',
  ),
});
export type FlinkResourceRequirements = DeepReadonly<z.infer<typeof FlinkResourceRequirements>>;

function componentFields(component: string) {
  return {
    resource: field(FlinkResource, `What a ${component} gets, in the short form.`),
    resources: field(
      FlinkResourceRequirements,
      `What a ${component} gets, as requests and limits. Wins over resource when it has any.`,
    ),
    podTemplate: field(podTemplate(), `Pod template for ${component}s, merged over spec.podTemplate.`),
  };
}

/** spec.jobManager. */
export const FlinkJobManagerSpec = group({
  ...componentFields('JobManager'),
  replicas: field(integer(), 'JobManagers; more than one needs high availability.', { fallback: '1' }),
});
export type FlinkJobManagerSpec = DeepReadonly<z.infer<typeof FlinkJobManagerSpec>>;

/** spec.taskManager. */
export const FlinkTaskManagerSpec = group({
  ...componentFields('TaskManager'),
  replicas: field(integer(), 'TaskManagers. When set, the parallelism is this times the slots of one.', {
    fallback: 'as many as the parallelism needs',
  }),
});
export type FlinkTaskManagerSpec = DeepReadonly<z.infer<typeof FlinkTaskManagerSpec>>;

/** spec.ingress. */
export const FlinkIngressSpec = group({
  template: field(text(), 'Host and path of the web UI; name and namespace in double braces are replaced.'),
  className: field(text(), 'The IngressClass.', { fallback: "the cluster's default class" }),
  annotations: field(textMap(), 'Annotations of the Ingress.'),
  labels: field(textMap(), "Labels of the Ingress, beside Weir's own."),
  tls: field(
    list(
      group({
        hosts: field(list(text()), 'Hosts the certificate is for.'),
        secretName: field(text(), 'The Secret with the certificate.'),
      }),
    ),
    'TLS of the Ingress.',
  ),
});
export type FlinkIngressSpec = DeepReadonly<z.infer<typeof FlinkIngressSpec>>;

/** FlinkDeployment.spec: field names, types and words as the incumbent's CRD has them; never narrower. */
export const FlinkDeploymentSpec = group({
  image: field(text(), 'Image with Flink and, for an application, the job.', {
    fallback:
      "`kubernetes.container.image.ref` of flinkConfiguration, else the main container's of a pod template, else the official image of flinkVersion",
  }),
  imagePullPolicy: field(text(), 'Always, IfNotPresent or Never.', { fallback: 'IfNotPresent' }),
  serviceAccount: field(text(), 'Service account of the JobManager and, in native mode, of TaskManagers it creates.'),
  flinkVersion: field(FlinkVersion, 'The Flink version in the image.'),
  flinkConfiguration: field(openObject(), 'Flink options, as dotted keys or nested.'),
  restartNonce: field(integer(), 'A new number restarts the cluster, with state as upgradeMode says.'),
  job: field(FlinkJobSpec, 'The job of an application cluster.', { fallback: 'a session cluster' }),
  ingress: field(FlinkIngressSpec, 'An Ingress for the web UI.', { fallback: 'none' }),
  podTemplate: field(podTemplate(), 'Pod template for JobManagers and TaskManagers.'),
  jobManager: field(FlinkJobManagerSpec, 'The JobManager.'),
  taskManager: field(FlinkTaskManagerSpec, 'The TaskManagers.'),
  logConfiguration: field(textMap(), 'Log configuration by file name: log4j-console.properties, logback-console.xml.', {
    fallback: 'what the image has',
  }),
  mode: field(DeploymentMode, 'Who starts TaskManagers: the JobManager (native) or a Deployment (standalone). Fixed.', {
    fallback: 'native',
  }),
});
export type FlinkDeploymentSpec = DeepReadonly<z.infer<typeof FlinkDeploymentSpec>>;

/** A FlinkDeployment whose spec and status fit the schema. Unknown fields (a newer CRD's) are still there. */
export interface FlinkDeployment extends KubeObject {
  readonly spec: FlinkDeploymentSpec;
  readonly status?: FlinkDeploymentStatus;
}

/**
 * Fields in which nulls mean what the user meant. Pod templates are none of them: empty fields, as charts write them
 * (`volumes:`), count as absent there too, since the API server drops them by the incumbent's CRD (1.15).
 */
const OPEN_FIELDS: ReadonlySet<string> = new Set(['flinkConfiguration']);

/** Deepest nesting of a spec: pod templates need about 15 levels, and reading deeper ones would cost the stack. */
const MAX_DEPTH = 64;

/**
 * Checks spec and status against the schema and reports everything that does not fit. What fits is handed on whole:
 * the schema neither fills in nor takes away, so that what is recorded of the spec is what the user wrote. Nulls count
 * as absent. Whole numbers beyond 2^53 are refused, since JSON in JavaScript would silently round them.
 */
export function parseFlinkDeployment(object: KubeObject): Result<FlinkDeployment, readonly Issue[]> {
  const spec = parseFlinkDeploymentSpec(object.spec);
  const status = parseFlinkDeploymentStatus(object.status);
  if (!spec.ok || !status.ok) return err([...(spec.ok ? [] : spec.error), ...(status.ok ? [] : status.error)]);
  const { status: _, ...rest } = object;
  return ok({ ...rest, spec: spec.value, ...(status.value === undefined ? {} : { status: status.value }) });
}

/** The same for a spec alone, as it is found in status.reconciliationStatus or in a file. */
export function parseFlinkDeploymentSpec(value: unknown): Result<FlinkDeploymentSpec, readonly Issue[]> {
  if (isNestedDeeperThan(value, MAX_DEPTH)) {
    return err([{ path: 'spec', value: 'the nesting', rule: `be at most ${MAX_DEPTH} levels deep` }]);
  }
  const spec = withoutNulls(value ?? undefined, OPEN_FIELDS);
  const problems = schemaProblems(FlinkDeploymentSpec, spec, ['spec']);
  return problems.length === 0 ? ok(spec as FlinkDeploymentSpec) : err(problems.map(issueOf));
}

/** The same for the spec of a resource as the caches hold it, which stays the same object while only its status changes. */
export function specOf({ spec }: KubeObject): Result<FlinkDeploymentSpec, readonly Issue[]> {
  return isRecord(spec) ? parsedOnce(spec) : parseFlinkDeploymentSpec(spec);
}

const parsedOnce = remembered((spec: Record<string, unknown>) => parseFlinkDeploymentSpec(spec));

/** The same for a status. Conditions that are not complete are left out: they say nothing and are not worth a stop. */
export function parseFlinkDeploymentStatus(
  value: unknown,
): Result<FlinkDeploymentStatus | undefined, readonly Issue[]> {
  if (value === undefined || value === null) return ok(undefined);
  const status = withoutNulls(value, OPEN_FIELDS);
  const checked =
    isRecord(status) && Array.isArray(status.conditions)
      ? { ...status, conditions: status.conditions.filter(isCondition) }
      : status;
  const problems = schemaProblems(FlinkDeploymentStatus, checked, ['status']);
  return problems.length === 0 ? ok(checked as FlinkDeploymentStatus) : err(problems.map(issueOf));
}
