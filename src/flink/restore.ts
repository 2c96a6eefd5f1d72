import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { withoutTrailingSlashes } from '../lib/text.ts';
import { type FlinkConf, optionOf } from './conf/entry.ts';
import { CHECKPOINT_DIRECTORY } from './configuration.ts';
import { isTerminal, type JobManagerAnswer } from './observed.ts';
import type { RestoreFailure } from './restore-failure.ts';
import type { UpgradeMode } from './schema.ts';
import type { CheckpointFacts, SnapshotFacts } from './snapshot-facts.ts';

/**
 * What Flink is told to start from when the state is in its high-availability data (Flink Kubernetes Operator 1.15): no
 * such path exists, so that a start which does not find that data fails instead of starting empty.
 */
export const LAST_STATE_PATH = 'KUBERNETES_OPERATOR_LAST_STATE';

/** What a run starts from: nothing, a savepoint or retained checkpoint by its path, or Flink's high-availability data. */
export interface Restore {
  readonly mode: UpgradeMode;
  /** For `savepoint` where the state is; for `last-state` where the checkpoint is that the data points to, if known. */
  readonly path?: string;
  /**
   * For `last-state` the number of the checkpoint at `path`; for `savepoint`, where the newest checkpoint is looked for from
   * `path` on, that of the last one known.
   */
  readonly checkpointId?: number;
  /**
   * For `last-state`: the run before started empty, so data without any checkpoint means that there is no state yet, not
   * that it was lost.
   */
  readonly startedEmpty?: boolean;
  /** The job that left this state when it ended or was stopped; absent where only its start was recorded. */
  readonly leftBy?: string;
  /**
   * When the savepoint at `path` was asked for, which stopped the job, in milliseconds since the epoch; until it is kept
   * among the job's snapshots.
   */
  readonly askedAt?: number;
  /** Flink said that no job can be started from this; nothing is tried again until the user acts. */
  readonly failure?: RestoreFailure;
  /** Why this and nothing else, as a sentence for status and events. */
  readonly why: string;
}

/** A start without state. */
export function fromNothing(why: string): Restore {
  return { mode: 'stateless', why };
}

/** A start from a savepoint or a retained checkpoint. */
export function fromPath(path: string, why: string): Restore {
  return { mode: 'savepoint', path, why };
}

/**
 * What the next run of a job starts from that has done all its work and whose state Flink deleted with that: nothing is left,
 * and a run from the beginning is one that its user has to ask for.
 */
export function spentBy(jobId: string, why: string): Restore {
  return { mode: 'savepoint', leftBy: jobId, why };
}

/** Whether the last run left nothing to go on from. */
export function isSpent({ mode, path, leftBy }: Restore): boolean {
  return mode === 'savepoint' && path === undefined && leftBy !== undefined;
}

/** What a run starts from, in words. */
export function describeRestore(restore: Restore): string {
  const { mode, path } = restore;
  if (isSpent(restore)) return 'from the beginning, once a new number in spec.restartNonce asks for that';
  if (mode === 'stateless') return 'without state';
  if (mode === 'savepoint') return path === undefined ? 'from nothing that is known' : `from ${path}`;
  return `from the newest checkpoint in the high-availability data${path === undefined ? '' : ` (${path})`}`;
}

/** Flink's high-availability data of one job, as far as the names of its entries tell. */
export interface HaMetadata {
  /** The job's ConfigMap is there and stays. */
  readonly available: boolean;
  /** Number of the newest completed checkpoint it points to. */
  readonly newestCheckpoint: number | undefined;
  /** ConfigMaps that still hold the job graph of an earlier run, which a JobManager would run instead of the new one. */
  readonly withGraph: readonly KubeObject[];
}

/**
 * Whether a ConfigMap is high-availability data of the cluster its label `app` names. Told by the name, since Flink 2.3 no
 * longer puts `configmap-type: high-availability` on it, which 1.20 does (both seen on a cluster).
 */
