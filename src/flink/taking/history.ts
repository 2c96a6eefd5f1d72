import type { EventDraft } from '../../core/plan.ts';
import { warning } from '../events.ts';
import type { SavepointInfo } from '../schema.ts';
import { dependantsOf } from '../snapshot/dependants.ts';
import { isDisposed } from '../snapshot-facts.ts';
import { MAX_UNDISPOSED, type UndisposedSavepoint } from '../undisposed-schema.ts';
import type { Subject, Taken } from './subject.ts';

/*
 *   in the history ──► its time is over: Flink is asked to delete its files ──► they are gone: forgotten
 *                                   ▲   │
 *                                   └───┤ it cannot: undisposed; asked again after 1 min, 2 min, 4 min … 1 h
 *                                       └ nor the 30th time, some 25 hours later: left where it is, with an event
 */

type History = NonNullable<SavepointInfo['savepointHistory']>;

/** A savepoint whose time is over. */
interface Over {
  readonly location: string;
  /** How often Flink could not delete it. */
  readonly failures: number;
}

/** How soon a disposal that nobody has told of is asked for again. */
const ASK_AGAIN_MS = 10_000;

const MAX_ATTEMPTS = 30;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Lets go of one savepoint in the status whose time is over: its files first, and only then the entry (the incumbent's
 * order), never while a resource needs them. The job runs.
 */
export function cleanHistory(subject: Subject): Taken {
  const { savepointHistory: history = [], undisposed = [] } = subject.jobStatus.savepointInfo ?? {};
  if (history.length < 2 && undisposed.length === 0) return {};
  const [first] = [...dueAgain(subject, undisposed), ...expiredEntries(subject, history)].filter((over) =>
    isFree(subject, over),
  );
  if (first === undefined) return untilDue(subject, undisposed);
  if (!subject.options().savepointCleanupEnabled) return without(subject, first);
  const { path, progress } = subject.answer?.disposal ?? {};
  const known = path === first.location ? progress : undefined;
  if (isDisposed(known)) return without(subject, first);
  if (known?.kind === 'failed') return failed(subject, first, known.cause);
  if (known?.kind === 'in-progress') return { underWay: true };
  const effect = { kind: 'dispose-savepoint', jobId: subject.record.jobId ?? '', path: first.location } as const;
  const because = 'the time of the savepoint is over';
  return { actions: [{ kind: 'effect', effect, because }], waitMs: ASK_AGAIN_MS, underWay: true };
}

/** Those whose time of waiting after a failure is over. */
function dueAgain({ now }: Subject, undisposed: readonly UndisposedSavepoint[]): readonly Over[] {
  return undisposed
    .filter(({ retryAt = 0 }) => retryAt <= now.getTime())
    .map(({ location = '', failures = 0 }) => ({ location, failures }));
}

/** The oldest beyond the count and those beyond the age; never the newest. */
function expiredEntries(subject: Subject, history: History): readonly Over[] {
  const { savepointHistoryMaxCount: maxCount, savepointHistoryMaxAgeMs: maxAge } = subject.options();
  const oldest = subject.now.getTime() - maxAge;
  const surplus = Math.max(0, history.length - maxCount);
  return history
    .slice(0, -1)
    .filter(({ timeStamp = 0 }, index) => index < surplus || timeStamp < oldest)
    .map(({ location = '' }) => ({ location, failures: 0 }));
}

/** Whether no resource needs it. */
function isFree({ resource, dependants }: Subject, { location }: Over): boolean {
  return dependantsOf(location, [resource, ...dependants]).length === 0;
}

function untilDue({ now }: Subject, undisposed: readonly UndisposedSavepoint[]): Taken {
  const waits = undisposed.map(({ retryAt = 0 }) => retryAt - now.getTime()).filter((ms) => ms > 0);
  return waits.length === 0 ? {} : { waitMs: Math.min(...waits) };
}

/** The savepoints kept without one, which may go on among the undisposed. */
function without({ jobStatus }: Subject, over: Over, noted: readonly UndisposedSavepoint[] = []): Taken {
  const { savepointHistory = [], undisposed = [], ...info } = jobStatus.savepointInfo ?? {};
  const left = [...undisposed.filter(({ location }) => location !== over.location), ...noted].slice(-MAX_UNDISPOSED);
  const savepointInfo = {
    ...info,
    savepointHistory: savepointHistory.filter(({ location }) => location !== over.location),
    ...(left.length === 0 ? {} : { undisposed: left }),
  };
  return { kept: { savepointInfo } };
}

/** Noted, to be tried again; given up after too many attempts, as is the oldest of too many. */
function failed(subject: Subject, over: Over, cause: string): Taken {
  const { location, failures: before } = over;
  const failures = before + 1;
  const what = `Flink could not delete the savepoint at ${location}: ${cause}`;
  if (failures >= MAX_ATTEMPTS) {
    return { ...without(subject, over), events: [told(`${what}; it is left where it is after ${failures} attempts`)] };
  }
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** before);
  const noted = { location, failures, retryAt: subject.now.getTime() + waitMs };
  const again = told(`${what}; it is tried again in ${waitMs / 60_000} min`);
  return { ...without(subject, over, [noted]), events: [again, ...pushedOut(subject, over)], waitMs };
}

/** The oldest undisposed one, where there is no room for one more. */
function pushedOut({ jobStatus }: Subject, { failures }: Over): readonly EventDraft[] {
  const { undisposed = [] } = jobStatus.savepointInfo ?? {};
  if (failures > 0 || undisposed.length < MAX_UNDISPOSED) return [];
  const message = `Flink could not delete ${MAX_UNDISPOSED} newer savepoints either; the one at ${undisposed[0]?.location} is left where it is`;
  return [told(message)];
}

function told(message: string): EventDraft {
  return { ...warning('SavepointError', message, 'Job'), dedupe: message };
}
