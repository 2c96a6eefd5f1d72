import { knownValue, unasked } from '../../core/fact.ts';
import { failedBefore } from '../../core/pod-trouble.ts';
import type { Policy } from '../../core/reconciler.ts';
import { healthOf } from '../health.ts';
import { orItsSavepoint } from '../known-savepoint.ts';
import { isStarting, isTerminal, type JobFacts } from '../observed.ts';
import { describeTrouble, findLosses, findTrouble, isAvailable, isJobManager, isRunning } from '../pods.ts';
import type { FlinkRecord } from '../record.ts';
import { leftBehind, type Restore } from '../restore.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { rootCause } from '../stack-trace.ts';
import { upgradeModeOf } from '../upgrade.ts';
import { isSession } from '../validate-change.ts';
import { VANISHED, vanishesInMs } from '../vanished.ts';
import { missingChildren } from './creation.ts';
import { AGAIN, ended, endedBefore, goesInMs, type Standing } from './ended.ts';
import { manual } from './manual.ts';
import { sessionReady } from './session.ts';
import { STARTING } from './start.ts';

/** The spec is deployed and the job is to run: keep the cluster whole and say how the job stands. */
export const run: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record === undefined || target === undefined) return undefined;
  const noted = noteOf(situation, record, target);
  const actions = situation.cluster === 'current' ? missingChildren(situation) : [];
  const why = healthOf(situation)?.unhealthy;
  const stands = why === undefined ? standing(situation) : unhealthy(why, target);
  return { ...stands, probe: probeOf(stands, situation), ...noted, actions, ...lookAgain(situation, record) };
};

/** Longest time until a resource is looked at again for what is due by then. */
const MAX_WAIT_MS = 3_600_000;

function lookAgain(situation: Situation, record: FlinkRecord): Pick<Intent, 'requeueAfterMs'> {
  const times = [goesInMs(situation), vanishesInMs(situation, record)];
  const due = times.filter((ms) => ms !== undefined).filter((ms) => ms > 0);
  return due.length === 0 ? {} : { requeueAfterMs: Math.min(...due, MAX_WAIT_MS) };
}

/** It could not be started anew, or it would not be here. */
function unhealthy(why: string, { spec }: Target): Standing {
  const unsafe = `upgradeMode is ${upgradeModeOf(spec)} and there is no high-availability data to start it anew from`;
  return {
    because: 'JobUnhealthy',
    message: `${why}; it goes on as it is: ${unsafe}`,
    phase: 'stalled',
    probe: 'slow',
  };
}

/** What is recorded of a job that goes on or has ended: fields that need no restart, and where it left its state. */
function noteOf(situation: Situation, record: FlinkRecord, { diff, spec }: Target): Pick<Intent, 'record'> {
  const left = situation.cluster === 'current' ? leftBy(situation, record) : undefined;
  const { rejected: _rejected, ...accepted } = record;
  if (diff.kind !== 'ignore' && left === undefined) return {};
  return {
    record: {
      ...(diff.kind === 'ignore' ? { ...accepted, spec } : record),
      ...(left === undefined ? {} : { restore: left }),
    },
  };
}

function leftBy({ observed, resource, status }: Situation, record: FlinkRecord): Restore | undefined {
  const left = leftBehind(knownValue(observed.rest), record);
  return left === undefined ? undefined : orItsSavepoint(left, { uid: resource.metadata.uid ?? '', status, record });
}

function standing(situation: Situation): Standing {
  const { observed } = situation;
  const job = knownValue(observed.rest)?.job;
  if (job !== undefined && isTerminal(job.state)) return ended(job);
  const trouble = findTrouble(observed);
  if (trouble !== undefined) {
    return {
      because: trouble.reason,
      message: describeTrouble(trouble),
      phase: 'progressing',
      probe: trouble.jobManagerRuns ? 'fast' : 'off',
    };
  }
  if (observed.rest === unasked && saysCurrent(situation)) return untilAsked;
  return job === undefined ? withoutJob(situation) : alive(job, situation);
}

/** As closely as it stands, and closely until the job's details tell of the same moment as its state. */
function probeOf(stands: Standing, { observed }: Situation): Intent['probe'] {
  return knownValue(observed.rest)?.job?.details === 'behind' && stands.probe === 'slow' ? 'fast' : stands.probe;
}

/** Right after a start of the operator nobody has asked the JobManager yet: that must not be seen in any status. */
const untilAsked: Standing = {
  because: 'WaitingForJobManager',
  message: 'the JobManager was not asked yet',
  phase: 'progressing',
  probe: 'fast',
  keepsStatus: true,
};

function saysCurrent({ resource, status }: Situation): boolean {
  return status?.observedGeneration === resource.metadata.generation;
}

