import type { Probe, Reader } from '../../core/ports.ts';
import { isBeingDeleted, type KubeObject, keyOf, type ObjectKey, type ObjectRef } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { flinkVersionOf } from '../conf/versions.ts';
import { SAVEPOINT_DIRECTORY } from '../configuration.ts';
import { type OperatorDefaults, optionOf } from '../flink-conf.ts';
import { jobConf } from '../session-job/job-conf.ts';
import { readSessionJobRecord } from '../session-job/record.ts';
import type { FlinkSessionJobStatus } from '../session-job/schema.ts';
import { startedCluster } from '../started-cluster.ts';
import type { FlinkDeploymentStatus } from '../status-schema.ts';
import type { ReferencedJob, SnapshotAnswer, SnapshotCluster, SnapshotObserved } from './observed.ts';
import { type FlinkStateSnapshotSpec, SNAPSHOT_KIND, SNAPSHOT_LABELS } from './schema.ts';

/** The kinds a snapshot's job can be a resource of. */
export const JOB_KINDS = {
  deployment: { apiVersion: SNAPSHOT_KIND.apiVersion, kind: 'FlinkDeployment' },
  sessionJob: { apiVersion: SNAPSHOT_KIND.apiVersion, kind: 'FlinkSessionJob' },
} as const;

/** What an observation reads from. */
export interface SnapshotSources {
  readonly read: Reader;
  readonly probe: Probe<SnapshotAnswer>;
  readonly defaults: OperatorDefaults;
}

/** Gathers every fact a decision about one FlinkStateSnapshot may use, from caches and the probe; no I/O of its own. */
export function observeSnapshot(resource: KubeObject, sources: SnapshotSources): SnapshotObserved {
  const { namespace = '', name } = resource.metadata;
  const { read, probe } = sources;
  const rest = probe.latest(keyOf(resource.metadata));
  const lost = rest.kind === 'known' && rest.value.progress?.kind === 'unknown-trigger';
  return {
    job: referencedJob(resource, sources),
    others: lost ? read.list(SNAPSHOT_KIND, namespace, {}).filter((other) => other.metadata.name !== name) : [],
    dependants: isBeingDeleted(resource)
      ? Object.values(JOB_KINDS).flatMap((kind) => read.list(kind, namespace, {}))
      : [],
    rest,
  };
}

/** The FlinkStateSnapshots of a FlinkDeployment's or FlinkSessionJob's job, by their labels. */
export function snapshotsOf({ kind, metadata }: KubeObject, read: Reader): readonly KubeObject[] {
  const { name, namespace = '' } = metadata;
  return read
    .list(SNAPSHOT_KIND, namespace, { [SNAPSHOT_LABELS.jobName]: name })
    .filter((snapshot) => snapshot.metadata.labels?.[SNAPSHOT_LABELS.jobKind] === kind);
}

/** The resources that may need a savepoint's files; asked for only where the status keeps savepoints that may be deleted. */
export function dependantsFor(
  { status, metadata }: KubeObject,
  read: Reader,
): { readonly dependants?: readonly KubeObject[] } {
  const { jobStatus } = (status ?? {}) as FlinkDeploymentStatus;
  const { savepointHistory = [], undisposed = [] } = jobStatus?.savepointInfo ?? {};
  if (savepointHistory.length < 2 && undisposed.length === 0) return {};
  return { dependants: Object.values(JOB_KINDS).flatMap((kind) => read.list(kind, metadata.namespace ?? '', {})) };
}

/** The resource of a kind that a FlinkStateSnapshot is about, by its labels; undefined where it is another kind. */
export function jobKeyOf({ metadata }: KubeObject, kind: string): ObjectKey | undefined {
  const { [SNAPSHOT_LABELS.jobName]: name, [SNAPSHOT_LABELS.jobKind]: jobKind } = metadata.labels ?? {};
  return name === undefined || jobKind !== kind ? undefined : keyOf({ ...metadata, name });
}

function referencedJob(snapshot: KubeObject, { read, defaults }: SnapshotSources): ReferencedJob | undefined {
  const reference = (snapshot.spec as FlinkStateSnapshotSpec | undefined)?.jobReference;
  const { namespace = '' } = snapshot.metadata;
  const get = (kind: string, name: unknown): KubeObject | undefined => {
    const ref = { apiVersion: SNAPSHOT_KIND.apiVersion, kind, namespace, name: String(name) } satisfies ObjectRef;
    return typeof name === 'string' ? read.get(ref) : undefined;
  };
  const resource = reference?.kind === undefined ? undefined : get(reference.kind, reference.name);
  if (resource === undefined) return undefined;
  const isSessionJob = resource.kind === JOB_KINDS.sessionJob.kind;
  const deploymentName = isRecord(resource.spec) ? resource.spec.deploymentName : undefined;
  const deployment = isSessionJob ? get(JOB_KINDS.deployment.kind, deploymentName) : resource;
  const { jobStatus } = (resource.status ?? {}) as FlinkDeploymentStatus;
  const jobId = jobStatus?.jobId;
  return { resource, state: jobStatus?.state, jobId, cluster: clusterOf(resource, deployment, defaults) };
}

/** `deployment` is the cluster of the job's resource: itself, or a session. */
function clusterOf(
  resource: KubeObject,
  deployment: KubeObject | undefined,
  defaults: OperatorDefaults,
): SnapshotCluster | undefined {
  const started = deployment === undefined ? undefined : startedCluster(deployment, defaults);
  if (started === undefined) return undefined;
  const { name } = resource.metadata;
  const sessionJob = readSessionJobRecord(resource.status as FlinkSessionJobStatus | undefined)?.spec;
  const ofSession = resource === deployment || sessionJob === undefined;
  const conf = ofSession ? started.conf : jobConf(name, sessionJob, deployment, defaults);
  const { jobStatus } = (resource.status ?? {}) as FlinkDeploymentStatus;
  return {
    target: { ...started.target, jobId: jobStatus?.jobId },
    flinkVersion: flinkVersionOf(started.record.spec),
    savepointDirectory: optionOf(conf, ...SAVEPOINT_DIRECTORY),
  };
}
