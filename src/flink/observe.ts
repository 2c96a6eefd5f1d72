import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { unknown } from '../core/fact.ts';
import type { Probe, Reader } from '../core/ports.ts';
import { findCondition } from '../kube/conditions.ts';
import { isOwnedBy, type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts';
import { mapName, ownMap } from './autoscaler/config-map.ts';
import { START_ID_ANNOTATION } from './desired/names.ts';
import type { JobManagerAnswer, Observed, StatefulJob } from './observed.ts';
import { runs } from './record.ts';
import { isHaConfigMap } from './restore.ts';
import { readSessionJobRecord } from './session-job/record.ts';
import { type FlinkSessionJobStatus, SESSION_JOB_KIND, sessionNameOf } from './session-job/schema.ts';
import { dependantsFor, snapshotsOf } from './snapshot/observe.ts';
import { upgradeModeOf } from './upgrade.ts';

/** Kinds a FlinkDeployment's cluster consists of, as they are watched. */
export const KINDS = {
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  pod: { apiVersion: 'v1', kind: 'Pod' },
  service: { apiVersion: 'v1', kind: 'Service' },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap' },
  ingress: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
} as const;

/**
 * Gathers every fact a decision about one FlinkDeployment may use, from caches, the probe and the survey, if there is one;
 * no I/O of its own.
 */
export function observe(
  resource: KubeObject,
  read: Reader,
  probe: Probe<JobManagerAnswer>,
  survey?: Pick<CapacitySurvey, 'latest'>,
): Observed {
  const { name, namespace = '' } = resource.metadata;
  const get = (kind: { apiVersion: string; kind: string }, objectName: string): KubeObject | undefined => {
    const ref: ObjectRef = { ...kind, namespace, name: objectName };
    return read.get(ref);
  };
  const jobManager = get(KINDS.deployment, name);
  const children = [
    get(KINDS.service, name),
    get(KINDS.service, `${name}-rest`),
    get(KINDS.configMap, `flink-config-${name}`),
    get(KINDS.configMap, `pod-template-${name}`),
    get(KINDS.ingress, name),
  ].filter((object) => object !== undefined);
  return {
    jobManager,
    taskManager: get(KINDS.deployment, `${name}-taskmanager`),
    children: children.filter((object) => isOurs(object, resource, jobManager)),
    haConfigMaps: read.list(KINDS.configMap, namespace, { app: name }).filter(isHaConfigMap),
    pods: read.list(KINDS.pod, namespace, { app: name }),
    rest: probe.latest(keyOf(resource.metadata)),
    snapshots: snapshotsOf(resource, read),
    ...dependantsFor(resource, read),
    capacity: survey?.latest(namespace) ?? unknown('not looked at'),
    ...sessionJobsOf(resource, read),
    autoscalerMap: autoscalerMapOf(resource, read),
  };
}

/** The ConfigMap with what the autoscaler remembers of a resource of either kind. */
export function autoscalerMapOf(resource: KubeObject, read: Reader): KubeObject | undefined {
  const { name, namespace = '' } = resource.metadata;
  return ownMap(read.get({ ...KINDS.configMap, namespace, name: mapName(name) }), resource);
}

/** The FlinkSessionJobs of a session: all of them where it is to go, else those that would lose something with it. */
function sessionJobsOf({ metadata, spec }: KubeObject, read: Reader): Pick<Observed, 'sessionJobs' | 'statefulJobs'> {
  const isApplication = ((spec as { job?: unknown } | undefined)?.job ?? undefined) !== undefined;
  if (isApplication) return {};
  const jobs = read
    .list(SESSION_JOB_KIND, metadata.namespace ?? '', {})
    .filter((job) => sessionNameOf(job) === metadata.name);
  if (metadata.deletionTimestamp === undefined) return { statefulJobs: jobs.flatMap(statefulJob) };
  return { sessionJobs: jobs.map((job) => job.metadata.name).sort() };
}

/** Whether only the session can tell, or by running on alone has, what a job goes on from. */
function statefulJob({ metadata: { name }, status: stored }: KubeObject): readonly StatefulJob[] {
  const status = stored as FlinkSessionJobStatus | undefined;
  const record = readSessionJobRecord(status);
  if (record?.jobId === undefined || !runs(record) || upgradeModeOf(record.spec) === 'stateless') return [];
  const { jobId, restore, stopping } = record;
  const finished = status?.jobStatus?.state === 'FINISHED' && stopping === undefined;
  const unknown = findCondition(status?.conditions, 'Stalled')?.reason === 'ManualRestoreRequired';
  return restore.leftBy === jobId || finished || unknown ? [] : [{ name, jobId }];
}

/** Made by this operator or the incumbent for this resource; a user's own object of the same name is not. */
function isOurs(object: KubeObject, resource: KubeObject, jobManager: KubeObject | undefined): boolean {
  if (object.metadata.annotations?.[START_ID_ANNOTATION] !== undefined) return true;
  return isOwnedBy(object, resource.metadata.uid) || isOwnedBy(object, jobManager?.metadata.uid);
}
