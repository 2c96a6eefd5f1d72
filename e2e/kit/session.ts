import type { FlinkSessionJobStatus } from '../../src/flink/session-job/schema.ts';
import type { Condition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { countingJob } from './count.ts';
import { type FlinkWish, flinkDeployment } from './flink.ts';
import type { Kube, Target } from './kube.ts';

/** A session cluster of the tests: a FlinkDeployment without a job. */
export function flinkSession(wish: FlinkWish): KubeObject {
  const object = flinkDeployment(wish);
  const { job: _job, ...spec } = object.spec as Readonly<Record<string, unknown>>;
  return { ...object, spec };
}

/** A FlinkSessionJob that counts, of parallelism 1 unless `job` says otherwise. */
export function countingSessionJob(
  { namespace, name, session }: { readonly namespace: string; readonly name: string; readonly session: string },
  job: Readonly<Record<string, unknown>>,
): KubeObject {
  return {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: 'FlinkSessionJob',
    metadata: { name, namespace },
    spec: { deploymentName: session, job: { ...countingJob(), parallelism: 1, ...job } },
  };
}

/** Where a FlinkSessionJob is. */
export function sessionJobTarget(namespace: string, name: string): Target {
  return { plural: 'flinksessionjobs', namespace, name };
}

/** A FlinkSessionJob as read back. */
export interface LiveSessionJob {
  readonly object: KubeObject;
  readonly status: FlinkSessionJobStatus;
}

/** The FlinkSessionJob with its status (empty before the operator wrote one); undefined when it is gone. */
export async function readSessionJob(kube: Kube, namespace: string, name: string): Promise<LiveSessionJob | undefined> {
  const object = await kube.get(sessionJobTarget(namespace, name));
  return object === undefined ? undefined : { object, status: (object.status ?? {}) as FlinkSessionJobStatus };
}

/** One line on how a FlinkSessionJob stands. */
export function describeSessionJob(live: LiveSessionJob | undefined): string {
  if (live === undefined) return 'it is gone';
  const { jobStatus, lifecycleState, conditions = [] } = live.status;
  const said = (conditions as readonly Condition[]).map(
    ({ type, status, reason, message }) => `${type}=${status} (${reason}: ${message})`,
  );
  return [`${jobStatus?.state ?? '-'} ${lifecycleState ?? '-'}`, ...said].join('; ');
}
