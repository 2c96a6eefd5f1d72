import { knownValue } from '../../../core/fact.ts';
import type { FlinkConf } from '../../flink-conf.ts';
import type { JobFacts, JobManagerAnswer } from '../../observed.ts';
import { recordedFailure, runs } from '../../record.ts';
import { standIn, type Trial, trialEndsInMs, underTrial } from '../../rollback.ts';
import { provesItself } from '../../stability.ts';
import { jobConf } from '../job-conf.ts';
import type { SessionJobRecord } from '../record.ts';
import { type Intent, recordedConf, type Situation, type Target } from '../situation.ts';
import { bringToEnd } from './ending.ts';
import { wasRefused } from './start.ts';
import { endingOf } from './stop.ts';

/** What decisions go by while a spec is being rolled back or was, as with a FlinkDeployment. */
export function rolledBack(situation: Situation): Situation {
  const trial = trialOf(situation);
  const target = trial === undefined ? undefined : standIn(trial);
  return target === undefined ? situation : { ...situation, target };
}

function trialOf(situation: Situation): Trial<Target> | undefined {
  const { record, target, status, now, observed, resource, defaults } = situation;
  if (record === undefined || target === undefined) return undefined;
  const answer = knownValue(observed.rest);
  const conf = () => recordedConf(situation, record);
  return {
    record,
    target,
    status,
    now,
    answer,
    since: sinceMs(situation, record, answer?.job),
    conf,
    isUnproven: () => isUnproven(situation, record, answer, conf),
    mayLeave: (other) => mayLeave(situation, record, other),
    targetFor: (spec, asked) => ({
      ...asked,
      spec,
      conf: jobConf(resource.metadata.name, spec, observed.session, defaults),
    }),
  };
}

/** Since when the job had its time: what its session takes to be ready, or to come back, is not the job's. */
function sinceMs({ now }: Situation, { timestamp }: SessionJobRecord, job: JobFacts | undefined): number {
  return Math.max(timestamp, Math.min(job?.startTime ?? 0, now.getTime()));
}

/** The job does not run well, or its submission is refused; what its session does not tell is not held against it. */
function isUnproven(
  situation: Situation,
  record: SessionJobRecord,
  answer: JobManagerAnswer | undefined,
  conf: () => FlinkConf,
): boolean {
  if (answer === undefined || situation.session.kind !== 'ready') return false;
  const { job } = answer;
  if (!runs(record)) return job === undefined && record.state === 'UPGRADING' && wasRefused(situation);
  if (job === undefined || job.state === 'FINISHED' || job.state === 'CANCELED') return false;
  return !provesItself(answer, conf());
}

/** A run whose newest state nobody knows is not left for another. */
function mayLeave(situation: Situation, record: SessionJobRecord, target: Target): boolean {
  if (!runs(record) || recordedFailure(record) !== undefined) return true;
  const end = bringToEnd(situation, record, endingOf(situation, target));
  return !('intent' in end) || end.intent.because !== 'ManualRestoreRequired';
}

/** How often a submission whose time is over is looked at, until the session says that its job is not there. */
const RETRY_MS = 10_000;

/** When the time of a spec whose submission fails is over, in milliseconds from now; undefined where that changes nothing. */
export function submissionEndsInMs(situation: Situation): number | undefined {
  const trial = trialOf(situation);
  if (trial?.record.state !== 'UPGRADING') return undefined;
  const endsMs = trialEndsInMs({ ...trial, isUnproven: () => true });
  return endsMs === undefined ? undefined : Math.max(endsMs, RETRY_MS);
}

/** Adds to what a pass wants that it is looked at again when the time of its spec is over, and says what was rolled back. */
export function withRollback(situation: Situation, intent: Intent): Intent {
  return underTrial(intent, intent.record ?? situation.record, trialOf(situation));
}
