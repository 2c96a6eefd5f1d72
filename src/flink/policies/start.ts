import type { Action } from '../../core/plan.ts';
import type { Policy } from '../../core/reconciler.ts';
import type { KubeObject } from '../../kube/object.ts';
import { ownerReference, refOf } from '../../kube/object.ts';
import { desiredCluster, missingObjects } from '../desired/index.ts';
import { normal } from '../events.ts';
import { type ClusterStart, effectiveConf, type FlinkConf } from '../flink-conf.ts';
import { type FlinkRecord, newJobId, startIdOf } from '../record.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from '../schema.ts';
import { FLINK_FINALIZER, type FlinkEffect, type Intent, type Situation } from '../situation.ts';
import { teardown } from './teardown.ts';

/** What is said from the moment the JobManager Deployment is seen until it is available. */
export const STARTING = 'the JobManager Deployment was created, waiting for the JobManager to answer';

/** Configuration key by which a user fixes the job's id. */
const JOB_ID_KEY = '$internal.pipeline.job-id';

/**
 * Decides a new start when the job is to run and the spec asks for something else than what was last started: the new
 * spec, job id and time are recorded before anything of the old cluster is touched.
 */
export const beginStart: Policy<Situation, Intent> = (situation) => {
  const { target, record } = situation;
  if (target?.desired !== 'running' || target.diff.kind !== 'upgrade') return undefined;
  const neverDeployed = record === undefined || (record.firstDeployment && record.state === 'UPGRADING');
  const change = startRecord(situation, target.spec, neverDeployed);
  const events =
    record === undefined
      ? []
      : [
          normal(
            'SpecChanged',
            `spec changed (${target.diff.paths.join(', ')}), the cluster is started anew without state`,
          ),
        ];
  return firstStep(situation, change, events);
};

/** Carries on with a start that was recorded: what is of another start goes first, then everything is created. */
export const continueStart: Policy<Situation, Intent> = (situation) => {
  const { record, cluster } = situation;
  if (record?.state !== 'UPGRADING') return undefined;
  if (cluster === 'current') return deployed(situation);
  return stepTowards(situation, record);
};

/** What of a record says how a start is done. Only the very first start of a job begins from spec.job.initialSavepointPath. */
type Start = Pick<FlinkRecord, 'spec' | 'jobId' | 'timestamp' | 'firstDeployment'>;

/** The record of a start decided now. */
export function startRecord(situation: Situation, spec: FlinkDeploymentSpec, firstDeployment: boolean): FlinkRecord {
  const { metadata } = situation.resource;
  const timestamp = situation.now.getTime();
  const conf = effectiveConf({ ...situation.resource, spec } as FlinkDeployment, situation.defaults);
  const jobId = conf.get(JOB_ID_KEY)?.value ?? newJobId(metadata.uid ?? '', metadata.generation ?? 0, timestamp);
  return { state: 'UPGRADING', spec, jobState: 'suspended', firstDeployment, timestamp, jobId };
}

/** The pass in which a start is decided: recorded, and begun at once if nothing stands in the way. */
export function firstStep(situation: Situation, change: FlinkRecord, events: Intent['events'] = []): Intent {
  const next = stepTowards(situation, change);
  const finalizer: Action<FlinkEffect> = {
    kind: 'finalizer',
    op: 'add',
    finalizer: FLINK_FINALIZER,
    because: 'first start',
  };
  const held = situation.resource.metadata.finalizers?.includes(FLINK_FINALIZER) === true;
  return {
    ...next,
    record: change,
    actions: [...(held ? [] : [finalizer]), ...(next.actions ?? [])],
    events: [...(events ?? []), ...(next.events ?? [])],
  };
}

function stepTowards(situation: Situation, start: Start): Intent {
  const step = teardown(situation, start.timestamp);
  if (step !== undefined) return { because: 'Upgrading', phase: 'progressing', ...step };
  const actions = createActions(situation, start);
  return {
    because: 'Deploying',
    message: 'creating the cluster',
    phase: 'progressing',
    actions,
    events: [normal('Submit', 'Starting deployment', 'JobManagerDeployment')],
    probe: 'off',
    requeueAfterMs: 10_000,
  };
}

/** Seen: the JobManager Deployment of this start. From now on the spec counts as deployed. */
function deployed(situation: Situation): Intent | undefined {
  const { record, target } = situation;
  if (record === undefined || target === undefined) return undefined;
  const { spec, firstDeployment, timestamp, jobId } = record;
  return {
    because: 'WaitingForJobManager',
    message: STARTING,
    phase: 'progressing',
    record: { state: 'DEPLOYED', spec, jobState: 'running', firstDeployment, timestamp, jobId },
    actions: missingChildren(situation),
    probe: 'fast',
  };
}

/** Applies everything a cluster needs: the JobManager Deployment first, since most of the rest is owned by it. */
function createActions(situation: Situation, start: Start): Action<FlinkEffect>[] {
  const { jobManager, taskManager, owned, ingress } = desiredCluster(...plannedStart(situation, start));
  const owner = refOf(jobManager);
  const because = 'start of the cluster';
  const free = [jobManager, taskManager, ingress].filter((object) => object !== undefined);
  const [first, ...others] = free.map((object) => ownedByResource(object, situation.resource));
  return [
    ...(first === undefined ? [] : [{ kind: 'apply', object: first, because } as const]),
    ...owned.map((object) => ({ kind: 'apply', object, owner, because }) as const),
    ...others.map((object) => ({ kind: 'apply', object, because }) as const),
  ];
}

/**
 * Applies what should be there for the recorded start and is not. What is there is left as it is, whoever made it: an
 * operator that builds its objects differently must not restart a running job.
 */
export function missingChildren(situation: Situation): Action<FlinkEffect>[] {
  const { record, observed, resource } = situation;
  const { jobManager: live } = observed;
  if (record === undefined || live === undefined) return [];
  const there = [...observed.children, ...(observed.taskManager === undefined ? [] : [observed.taskManager])];
  const { taskManager, owned, ingress } = missingObjects(
    ...plannedStart(situation, record),
    new Set(there.map(nameOf)),
  );
  const because = 'it is missing';
  return [
    ...owned.map((object) => ({ kind: 'apply', object: withOwner(object, live), because }) as const),
    ...[taskManager, ingress]
      .filter((object) => object !== undefined)
      .map((object) => ({ kind: 'apply', object: ownedByResource(object, resource), because }) as const),
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
  const path = start.firstDeployment ? start.spec.job?.initialSavepointPath : undefined;
  const deployment = { ...resource, spec: start.spec } as FlinkDeployment;
  const identity: ClusterStart = {
    startId: startIdOf(resource.metadata.uid ?? '', start),
    jobId: start.jobId ?? '',
    generation: resource.metadata.generation ?? 0,
    haResultStoreId: startIdOf(resource.metadata.uid ?? '', start),
    ...(path === undefined || path === '' ? {} : { restorePath: path }),
  };
  return [deployment, effectiveConf(deployment, defaults, identity), identity];
}
