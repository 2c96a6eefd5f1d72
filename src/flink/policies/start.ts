import type { Action } from '../../core/plan.ts';
import type { Policy } from '../../core/reconciler.ts';
import type { KubeObject } from '../../kube/object.ts';
import { ownerReference, refOf } from '../../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import { desiredCluster, missingObjects } from '../desired/index.ts';
import { normal } from '../events.ts';
import { type ClusterStart, effectiveConf, type FlinkConf } from '../flink-conf.ts';
import { type FlinkRecord, newJobId, runs, startIdOf } from '../record.ts';
import {
  checkpointPath,
  describeRestore,
  fromNothing,
  fromPath,
  graphKeys,
  type HaMetadata,
  haMetadata,
  LAST_STATE_PATH,
  type Restore,
} from '../restore.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from '../schema.ts';
import { FLINK_FINALIZER, type FlinkEffect, type Intent, type Situation, type Target } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import { isForeign } from '../taken-over.ts';
import { upgradeModeOf } from '../upgrade.ts';
import { isSession } from '../validate-change.ts';
import { manual } from './manual.ts';
import { teardown } from './teardown.ts';

/** What is said from the moment the JobManager Deployment is seen until it is available. */
export const STARTING = 'the JobManager Deployment was created, waiting for the JobManager to answer';

/** Configuration key by which a user fixes the job's id. */
const JOB_ID_KEY = '$internal.pipeline.job-id';

/**
 * Decides a start when the job is to run and nothing of it runs that has state to keep: the first one, one that was being
 * prepared and whose spec changed or that another operator prepared, one after a suspension. All of it is recorded before
 * anything is touched.
 */
export const beginStart: Policy<Situation, Intent> = (situation) => {
  const { target, record } = situation;
  if (target?.desired !== 'running' || !(asksForRestart(target.diff) || isPreparedByAnother(situation)))
    return undefined;
  if (record !== undefined && runs(record)) return undefined;
  const neverDeployed = record === undefined || (record.firstDeployment && record.state === 'UPGRADING');
  const restore =
    target.diff.kind === 'redeploy' ? redeployFrom(target.spec) : restoreOf(target, record, neverDeployed);
  const change = startRecord(situation, target.spec, { jobId: record?.jobId, firstDeployment: neverDeployed, restore });
  const message = `${whatFor(target)}, the cluster is started anew ${describeRestore(restore)}: ${restore.why}`;
  return firstStep(situation, change, record === undefined ? [] : [normal('SpecChanged', message)]);
};

function whatFor({ diff: { paths } }: Target): string {
  return paths.length === 0 ? 'another operator had begun a start' : `spec changed (${paths.join(', ')})`;
}

/** Another operator recorded a start and nothing of it is there: it is decided anew, under an id that nothing ran with. */
function isPreparedByAnother({ record, status }: Situation): boolean {
  return record?.state === 'UPGRADING' && isForeign(status);
}

/** What a start begins from when nothing runs: the first from the path its user gives, later ones as recorded. */
function restoreOf({ spec }: Target, record: FlinkRecord | undefined, neverDeployed: boolean): Restore {
  if (neverDeployed) return firstRestore(spec);
  if (upgradeModeOf(spec) === 'stateless') return fromNothing('upgradeMode is stateless');
  return record?.restore ?? fromNothing('nothing was kept of the run before');
}

/** What the very first run starts from. */
export function firstRestore({ job }: FlinkDeploymentSpec): Restore {
  const path = job?.initialSavepointPath?.trim() ?? '';
  if (path === '') return fromNothing('it is the first run and spec.job.initialSavepointPath is not set');
  return fromPath(path, 'it is the first run and spec.job.initialSavepointPath names it');
}

/** What a changed savepointRedeployNonce asks for. */
export function redeployFrom({ job }: FlinkDeploymentSpec): Restore {
  const why = `spec.job.savepointRedeployNonce is ${job?.savepointRedeployNonce}`;
  return fromPath(job?.initialSavepointPath?.trim() ?? '', why);
}

/** Carries on with a start that was recorded: what is of another start goes first, then everything is created. */
export const continueStart: Policy<Situation, Intent> = (situation) => {
  const { record } = situation;
  return record?.state === 'UPGRADING' ? stepTowards(situation, record) : undefined;
};

/** What of a record says how a start is done. */
type Start = Pick<FlinkRecord, 'spec' | 'jobId' | 'timestamp' | 'firstDeployment' | 'restore'>;

/** The record of a start decided now. A job that goes on from high-availability data keeps its id, any other gets a new one. */
export function startRecord(
  situation: Situation,
  spec: FlinkDeploymentSpec,
  { jobId: before, firstDeployment, restore }: Pick<FlinkRecord, 'jobId' | 'firstDeployment' | 'restore'>,
): FlinkRecord {
  const { metadata } = situation.resource;
  const timestamp = situation.now.getTime();
  const conf = effectiveConf({ ...situation.resource, spec } as FlinkDeployment, situation.defaults);
  const fresh = conf.get(JOB_ID_KEY)?.value ?? newJobId(metadata.uid ?? '', metadata.generation ?? 0, timestamp);
  const ofJob = restore.mode === 'last-state' ? (before ?? fresh) : fresh;
  const jobId = isSession(spec) ? undefined : ofJob;
  return { state: 'UPGRADING', spec, jobState: 'suspended', firstDeployment, timestamp, jobId, restore };
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
    record: change,
    ...next,
    actions: [...(held ? [] : [finalizer]), ...(next.actions ?? [])],
    events: [...(events ?? []), ...(next.events ?? [])],
  };
}