export function isHaConfigMap({ metadata }: KubeObject): boolean {
  const cluster = metadata.labels?.app;
  if (cluster === undefined || !metadata.name.startsWith(`${cluster}-`)) return false;
  return HA_NAME.test(metadata.name.slice(cluster.length + 1));
}

const HA_NAME = /^(cluster|[0-9a-f]{32})-config-map$/;

/** The job whose high-availability data a ConfigMap is; undefined for the one of the whole cluster. */
export function jobOfHaConfigMap({ metadata }: KubeObject): string | undefined {
  return /-([0-9a-f]{32})-config-map$/.exec(metadata.name)?.[1];
}

const CHECKPOINT_KEY = /^checkpointID-(\d+)$/;
const GRAPH_KEY = /^(jobGraph|executionPlan)-/;

/** Whether an entry of a high-availability ConfigMap is one that decisions read (KubernetesUtils of Flink 1.15 to 2.3). */
export function isHaKey(key: string): boolean {
  return CHECKPOINT_KEY.test(key) || GRAPH_KEY.test(key);
}

/** Reads the high-availability ConfigMaps of a cluster for one of its jobs (`<cluster>-<job id>-config-map`). */
export function haMetadata(configMaps: readonly KubeObject[], cluster: string, jobId: string | undefined): HaMetadata {
  const own = configMaps.find(({ metadata }) => metadata.name === `${cluster}-${jobId ?? ''}-config-map`);
  const available = own !== undefined && own.metadata.deletionTimestamp === undefined;
  const ids = dataKeys(own).flatMap((key) => Number(CHECKPOINT_KEY.exec(key)?.[1] ?? Number.NaN));
  const known = ids.filter(Number.isSafeInteger);
  return {
    available,
    newestCheckpoint: available && known.length > 0 ? Math.max(...known) : undefined,
    withGraph: configMaps.filter((configMap) => graphKeys(configMap).length > 0),
  };
}

/** The entries of a high-availability ConfigMap that hold a job graph. */
export function graphKeys(configMap: KubeObject): readonly string[] {
  return dataKeys(configMap).filter((key) => GRAPH_KEY.test(key));
}

function dataKeys(configMap: KubeObject | undefined): readonly string[] {
  return isRecord(configMap?.data) ? Object.keys(configMap.data) : [];
}

