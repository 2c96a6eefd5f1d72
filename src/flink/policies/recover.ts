import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { warning } from '../events.ts';
import { isTerminal } from '../observed.ts';
import type { Intent, Situation } from '../situation.ts';
import { firstStep, startRecord } from './start.ts';

/**
 * The JobManager Deployment of a running job is gone or going, and nobody here did it: a job without state to keep is
 * started anew; one that has state is left for its user to decide, because starting it without its state would lose it.
 */
export const recoverCluster: Policy<Situation, Intent> = (situation) => {
  const { record, target, status, observed } = situation;
  if (record?.state !== 'DEPLOYED' || record.jobState !== 'running' || target === undefined) return undefined;
  const { jobManager } = observed;
  if (jobManager !== undefined && !isBeingDeleted(jobManager)) return undefined;
  const state = status?.jobStatus?.state;
  if (state !== undefined && isTerminal(state)) return undefined;
  const mode = target.spec.job?.upgradeMode ?? 'stateless';
  if (mode !== 'stateless') return cannotRecover(mode);
  const found = jobManager === undefined ? 'is missing' : 'is being deleted';
  const events = [
    warning('Missing', `The JobManager Deployment ${found}`, 'JobManagerDeployment'),
    warning('RecoverDeployment', 'Starting the cluster anew, without state', 'JobManagerDeployment'),
  ];
  return firstStep(situation, startRecord(situation, target.spec, false), events);
};

function cannotRecover(mode: string): Intent {
  const message =
    `the JobManager Deployment is missing and spec.job.upgradeMode is "${mode}", which this version of Weir cannot recover without ` +
    'losing state; nothing is started and the state is left untouched. Set spec.job.upgradeMode to "stateless" to start without state';
  return { because: 'RecoveryNotSupported', message, phase: 'stalled', probe: 'off' };
}
