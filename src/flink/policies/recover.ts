import { knownValue } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted, type KubeObject } from '../../kube/object.ts';
import { warning } from '../events.ts';
import { effectiveConf, isHighlyAvailable } from '../flink-conf.ts';
import { isTerminal } from '../observed.ts';
import { jobOptions } from '../options.ts';
import { type FlinkRecord, runs } from '../record.ts';
import { describeRestore, fromNothing, haMetadata, type Restore } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { chooseStop, lastState, upgradeModeOf } from '../upgrade.ts';
import { isSession } from '../validate-change.ts';
import { manual } from './manual.ts';
import { firstStep, startRecord } from './start.ts';

/**
 * The JobManager Deployment of a running job is gone or going, and nobody here did it: the cluster is started anew from
 * Flink's high-availability data, or empty if its user declared that there is no state to keep. Else a human must decide.
 */
export const recoverCluster: Policy<Situation, Intent> = (situation) => {
  const { record, target, status, observed } = situation;
  if (record === undefined || !runs(record) || target === undefined) return undefined;
  const state = status?.jobStatus?.state;
  const found = lossOf(observed.jobManager);
  if (found === undefined || (state !== undefined && isTerminal(state))) return undefined;
  if (!optionsOf(situation, target).jmDeploymentRecoveryEnabled) return switchedOff(found);
  const restore = recoverable(situation, record, target, 'its JobManager Deployment was lost');
  if (restore === undefined) {
    const mode = upgradeModeOf(target.spec);
    const why = `the JobManager Deployment ${found}, upgradeMode is ${mode} and there is no high-availability data`;
    return manual(why, status);
  }
  const what = isSession(record.spec) ? 'session anew' : `cluster anew ${describeRestore(restore)}`;
  const events = [
    warning('Missing', `The JobManager Deployment ${found}`, 'JobManagerDeployment'),
    warning('RecoverDeployment', `Starting the ${what}`, 'JobManagerDeployment'),
  ];
  return firstStep(
    situation,
    startRecord(situation, record.spec, { ...record, firstDeployment: false, restore }),
    events,
  );
};

function lossOf(jobManager: KubeObject | undefined): string | undefined {
  if (jobManager === undefined) return 'is missing';
  return isBeingDeleted(jobManager) ? 'is being deleted' : undefined;
}

/**
 * What a cluster that something happened to is started anew from (`why` says what, as a clause): undefined where its state
 * could be lost.
 */
export function recoverable(
  situation: Situation,
  record: FlinkRecord,
  target: Target,
  why: string,
): Restore | undefined {
  const { resource, observed, defaults } = situation;
  const conf = effectiveConf({ ...resource, spec: record.spec } as FlinkDeployment, defaults);
  const ha = haMetadata(observed.haConfigMaps, resource.metadata.name, record.jobId);
  if (isHighlyAvailable(conf) && ha.available) return lastState(situation, record, why);
  return upgradeModeOf(target.spec) === 'stateless' ? fromNothing(`${why} and upgradeMode is stateless`) : undefined;
}

function switchedOff(found: string): Intent {
  const message = `the JobManager Deployment ${found}, and kubernetes.operator.jm-deployment-recovery.enabled is off`;
  return { because: 'Missing', message, phase: 'stalled', probe: 'off' };
}

/** Time between two restarts of a job that fails, so that a job which always does cannot keep a cluster busy. */
const RESTART_MS = 10_000;

/** A job that ended as FAILED is started again, from the state it left, where its user asked for that. */
export const restartFailed: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed, now } = situation;
  if (record === undefined || !runs(record) || target === undefined) return undefined;
  if (knownValue(observed.rest)?.job?.state !== 'FAILED') return undefined;
  if (!optionsOf(situation, target).jobRestartFailed || now.getTime() - record.timestamp < RESTART_MS) return undefined;
  const choice = chooseStop(situation, record, { ...target, mode: upgradeModeOf(target.spec) });
  if (choice.kind !== 'proceed') return undefined;
  const events = [
    warning('RecoverDeployment', `The job has failed, starting it again ${describeRestore(choice.restore)}`, 'Job'),
  ];
  const change = startRecord(situation, record.spec, { ...record, firstDeployment: false, restore: choice.restore });
  return firstStep(situation, change, events);
};

function optionsOf({ resource, defaults }: Situation, { spec }: Target) {
  return jobOptions(effectiveConf({ ...resource, spec } as FlinkDeployment, defaults));
}
