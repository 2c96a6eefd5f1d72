import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, FlinkJobSpec } from '../schema.ts';
import { SESSION_JOB_FINALIZER, SESSION_JOB_KIND } from '../session-job/schema.ts';
import { FLINK_FINALIZER } from '../situation.ts';
import { aFlinkDeployment, aSessionCluster, type DeepPartial } from '../testing.ts';

/*
 * FlinkDeployments and FlinkSessionJobs as the Flink Kubernetes Operator 1.10 to 1.15 leaves them: its status fields and
 * the text it records specs as, from its ReconciliationUtils, SpecUtils and status classes.
 */

/** The uid of the resources. */
export const LEFT_UID = '5a3c6f0e-1111-4222-8333-444455556666';
/** The id of the job that runs, or of the last one that did. */
export const LEFT_JOB = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
/** When a spec was last acted on, in milliseconds since the epoch. */
export const LEFT_AT = Date.parse('2026-02-01T10:00:00Z');
/** The generation it was acted on at. */
export const LEFT_GENERATION = 3;

/** How a release writes the spec it records. */
export type Encoding = '1.10' | '1.15' | 'with metadata' | 'bare';

/** What differs from a running application in its first deployment. */
export interface Left {
  readonly kind?: 'application' | 'session cluster' | 'session job';
  readonly encoding?: Encoding;
  /** The spec as its user wrote it, over an ordinary one. */
  readonly spec?: DeepPartial<FlinkDeploymentSpec>;
  /** What of the recorded job differs from the user's. */
  readonly recordedJob?: Partial<FlinkJobSpec>;
  /** What of the recorded configuration differs from the user's. */
  readonly recordedConfiguration?: Readonly<Record<string, unknown>>;
  /** What ran well last, where that is another spec. */
  readonly stable?: DeepPartial<FlinkDeploymentSpec> | false;
  readonly state?: NonNullable<FlinkDeploymentStatus['reconciliationStatus']>['state'];
  readonly first?: boolean;
  /** Nothing was ever started. */
  readonly unrecorded?: boolean;
  readonly generation?: number;
  /** Status fields over those of a running job. */
  readonly status?: DeepPartial<FlinkDeploymentStatus>;
}

/** Folders and high availability, as most users of state have them. */
export const STATEFUL = {
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://flink/ha',
  'state.checkpoints.dir': 's3://flink/checkpoints',
  'state.savepoints.dir': 's3://flink/savepoints',
  'taskmanager.numberOfTaskSlots': 2,
} as const;

/** A resource as it is found when Weir starts where the incumbent ran. */
export function leftResource(left: Left = {}): KubeObject {
  const { kind = 'application', generation = LEFT_GENERATION } = left;
  const spec = specOf(left, kind);
  const metadata = {
    uid: LEFT_UID,
    generation,
    finalizers: [kind === 'session job' ? SESSION_JOB_FINALIZER : FLINK_FINALIZER],
  };
  const status = statusOf(left, spec);
  if (kind !== 'session job') return { ...aFlinkDeployment({ metadata }), spec, status };
  const named = { name: 'clicks', namespace: 'default', ...metadata, labels: { 'target.session': 'orders' } };
  return { ...SESSION_JOB_KIND, metadata: named, spec, status };
}

function specOf({ spec = {} }: Left, kind: NonNullable<Left['kind']>): Record<string, unknown> {
  if (kind === 'session cluster') return { ...aSessionCluster({ spec }).spec };
  if (kind === 'application') return { ...aFlinkDeployment({ spec }).spec };
  const job = { jarURI: 'https://jars.example.com/clicks.jar', parallelism: 2, ...spec.job };
  return { deploymentName: 'orders', ...spec, job };
}

function statusOf(left: Left, spec: Record<string, unknown>): FlinkDeploymentStatus {
  const { kind = 'application', state = 'DEPLOYED', status = {} } = left;
  const job = kind === 'session cluster' ? noJob(status) : jobOf(status);
  return {
    jobStatus: job,
    observedGeneration: LEFT_GENERATION,
    lifecycleState: status.lifecycleState ?? 'STABLE',
    ...(status.error === undefined ? {} : { error: status.error }),
    reconciliationStatus: {
      reconciliationTimestamp: left.unrecorded === true ? 0 : LEFT_AT,
      ...(left.unrecorded === true ? {} : specsOf(left, spec)),
      state,
    },
    ...(kind === 'session job' ? {} : deploymentFields(left)),
  };
}

function specsOf(left: Left, spec: Record<string, unknown>) {
  const { stable = true } = left;
  const lastReconciledSpec = recordedText(left, spec);
  if (stable === false) return { lastReconciledSpec };
  if (stable === true) return { lastReconciledSpec, lastStableSpec: lastReconciledSpec };
  return { lastReconciledSpec, lastStableSpec: recordedText({ ...left, recordedJob: {} }, { ...spec, ...stable }) };
}

/** The empty objects are always written; nulls are pruned by the API server. */
const NO_SNAPSHOTS = {
  savepointInfo: { lastPeriodicSavepointTimestamp: 0, savepointHistory: [] },
  checkpointInfo: { lastPeriodicCheckpointTimestamp: 0 },
};

