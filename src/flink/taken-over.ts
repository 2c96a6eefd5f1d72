import { isTerminal } from './observed.ts';
import { isCheckpointOf, LAST_STATE_PATH, type Restore, spentBy } from './restore.ts';
import type {
  FlinkDeploymentSpec,
  FlinkDeploymentStatus,
  FlinkJobSpec,
  FlinkJobStatus,
  UpgradeMode,
} from './schema.ts';

/*
 * What the Flink Kubernetes Operator (1.10 to 1.15) leaves in a status and means otherwise than Weir does:
 *
 *   state      recorded job   job         meaning there                                      read as
 *   DEPLOYED   running        any         deployed; job.upgradeMode says how                 the same
 *   DEPLOYED   suspended      CANCELED    cancelled by somebody, about to be started again   suspended, from the path
 *   DEPLOYED   suspended      other       suspended by its user                              the same
 *   UPGRADING  running        CANCELLING  being cancelled, to be started again               deployed, being stopped
 *   UPGRADING  suspended      other       about to be started                                the same, decided anew
 *
 * Its job.upgradeMode of the recorded spec is always the mode of the latest start or stop, never the declared one.
 * upgradeSavepointPath may be of an earlier start: a start without state leaves it as it was.
 */

const WHY = 'recorded by another operator';

/** Whether a status that holds a record was last written by another operator, which keeps none of Weir's own fields. */
export function isForeign(status: FlinkDeploymentStatus | undefined): boolean {
  return status?.restore === undefined;
}

/** Whether another operator has asked Flink to cancel the job and waits until it is, to go on from its checkpoint. */
export function isBeingCancelled(status: FlinkDeploymentStatus | undefined, { job }: FlinkDeploymentSpec): boolean {
  return isForeign(status) && status?.reconciliationStatus?.state === 'UPGRADING' && job?.state === 'running';
}

/** What of a record tells it. */
interface Recorded {
  readonly spec: FlinkDeploymentSpec;
  readonly firstDeployment: boolean;
}

/** What a run started from, or the next one does, by what another operator recorded of it. */
export function foreignRestore(
  { jobStatus = {} }: FlinkDeploymentStatus,
  { spec: { job }, firstDeployment }: Recorded,
): Restore {
  const suspended = job?.state === 'suspended';
  const mode = startedEmpty(jobStatus, job, firstDeployment) ? 'stateless' : (job?.upgradeMode ?? 'stateless');
  const over = hasEnded(jobStatus);
  const leftBy = over && jobStatus.jobId !== undefined ? { leftBy: jobStatus.jobId } : {};
  const path = knownPath(jobStatus, over || suspended);
  const holds = suspended ? suspendedFromPath(jobStatus, mode) : over || mode !== 'stateless';
  if (path !== undefined && holds)
    return spentWith(jobStatus, path) ?? { mode: 'savepoint', path, why: WHY, ...leftBy };
  return { mode, why: WHY, ...(mode === 'stateless' ? leftBy : {}) };
}

/** The path that is noted of a job that FINISHED may be of a checkpoint of its own: Flink deleted that with its end. */
function spentWith({ state, jobId, savepointInfo }: FlinkJobStatus, path: string): Restore | undefined {
  if (state !== 'FINISHED' || jobId === undefined || savepointInfo?.lastSavepoint !== undefined) return undefined;
  const why = `job ${jobId} has FINISHED, with which Flink deleted its checkpoints (the newest was ${path})`;
  return isCheckpointOf(jobId, path) ? spentBy(jobId, why) : undefined;
}

function hasEnded({ state }: FlinkJobStatus): boolean {
  return state !== undefined && isTerminal(state);
}

/** A first run from a savepoint has its path noted; without one it began empty, whatever mode is recorded by now. */
function startedEmpty(
  { upgradeSavepointPath }: FlinkJobStatus,
  job: FlinkJobSpec | undefined,
  first: boolean,
): boolean {
  return first && job?.state !== 'suspended' && (upgradeSavepointPath ?? job?.initialSavepointPath) === undefined;
}

/** The path is noted anew of a job that is seen CANCELED, whatever it started from; else only by a savepoint. */
function suspendedFromPath({ state }: FlinkJobStatus, mode: UpgradeMode): boolean {
  return mode === 'savepoint' || state === 'CANCELED';
}

/** Only of what came to its end the newest savepoint of all is where it left its state, and only where no path is noted. */
function knownPath({ upgradeSavepointPath: path, savepointInfo }: FlinkJobStatus, over: boolean): string | undefined {
  if (path === LAST_STATE_PATH) return undefined;
  return path ?? (over ? savepointInfo?.lastSavepoint?.location : undefined);
}
