import type { Policy } from '../../core/reconciler.ts';
import { refOf } from '../../kube/object.ts';
import type { Intent, Situation } from '../situation.ts';
import { outcomeOf } from './conclude.ts';
import { deletion, isOfRunning, leftovers } from './stop.ts';

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed']);

/** An application that has ended: kept until its time to live is over. */
export const rest: Policy<Situation, Intent> = (situation) => {
  const { record, driver, observed } = situation;
  if (record.state !== 'COMPLETED' && record.state !== 'FAILED') return undefined;
  const left = timeLeft(situation);
  if (left !== undefined && left <= 0) return expired(situation);
  // One that has ended stays, with its log, even where sidecars run on.
  const ended = driver === undefined || ENDED.has(outcomeOf(situation, driver).kind);
  const alive = ended || record.state === 'COMPLETED' ? [] : [driver];
  return {
    ...standing(situation),
    actions: [
      ...leftovers(situation),
      ...alive.flatMap((pod) => deletion(pod, 'the application has failed')),
      ...observed.supports.filter(isOfRunning).flatMap((object) => deletion(object, 'the application has ended')),
    ],
    ...(left === undefined ? {} : { requeueAfterMs: left }),
  };
};

function standing({ record, refusal }: Situation): Pick<Intent, 'because' | 'message' | 'phase'> {
  if (record.state === 'COMPLETED') {
    return { because: 'Completed', message: 'the application completed', phase: 'settled' };
  }
  const message = record.message ?? 'the application failed';
  return { because: refusal?.message === message ? refusal.reason : 'Failed', message, phase: 'stalled' };
}

/** Milliseconds until the resource is to be deleted; undefined: never. A status without an end counts from what is known. */
function timeLeft({ application, record, resource, now, settings }: Situation): number | undefined {
  const seconds = application?.spec.timeToLiveSeconds ?? (settings.defaultTimeToLiveSeconds || undefined);
  if (seconds === undefined) return undefined;
  const created = Date.parse(resource.metadata.creationTimestamp ?? '');
  const since = record.terminatedAt ?? record.submission?.submittedAt ?? created;
  return since + seconds * 1000 - now.getTime();
}

function expired({ resource }: Situation): Intent {
  const because = 'its time to live is over';
  // Only as it was seen: its author may just have given it more time.
  const { uid = '', resourceVersion } = resource.metadata;
  const asSeen = resourceVersion === undefined ? {} : { resourceVersion };
  return {
    because: 'TimeToLive',
    message: because,
    phase: 'settled',
    actions: [{ kind: 'delete', ref: refOf(resource), uid, ...asSeen, propagation: 'Background', because }],
  };
}