/** The newest state a run that has ended left behind. */
export type LeftState =
  | { readonly kind: 'path'; readonly path: string; readonly why: string }
  | { readonly kind: 'none'; readonly why: string }
  /** The job has done all its work, and Flink deleted its state with that: there is nothing to go on from, nor to wait for. */
  | { readonly kind: 'spent'; readonly why: string }
  /** It will be known soon. */
  | { readonly kind: 'pending'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Which state a finished, failed or cancelled run left: its newest completed savepoint or retained checkpoint, else what
 * its JobManager restored, else what it started from. Checkpoints of a job that FINISHED are gone with it
 * (RETAIN_ON_CANCELLATION keeps them of cancelled and failed jobs).
 */
export function leftState(answer: JobManagerAnswer, started: Restore): LeftState {
  const { job, checkpoints } = answer;
  // Flink serves snapshots from the same kind of cache as the job's details: they may be of before its end as long as those are.
  if (job === undefined || checkpoints === undefined || job.details !== undefined) {
    return { kind: 'pending', why: 'the job has ended, waiting for the JobManager to tell of its last snapshots' };
  }
  const completed = [checkpoints.checkpoint, checkpoints.savepoint].filter((snapshot) => snapshot !== undefined);
  const newest = completed
    .filter(({ kind, discarded }) => kind === 'savepoint' || (job.state !== 'FINISHED' && !discarded))
    .reduce<SnapshotFacts | undefined>((a, b) => (a !== undefined && a.id > b.id ? a : b), undefined);
  if (newest?.path !== undefined) return { kind: 'path', path: newest.path, why: describeSnapshot(newest) };
  if (job.state === 'FINISHED' && isDeletedWith(job.id, checkpoints)) {
    const why = `job ${job.id} has FINISHED, with which Flink deleted its checkpoints, and no savepoint of it is known`;
    return { kind: 'spent', why };
  }
  if (completed.length > 0) {
    return { kind: 'unknown', why: `job ${job.id} is ${job.state} and none of its snapshots can be read any more` };
  }
  const { restored } = checkpoints;
  if (restored?.path !== undefined) {
    const why = `job ${job.id} completed no snapshot since it was restored from ${restored.kind} ${restored.id}`;
    return { kind: 'path', path: restored.path, why };
  }
  return startedFrom(job.id, started);
}

/** Whether the end of a job took all the state it had by its JobManager: its own checkpoints, one that it went on from too. */
function isDeletedWith(jobId: string, { checkpoint, savepoint, restored }: CheckpointFacts): boolean {
  return savepoint === undefined && (checkpoint !== undefined || isCheckpointOf(jobId, restored?.path));
}

/** Whether a path is one of a checkpoint of this job, which Flink (1.15 to 2.3) writes into a folder of its own. */
export function isCheckpointOf(jobId: string, path: string | undefined): boolean {
  return OWN_CHECKPOINT.exec(path ?? '')?.[1] === jobId;
}

const OWN_CHECKPOINT = /\/([0-9a-f]{32})\/chk-\d+\/?$/;

/**
 * What a run that has ended left, to be recorded as long as its JobManager can tell: undefined before its end, once it is
 * recorded, and where it is not known.
 */
export function leftBehind(
  answer: JobManagerAnswer | undefined,
  { restore, jobId }: { readonly restore: Restore; readonly jobId: string | undefined },
): Restore | undefined {
  const job = answer?.job;
  if (answer === undefined || job === undefined || !isTerminal(job.state)) return undefined;
  const recorded = restore.leftBy === jobId;
  if (recorded && !isSpent(restore)) return undefined;
  const found = restoreLeft(leftState(answer, restore), job.id);
  return recorded && found !== undefined && isSpent(found) ? undefined : found;
}

/** What the next run starts from by what a job left; undefined where that is not known, or not yet. */
export function restoreLeft(left: LeftState, jobId: string): Restore | undefined {
  switch (left.kind) {
    case 'path':
      return { ...fromPath(left.path, left.why), leftBy: jobId };
    case 'none':
      return { ...fromNothing(left.why), leftBy: jobId };
    case 'spent':
      return spentBy(jobId, left.why);
    default:
      return undefined;
  }
}

function describeSnapshot({ id, kind, completedAt }: SnapshotFacts): string {
  const what = kind === 'savepoint' ? 'savepoint' : 'retained checkpoint';
  return `${what} ${id}, completed ${new Date(completedAt).toISOString()}, is the newest state of the last run`;
}

function startedFrom(jobId: string, started: Restore): LeftState {
  if (started.path !== undefined) {
    const why = `job ${jobId} completed no snapshot, so its state is what it started from`;
    return { kind: 'path', path: started.path, why };
  }
  if (started.mode === 'stateless')
    return { kind: 'none', why: `job ${jobId} started empty and completed no snapshot` };
  return { kind: 'unknown', why: `job ${jobId} completed no snapshot and what it started from is not known` };
}

/**
 * Where Flink (1.15 to 2.3) wrote a checkpoint of a job, by the options it ran with; undefined when they name no folder.
 */
export function checkpointPath(conf: FlinkConf, jobId: string, checkpointId: number): string | undefined {
  const folder = withoutTrailingSlashes(optionOf(conf, ...CHECKPOINT_DIRECTORY) ?? '');
  if (folder === '') return undefined;
  const own = SUBFOLDERS.some((key) => optionOf(conf, key)?.toLowerCase() === 'false') ? '' : `/${jobId}`;
  return `${folder}${own}/chk-${checkpointId}`;
}

/** Spellings of the option that gives each job a folder of its own. */
const SUBFOLDERS = ['execution.checkpointing.create-subdir', 'state.checkpoints.create-subdir'] as const;
