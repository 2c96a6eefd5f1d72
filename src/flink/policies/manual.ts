import type { FlinkDeploymentStatus } from '../schema.ts';
import type { Intent } from '../situation.ts';

/**
 * Nothing is done, because every start could lose state; says so, and what the user can do. `status` may hold snapshots of the
 * job, of which the newest is named.
 */
export function manual(
  why: string,
  status?: Pick<FlinkDeploymentStatus, 'snapshots'>,
): Pick<Intent, 'because' | 'message' | 'phase' | 'probe'> {
  const message =
    `${why}; nothing is started and nothing is deleted. ${newestKnown(status)}Set spec.job.initialSavepointPath to the state ` +
    'to start from and change spec.job.savepointRedeployNonce, or set spec.job.upgradeMode to "stateless" to start without state';
  return { because: 'ManualRestoreRequired', message, phase: 'stalled', probe: 'slow' };
}

/** The latest time that a date can stand for; a status may hold any number. */
const LAST_DATE_MS = 8.64e15;

/** The newest of the snapshots in the status, as a sentence; nothing where there is none. */
function newestKnown(status: Pick<FlinkDeploymentStatus, 'snapshots'> | undefined): string {
  const [newest] = status?.snapshots ?? [];
  if (newest?.path === undefined) return '';
  const { kind = 'snapshot', path, timeStamp } = newest;
  const isTime = timeStamp !== undefined && Math.abs(timeStamp) <= LAST_DATE_MS;
  const from = isTime ? ` of ${new Date(timeStamp).toISOString()}` : '';
  return `The newest ${kind} in status.snapshots${from} is ${path}; the storage may hold later ones. `;
}
