import { describeFinding, podTrouble } from '../../core/pod-trouble.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted, type KubeObject } from '../../kube/object.ts';
import { ownExecutors } from '../executors.ts';
import { type DriverOutcome, startableSince, takenAwayBecause } from '../pods.ts';
import type { SparkRecord } from '../record.ts';
import type { ApplicationState } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { conclude, outcomeOf } from './conclude.ts';
import { placement } from './placement.ts';
import { deletion, leftovers, UNSEEN_MS } from './stop.ts';
import { making, missingOf, starting } from './submit.ts';

const RUNS: ReadonlySet<ApplicationState> = new Set(['SUBMITTED', 'RUNNING', 'UNKNOWN']);

/** How long a driver that has its node may be kept from starting by what does not pass by itself, such as an image that is not there. */
const STARTUP_MS = 300_000;

/** A submission is recorded: make what is missing of it, follow its driver, and say how it ended. */
export const run: Policy<Situation, Intent> = (situation) => {
  const { record, driver } = situation;
  if (!RUNS.has(record.state)) return undefined;
  const intent = driver === undefined ? withoutDriver(situation) : withDriver(situation, driver);
  return { ...intent, actions: [...leftovers(situation), ...placement(situation), ...(intent.actions ?? [])] };
};

function withoutDriver(situation: Situation): Intent {
  const { record, made, application, strays, now } = situation;
  const wait = (record.submission?.submittedAt ?? 0) + UNSEEN_MS - now.getTime();
  if (made && !record.seen && wait > 0) return { ...starting(record.podName ?? ''), requeueAfterMs: wait };
  if (made || record.submission === undefined) {
    const why = record.message === undefined ? '' : `; ${record.message}`;
    return conclude(situation, { kind: 'failed', message: `driver pod not found: it was deleted${why}` });
  }
  const [stray] = strays;
  if (stray !== undefined) {
    const message = `waiting until driver pod ${stray.metadata.name} of an earlier submission is gone`;
    return { because: 'WaitingForDriverGone', message, phase: 'progressing', requeueAfterMs: 5000 };
  }
  return application === undefined
    ? { because: 'WaitingForDriver', message: 'the spec cannot be acted on', phase: 'progressing' }
    : { ...making(situation, application, record.submission), ...stillSaid(situation) };
}

/**
 * Why the last try to make it failed stays said until the driver is there: words that change with every try would be
 * writes, and each of them the next try.
 */
function stillSaid({ status, resource }: Situation): Partial<Pick<Intent, 'because' | 'message' | 'phase'>> {
  const { conditions = [] } = status ?? {};
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.observedGeneration !== resource.metadata.generation) return {};
  const phase = conditions.some(({ type }) => type === 'Stalled') ? 'stalled' : 'progressing';
  return { because: ready.reason, message: ready.message, phase };
}

function withDriver(situation: Situation, driver: KubeObject): Intent {
  const outcome = outcomeOf(situation, driver);
  switch (outcome.kind) {
    case 'succeeded':
    case 'failed':
      return conclude(situation, outcome);
    case 'pending':
      return pending(situation, driver, outcome);
    case 'running':
      return {
        because: 'DriverRunning',
        message: isBeingDeleted(driver) ? goingMessage(driver) : runningMessage(situation, driver),
        phase: isBeingDeleted(driver) ? 'progressing' : 'settled',
        record: seenAs(situation, driver, 'RUNNING'),
      };
    case 'unknown':
      return {
        because: 'DriverUnknown',
        message: `the node of driver pod ${driver.metadata.name} does not answer`,
        phase: 'progressing',
        record: seenAs(situation, driver, 'UNKNOWN'),
      };
  }
}

function goingMessage(driver: KubeObject): string {
  const why = takenAwayBecause(driver);
  return `the driver pod is being deleted${why === undefined ? '' : `: ${why}`}`;
}

/** Why executors do not come is nowhere else to be seen, since the driver runs all the same; without names, which would change. */
function runningMessage({ observed, record }: Situation, driver: KubeObject): string {
  const runs = `driver pod ${driver.metadata.name} runs`;
  const [trouble] = ownExecutors(observed.executors, record).flatMap((pod) => podTrouble(pod, 'executor') ?? []);
  return trouble === undefined ? runs : `${runs}; ${describeFinding({ ...trouble, who: 'an executor does not' })}`;
}

function pending(
  situation: Situation,
  driver: KubeObject,
  { trouble }: Extract<DriverOutcome, { kind: 'pending' }>,
): Intent {
  const { now } = situation;
  const record = seenAs(situation, driver, 'SUBMITTED');
  const actions = missingOf(situation, driver);
  if (trouble === undefined) {
    const incomplete = actions.length === 0 ? {} : { ...stillSaid(situation), record, actions };
    return { ...starting(driver.metadata.name), ...incomplete };
  }
  const message = describeFinding(trouble);
  const since = Math.max(record.submission?.submittedAt ?? now.getTime(), startableSince(driver));
  const left = since + STARTUP_MS - now.getTime();
  const waiting = { because: trouble.reason, message, phase: 'progressing', record, actions } as const;
  if (trouble.reason === 'Unschedulable') return waiting;
  if (left > 0) return { ...waiting, requeueAfterMs: left };
  const ended = conclude({ ...situation, record }, { kind: 'failed', message: `driver did not start: ${message}` });
  return { ...ended, actions: [...(ended.actions ?? []), ...deletion(driver, 'it does not start')] };
}

function seenAs({ record }: Situation, driver: KubeObject, state: ApplicationState): SparkRecord {
  const message = takenAwayBecause(driver);
  return { ...record, state, seen: true, podName: driver.metadata.name, message };
}
