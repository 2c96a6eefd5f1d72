import type { Policy } from '../../core/reconciler.ts';
import { warning } from '../events.ts';
import type { SparkRecord } from '../record.ts';
import type { ApplicationState } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { conclude, type Ended, outcomeOf } from './conclude.ts';
import { rest } from './rest.ts';
import { clearAway, deletion, RUNS, stopped } from './stop.ts';
import { NO_ATTEMPTS, submit } from './submit.ts';

const ENDED: ReadonlySet<ApplicationState> = new Set(['COMPLETED', 'FAILED']);

/** A run that was over before it could be stopped: its result counts, and it is not run again when resumed. */
function endedBefore(situation: Situation): Ended | undefined {
  const { driver, record } = situation;
  const outcome = driver === undefined ? undefined : outcomeOf(situation, driver);
  if (outcome?.kind === 'succeeded' && (RUNS.has(record.state) || record.state === 'SUSPENDING')) return outcome;
  return outcome?.kind === 'failed' && RUNS.has(record.state) ? outcome : undefined;
}

/**
 * spec.suspend: what runs is stopped, and nothing is submitted. An application that has ended stays as it is: Kueue, which
 * takes back its placement in the edit that suspends, would have it run again for an edit that came too late to stop it.
 */
export const suspend: Policy<Situation, Intent> = (situation) => {
  const { application, record, changed } = situation;
  if (application?.spec.suspend !== true) return undefined;
  if (ENDED.has(record.state) && (!changed || record.submission !== undefined)) return rest(situation);
  const over = endedBefore(situation);
  if (over !== undefined) return conclude(situation, over);
  const step = clearAway(situation, 'Suspending');
  if (step !== undefined)
    return { ...step, record: { ...stopped(step.record ?? record), state: 'SUSPENDING', message: undefined } };
  const suspended: SparkRecord = { ...stopped(record), state: 'SUSPENDED', message: undefined, podName: undefined };
  return {
    because: 'Suspended',
    message: 'spec.suspend is true',
    phase: 'settled',
    ...(record.state === 'SUSPENDED' ? {} : { record: { ...suspended, terminatedAt: undefined } }),
    actions: situation.observed.supports.flatMap((object) => deletion(object, 'the application is suspended')),
  };
};

/** spec.suspend taken back: submitted again, from the first attempt if its spec has changed meanwhile. */
export const resume: Policy<Situation, Intent> = (situation) => {
  const { record, resource, changed } = situation;
  if (record.state !== 'SUSPENDED' && record.state !== 'SUSPENDING') return undefined;
  const over = endedBefore(situation);
  if (over !== undefined) return conclude(situation, over);
  const step = clearAway(situation, 'Suspending');
  if (step !== undefined) return step;
  const intent = submit(situation, changed ? NO_ATTEMPTS : record);
  if (intent.record === undefined) return intent;
  const { name } = resource.metadata;
  return { ...intent, events: [warning('SparkApplicationResuming', `SparkApplication ${name} is resuming`)] };
};