function withoutJob(situation: Situation): Standing {
  const { observed, status, record } = situation;
  const progressing = { phase: 'progressing', probe: 'fast' } as const;
  const last = status?.jobStatus?.state;
  if (last !== undefined && isTerminal(last)) return endedBefore(situation, last);
  if (observed.rest.kind === 'known') {
    if (record !== undefined && isSession(record.spec)) return sessionReady(observed.rest.value);
    if (record !== undefined && vanishesInMs(situation, record) === 0) return vanished(situation, record);
    return {
      because: 'WaitingForJob',
      message: 'the JobManager answers, its program has not submitted the job yet',
      ...progressing,
    };
  }
  return { because: 'WaitingForJobManager', message: waitingForJobManager(situation), ...progressing };
}

/** Nobody knows how it ended: where that may be with state that is not in the status, its user says what comes next. */
function vanished({ status }: Situation, { spec }: FlinkRecord): Standing {
  if (upgradeModeOf(spec) !== 'stateless') return manual(VANISHED, status);
  return { because: 'WaitingForJob', message: `${VANISHED}; ${AGAIN}`, phase: 'stalled', probe: 'slow' };
}

/** Why it does not answer is news, and worth a write, only once its Deployment claims to be available. */
function waitingForJobManager({ observed, status }: Situation): string {
  const { jobManager, rest, pods } = observed;
  if (jobManager !== undefined && isAvailable(jobManager)) {
    return `waiting for the JobManager to answer${rest.kind === 'unknown' ? ` (${rest.why})` : ''}`;
  }
  const losses = findLosses(pods.filter(isJobManager));
  const { lastStableSpec, lastReconciledSpec } = status?.reconciliationStatus ?? {};
  if (losses.length > 0) return `the JobManager is lost (${losses[0]}), waiting for the next one`;
  const ran = lastStableSpec !== undefined && lastStableSpec === lastReconciledSpec;
  const failed = pods.filter(isJobManager).map(failedBefore).find(Boolean);
  return `${ran ? JOB_MANAGER_LOST : STARTING}${failed === undefined ? '' : `; its container ended with ${failed}`}`;
}

const JOB_MANAGER_LOST = 'the JobManager that ran the job is lost, waiting for the next one';

function alive(job: JobFacts, situation: Situation): Standing {
  const progressing = { phase: 'progressing', probe: 'fast' } as const;
  const { observed } = situation;
  const [state, whole] = stateOf(job);
  if (!whole) {
    const lost = lostTaskManagers(job, situation);
    if (lost !== undefined)
      return { because: 'TaskManagersLost', message: `${lost}; ${state.message}`, ...progressing };
    return { ...state, ...progressing };
  }
  const settled = observed.pods.every((pod) => pod.metadata.deletionTimestamp === undefined);
  return { ...state, phase: 'settled', probe: settled ? 'slow' : 'fast' };
}

/** How a job stands that has not ended, and whether all of it runs. */
function stateOf({ state, tasks, exception }: JobFacts): [Pick<Standing, 'because' | 'message'>, boolean] {
  if (isStarting(state)) return [{ because: 'JobStarting', message: `the job is ${state}` }, false];
  if (state !== 'RUNNING') {
    const cause = exception === undefined ? '' : `: ${rootCause(exception.stackTrace)}`;
    return [{ because: 'JobRestarting', message: `the job is ${state}${cause}` }, false];
  }
  const { active, total } = tasks;
  if (active < total || total === 0) {
    const message = `the job is RUNNING but only ${active} of its ${total} tasks are`;
    return [{ because: 'WaitingForTasks', message }, false];
  }
  return [{ because: 'JobRunning', message: `all ${total} tasks of the job run` }, true];
}

/** Reasons after which TaskManagers that do not run are lost rather than not there yet. */
const RAN = ['JobRunning', 'JobRestarting', 'TaskManagersLost'];

/** How many TaskManagers of a job that ran are left, and what became of the others; undefined when none is lost. */
function lostTaskManagers({ state }: JobFacts, { observed, status }: Situation): string | undefined {
  const ran = status?.conditions?.some(({ type, reason }) => type === 'Ready' && RAN.includes(reason)) === true;
  if (isStarting(state) || (state === 'RUNNING' && !ran)) return undefined;
  const pods = observed.pods.filter((pod) => !isJobManager(pod));
  const running = pods.filter((pod) => isRunning(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const wanted = status?.taskManager?.replicas ?? 0;
  if (running >= wanted) return undefined;
  const losses = findLosses(pods).slice(0, MAX_LOSSES);
  return `${running} of ${wanted} TaskManagers run${losses.length === 0 ? '' : ` (${losses.join('; ')})`}`;
}

const MAX_LOSSES = 3;
