import { knownValue, unasked } from '../../core/fact.ts';
import { effectiveConf, type FlinkConf } from '../flink-conf.ts';
import type { Observed } from '../observed.ts';
import { findTrouble } from '../pods.ts';
import { type FlinkRecord, runs } from '../record.ts';
import { standIn, type Trial, underTrial } from '../rollback.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { provesItself } from '../stability.ts';
import { chooseStop } from '../upgrade.ts';
import { isSession } from '../validate-change.ts';

/**
 * What decisions go by while a spec is being rolled back or was: the last stable one instead of its author's, as if that
 * had been put back. The resource's own spec is never changed.
 */
export function rolledBack(situation: Situation): Situation {
  const trial = trialOf(situation);
  const target = trial === undefined ? undefined : standIn(trial);
  return target === undefined ? situation : { ...situation, target };
}

function trialOf(situation: Situation): Trial<Target> | undefined {
  const { record, target, status, now, observed, resource } = situation;
  if (record === undefined || target === undefined) return undefined;
  const conf = () => confOf(situation, record);
  return {
    record,
    target,
    status,
    now,
    answer: knownValue(observed.rest),
    since: record.timestamp,
    conf,
    isUnproven: () => runs(record) && isUnproven(situation, record, conf()),
    mayLeave: (other) => mayLeave(situation, record, other),
    targetFor: (spec, asked) => ({ ...asked, spec, generation: resource.metadata.generation ?? 0 }),
  };
}

/** The job does not run well, or the JobManager of a session does not answer. */
function isUnproven({ observed, status }: Situation, { spec }: FlinkRecord, conf: FlinkConf): boolean {
  if (isUnasked(observed)) return false;
  const answer = knownValue(observed.rest);
  if (isSession(spec)) return answer === undefined;
  const state = answer?.job?.state ?? status?.jobStatus?.state;
  if (state === 'FINISHED' || state === 'CANCELED') return false;
  return answer === undefined || !provesItself(answer, conf);
}

/** Nobody has asked yet, as right after a start of the operator. A JobManager that cannot come up is not asked at all. */
function isUnasked(observed: Observed): boolean {
  const asks = findTrouble(observed)?.jobManagerRuns !== false;
  return observed.rest === unasked && observed.jobManager !== undefined && asks;
}

function mayLeave(situation: Situation, record: FlinkRecord, target: Target): boolean {
  if (!runs(record) || isSession(record.spec)) return true;
  return chooseStop(situation, record, target).kind !== 'manual';
}

function confOf({ resource, defaults }: Situation, { spec }: FlinkRecord): FlinkConf {
  return effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
}

/** Adds to what a pass wants that it is looked at again when the time of its spec is over, and says what was rolled back. */
export function withRollback(situation: Situation, intent: Intent): Intent {
  return underTrial(intent, intent.record ?? situation.record, trialOf(situation));
}
