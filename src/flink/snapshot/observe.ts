import type { Probe, Reader } from '../../core/ports.ts';
import { isBeingDeleted, type KubeObject, keyOf, type ObjectRef } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { flinkVersionOf } from '../conf/versions.ts';
import { SAVEPOINT_DIRECTORY } from '../configuration.ts';
import { type OperatorDefaults, optionOf } from '../flink-conf.ts';
import { startedCluster } from '../started-cluster.ts';
import type { FlinkDeploymentStatus } from '../status-schema.ts';
import type { ReferencedJob, SnapshotAnswer, SnapshotCluster, SnapshotObserved } from './observed.ts';
import { type FlinkStateSnapshotSpec, SNAPSHOT_KIND } from './schema.ts';

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
  return { resource, state: jobStatus?.state, jobId, cluster: clusterOf(deployment, jobId, defaults) };
}

function clusterOf(
  deployment: KubeObject | undefined,
  jobId: string | undefined,
  defaults: OperatorDefaults,
): SnapshotCluster | undefined {
  const started = deployment === undefined ? undefined : startedCluster(deployment, defaults);
  if (started === undefined) return undefined;
  const { conf, record, target } = started;
  return {
    target: { ...target, jobId },
    flinkVersion: flinkVersionOf(record.spec),
    savepointDirectory: optionOf(conf, ...SAVEPOINT_DIRECTORY),
  };
}
