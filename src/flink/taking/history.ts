import { warning } from '../events.ts';
import { dependantsOf } from '../snapshot/dependants.ts';
import { isDisposed } from '../snapshot-facts.ts';
import type { Subject, Taken } from './subject.ts';

type History = NonNullable<NonNullable<Subject['jobStatus']['savepointInfo']>['savepointHistory']>;

/** How soon a disposal that nobody has told of is asked for again. */
const ASK_AGAIN_MS = 10_000;

/**
 * Lets go of one savepoint in the status whose time is over: its files first, and only then the entry (the incumbent's
 * order), never while a resource needs them. The job runs.
 */
export function cleanHistory(subject: Subject): Taken {
  const { savepointHistory: history = [] } = subject.jobStatus.savepointInfo ?? {};
  if (history.length < 2) return {};
  const [first] = expiredEntries(subject, history);
  if (first === undefined) return {};
  if (!subject.options().savepointCleanupEnabled) return without(subject, history, first);
  const { path, progress } = subject.answer?.disposal ?? {};
  const known = path === first.location ? progress : undefined;
  if (isDisposed(known)) return without(subject, history, first);
  if (known?.kind === 'failed') {
    const message = `Flink could not delete the savepoint at ${path}: ${known.cause}; it is left where it is`;
    const event = { ...warning('SavepointError', message, 'Job'), dedupe: message };
    return { ...without(subject, history, first), events: [event] };
  }
  if (known?.kind === 'in-progress') return { underWay: true };
  const effect = { kind: 'dispose-savepoint', jobId: subject.record.jobId ?? '', path: first.location ?? '' } as const;
  const because = 'the time of the savepoint is over';
  return { actions: [{ kind: 'effect', effect, because }], waitMs: ASK_AGAIN_MS, underWay: true };
}

/** The oldest beyond the count and those beyond the age; never the newest, nor what a resource needs. */
function expiredEntries(subject: Subject, history: History): History {
  const { savepointHistoryMaxCount: maxCount, savepointHistoryMaxAgeMs: maxAge } = subject.options();
  const oldest = subject.now.getTime() - maxAge;
  const surplus = Math.max(0, history.length - maxCount);
  return history
    .slice(0, -1)
    .filter(({ timeStamp = 0 }, index) => index < surplus || timeStamp < oldest)
    .filter(({ location = '' }) => dependantsOf(location, [subject.resource, ...subject.dependants]).length === 0);
}

function without({ jobStatus }: Subject, history: History, gone: History[number]): Taken {
  const savepointHistory = history.filter((entry) => entry !== gone);
  return { kept: { savepointInfo: { ...jobStatus.savepointInfo, savepointHistory } } };
}
