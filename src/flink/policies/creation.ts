import type { Action } from '../../core/plan.ts';
import { type KubeObject, ownerReference, refOf } from '../../kube/object.ts';
import { type DesiredCluster, desiredCluster, isWhole, missingObjects } from '../desired/index.ts';
import { type ClusterStart, effectiveConf, type FlinkConf } from '../flink-conf.ts';
import { type FlinkRecord, startIdOf } from '../record.ts';
import { LAST_STATE_PATH } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { FlinkEffect, Situation } from '../situation.ts';
import { withOnceArgs } from '../stateless-once.ts';

/** What of a record says how a start is done. */
type Start = Pick<FlinkRecord, 'spec' | 'jobId' | 'timestamp' | 'firstDeployment' | 'restore' | 'once' | 'rejected'>;

/**
 * Makes everything a cluster needs: the JobManager Deployment first, since most of the rest is owned by it. Deployments are
 * what must not be there twice, so they are created; the rest is applied, so that what an earlier cluster left and the
 * garbage collector did not come to yet is never read by the new one as it was.
 */
export function createActions(situation: Situation, start: Start): Action<FlinkEffect>[] {
  const { jobManager, ...others } = desiredCluster(...plannedStart(situation, start));
  const because = 'start of the cluster';
  const owned = others.owned.map((object) => ({ kind: 'apply', object, owner: refOf(jobManager), because }) as const);
  return [
    { kind: 'create', object: ownedByResource(jobManager, situation.resource), because },
    ...owned,
    ...partsOf(situation.resource, others, because),
  ];
}

/**
 * Makes what should be there for the recorded start and is not. What is there is left as it is, whoever made it: an
 * operator that builds its objects differently must not restart a running job.
 */
export function missingChildren(situation: Situation): Action<FlinkEffect>[] {
  const { record, observed, resource, defaults } = situation;
  const { jobManager: live } = observed;
  if (record === undefined || live === undefined) return [];
  const children = [...observed.children, ...(observed.taskManager === undefined ? [] : [observed.taskManager])];
  const there = new Set(children.map(nameOf));
  const deployment = { ...resource, spec: record.spec } as FlinkDeployment;
  if (isWhole(deployment, effectiveConf(deployment, defaults), there)) return [];
  const missing = missingObjects(...plannedStart(situation, record), there);
  const because = 'it is missing';
  return [
    ...missing.owned.map((object) => ({ kind: 'apply', object: withOwner(object, live), because }) as const),
    ...partsOf(resource, missing, because),
  ];
}

/** What of a cluster is owned by the resource itself, beside the JobManager. */
function partsOf(
  resource: KubeObject,
  { taskManager, ingress }: Pick<DesiredCluster, 'taskManager' | 'ingress'>,
  because: string,
): Action<FlinkEffect>[] {
  return [
    ...(taskManager === undefined
      ? []
      : [{ kind: 'create', object: ownedByResource(taskManager, resource), because } as const]),
    ...(ingress === undefined ? [] : [{ kind: 'apply', object: ownedByResource(ingress, resource), because } as const]),
  ];
}

function nameOf(object: KubeObject): string {
  return `${object.kind}/${object.metadata.name}`;
}

function withOwner(object: KubeObject, owner: KubeObject): KubeObject {
  const reference = ownerReference(owner, { controller: true });
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}

/** Owned by the FlinkDeployment, not as controller, as the incumbent has it (controller only for the Ingress). */
function ownedByResource(object: KubeObject, resource: KubeObject): KubeObject {
  const reference = ownerReference(resource, { controller: object.kind === 'Ingress' });
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}

function plannedStart(situation: Situation, start: Start): readonly [FlinkDeployment, FlinkConf, ClusterStart] {
  const { resource, defaults } = situation;
  const path = start.restore.mode === 'last-state' ? LAST_STATE_PATH : start.restore.path;
  const deployment = { ...resource, spec: withOnceArgs(start.spec, start) } as FlinkDeployment;
  const startId = startIdOf(resource.metadata.uid ?? '', start);
  const identity: ClusterStart = {
    startId,
    jobId: start.jobId ?? '',
    generation: resource.metadata.generation ?? 0,
    haResultStoreId: startId,
    ...(path === undefined || path === '' ? {} : { restorePath: path }),
    ...(start.rejected === undefined ? {} : { dropsNothing: true }),
  };
  return [deployment, effectiveConf(deployment, defaults, identity), identity];
}