function noJob({
  jobStatus = {},
}: DeepPartial<FlinkDeploymentStatus>): NonNullable<FlinkDeploymentStatus['jobStatus']> {
  return { ...NO_SNAPSHOTS, ...(jobStatus as object) };
}

function jobOf(status: DeepPartial<FlinkDeploymentStatus>): NonNullable<FlinkDeploymentStatus['jobStatus']> {
  const running = {
    jobName: 'orders',
    jobId: LEFT_JOB,
    state: 'RUNNING',
    startTime: '1769940010000',
    updateTime: '1769940020000',
  };
  return { ...noJob({}), ...running, ...withoutUndefined(status.jobStatus) } as NonNullable<
    FlinkDeploymentStatus['jobStatus']
  >;
}

function withoutUndefined(value: object | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, item]) => item !== undefined));
}

function deploymentFields({ kind, status = {}, encoding = '1.15' }: Left): Partial<FlinkDeploymentStatus> {
  const manager = status.jobManagerDeploymentStatus ?? 'READY';
  const clusterInfo = {
    'flink-version': '2.0.0',
    'flink-revision': 'abc',
    'total-cpu': '2.0',
    'total-memory': '4294967296',
  };
  const running = {
    type: 'Running',
    status: 'True',
    reason: 'Running',
    message: 'Job status RUNNING',
    lastTransitionTime: '2026-02-01T10:00:20.123456Z',
  };
  return {
    clusterInfo,
    jobManagerDeploymentStatus: manager,
    ...(kind === 'session cluster'
      ? {}
      : { taskManager: { labelSelector: 'component=taskmanager,app=orders', replicas: 1 } }),
    ...(encoding === '1.15' ? { conditions: [running] as FlinkDeploymentStatus['conditions'] } : {}),
  };
}

function recordedText(
  { encoding = '1.15', recordedJob, recordedConfiguration, first = true, kind }: Left,
  spec: Record<string, unknown>,
): string {
  const apiVersion = 'flink.apache.org/v1beta1';
  const { job, flinkConfiguration } = spec;
  const configuration = { ...(isRecord(flinkConfiguration) ? flinkConfiguration : {}), ...recordedConfiguration };
  const common = {
    job: isRecord(job)
      ? { ...JOB_FIELDS, ...(encoding === '1.15' ? { autoscalerResetNonce: null } : {}), ...job, ...recordedJob }
      : null,
    restartNonce: spec.restartNonce ?? null,
    flinkConfiguration: encoding === '1.15' ? configuration : asText(configuration),
  };
  const recorded =
    kind === 'session job'
      ? { ...common, deploymentName: spec.deploymentName }
      : { ...common, ...deploymentSpec(spec) };
  if (encoding === 'bare') return JSON.stringify({ ...recorded, apiVersion });
  const metadata = encoding === 'with metadata' ? { metadata: { name: 'orders', generation: 3 } } : {};
  return JSON.stringify({ spec: recorded, resource_metadata: { apiVersion, ...metadata, firstDeployment: first } });
}

/** Jackson writes every field of its classes. */
const JOB_FIELDS = {
  jarURI: null,
  parallelism: 0,
  entryClass: null,
  args: [],
  state: 'running',
  savepointTriggerNonce: null,
  initialSavepointPath: null,
  checkpointTriggerNonce: null,
  upgradeMode: 'stateless',
  allowNonRestoredState: null,
  savepointRedeployNonce: null,
};

/** Until 1.12 options were a map of text. */
function asText(configuration: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, String(value)]));
}

function deploymentSpec({
  image,
  imagePullPolicy,
  serviceAccount,
  flinkVersion,
  ingress,
  podTemplate,
  jobManager,
  taskManager,
  logConfiguration,
  mode,
}: Record<string, unknown>) {
  const fields = { image, imagePullPolicy, serviceAccount, flinkVersion, ingress, logConfiguration, mode };
  return {
    ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? null])),
    podTemplate: modelled(podTemplate) ?? null,
    jobManager: component(jobManager, 1),
    taskManager: component(taskManager, null),
  };
}

function component(value: unknown, replicas: number | null) {
  if (!isRecord(value)) return null;
  const { resource, podTemplate, ...rest } = value;
  const given = isRecord(resource) ? { cpu: null, memory: null, ephemeralStorage: null, ...resource } : null;
  return { replicas, ...rest, resource: given, podTemplate: modelled(podTemplate) ?? null };
}

/** As the Kubernetes model classes write it: quantities as text, nothing for empty lists and maps. */
function modelled(value: unknown, inQuantities = false): unknown {
  if (Array.isArray(value)) return value.map((item) => modelled(item, inQuantities));
  if (!isRecord(value)) return inQuantities && value !== undefined ? String(value) : value;
  const entries = Object.entries(value).filter(
    ([, item]) => item !== null && !(Array.isArray(item) && item.length === 0),
  );
  return Object.fromEntries(
    entries.map(([key, item]) => [key, modelled(item, key === 'limits' || key === 'requests' || inQuantities)]),
  );
}