function stepTowards(situation: Situation, start: FlinkRecord): Intent {
  // The jobs of a session are recovered from its high-availability data, if there is any.
  if (start.restore.mode === 'savepoint' && (start.restore.path ?? '') === '')
    return stateLost(situation, start, UNKNOWN_PATH);
  const step = teardown(situation, start.timestamp, isSession(start.spec) ? 'last-state' : start.restore.mode);
  if (step !== undefined) return { because: 'Upgrading', phase: 'progressing', ...step };
  return start.restore.mode === 'last-state' ? fromHaData(situation, start) : create(situation, start);
}

/**
 * Before a start from high-availability data: the job graph of the run before is taken out of it, for Flink would run that
 * instead of the new one, and there must be state in it.
 */
function fromHaData(situation: Situation, start: FlinkRecord): Intent {
  const { resource, observed } = situation;
  const ha = haMetadata(observed.haConfigMaps, resource.metadata.name, start.jobId);
  if (ha.withGraph.length > 0) return withoutGraphs(ha.withGraph);
  const restore = refined(situation, start, ha);
  if (restore === undefined) return stateLost(situation, start, haLost(start));
  if (deepEqual(restore, start.restore)) return create(situation, start);
  const found = { ...start, restore };
  return { ...create(situation, found), record: found };
}

function withoutGraphs(configMaps: readonly KubeObject[]): Intent {
  const actions = configMaps.map((object) => ({
    kind: 'patch' as const,
    object,
    patch: { data: Object.fromEntries(graphKeys(object).map((key) => [key, null])) },
    because: 'Flink would run the job graph of the run before',
  }));
  const message = 'taking the job graph of the run before out of the high-availability data';
  return { because: 'Upgrading', message, phase: 'progressing', actions, requeueAfterMs: 1000, probe: 'off' };
}

/** What is really there: the checkpoint the data points to, or, when it holds none yet, what the run before started from. */
function refined(situation: Situation, start: FlinkRecord, ha: HaMetadata): Restore | undefined {
  const { restore } = start;
  if (!ha.available) return undefined;
  const { newestCheckpoint: checkpointId } = ha;
  if (checkpointId === undefined) {
    const why = 'the run before completed no checkpoint, so its state is what it started from itself';
    if (restore.path !== undefined) return fromPath(restore.path, why);
    return restore.startedEmpty === true
      ? fromNothing('the run before started empty and completed no checkpoint')
      : undefined;
  }
  if (checkpointId === restore.checkpointId) return restore;
  const { resource, defaults } = situation;
  const conf = effectiveConf({ ...resource, spec: start.spec } as FlinkDeployment, defaults);
  const path = checkpointPath(conf, start.jobId ?? '', checkpointId);
  const { path: _path, ...kept } = restore;
  return { ...kept, checkpointId, ...(path === undefined ? {} : { path }) };
}

const UNKNOWN_PATH = 'the job is to start from a savepoint or checkpoint whose path was not recorded';

/** The data is gone or points to nothing. */
function haLost({ jobId, restore }: FlinkRecord): string {
  const last = restore.path === undefined ? '' : `; the last snapshot known was ${restore.path}`;
  return `the high-availability data of job ${jobId} is gone or holds no checkpoint${last}`;
}

/** A start would lose the state, unless its user asks for that by now. */
function stateLost(situation: Situation, start: FlinkRecord, why: string): Intent {
  const { target, record } = situation;
  if (record !== undefined && target !== undefined && upgradeModeOf(target.spec) === 'stateless') {
    const restore = fromNothing('upgradeMode is stateless');
    return firstStep(situation, startRecord(situation, target.spec, { ...start, restore }));
  }
  return { ...manual(why), because: 'RestoreFailed' };
}

function create(situation: Situation, start: FlinkRecord): Intent {
  const actions = createActions(situation, start);
  return {
    because: 'Deploying',
    message: `creating the cluster, to start ${describeRestore(start.restore)}`,
    phase: 'progressing',
    actions,
    events: [normal('Submit', 'Starting deployment', 'JobManagerDeployment')],
    probe: 'off',
    requeueAfterMs: 10_000,
  };
}

/**
 * Seen: the JobManager Deployment of the start under way. From now on the spec counts as deployed, even if its user wants
 * another by now, for its job may run and have made state.
 */
export const noteDeployed: Policy<Situation, Intent> = (situation) => {
  const { record, cluster } = situation;
  if (record?.state !== 'UPGRADING' || cluster !== 'current') return undefined;
  return {
    because: 'WaitingForJobManager',
    message: STARTING,
    phase: 'progressing',
    record: { ...record, state: 'DEPLOYED', jobState: 'running' },
    actions: missingChildren(situation),
    probe: 'fast',
  };
};

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
  const path = start.restore.mode === 'last-state' ? LAST_STATE_PATH : start.restore.path;
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
