import { type Failure, FailureError } from '../core/failure.ts';
import { parseKey } from '../kube/object.ts';
import type { PassResult } from '../metrics/controller.ts';
import { carryOut, type Run, type Subject } from './controller-run.ts';
import { isWorthTelling, retry, retryPanic } from './retry.ts';

/** What follows from a pass that threw: when it is tried again, and who is told. Never rejects. */
export async function afterFailure<O, S, E, A>(
  run: Run<O, S, E, A>,
  subject: Subject,
  error: unknown,
): Promise<PassResult> {
  const { queue, effects, time } = run;
  const { key, log } = subject;
  if (!(error instanceof FailureError)) {
    run.counts?.panicked();
    const retryMs = Math.round(retryPanic(queue, key));
    log.error({ err: error, retryMs }, 'a pass failed by a programming error');
    const message = `Weir failed on this resource (${error instanceof Error ? error.message : String(error)}); this is a bug`;
    await tell(run, subject, { kind: 'stalled', reason: 'InternalError', message });
    return 'error';
  }
  const { failure } = error;
  const now = time.monotonic();
  const waitMs = retry(queue, key, failure);
  effects.wait(key, failure, now + waitMs);
  const retryMs = Math.round(waitMs);
  const { kind, message } = failure;
  if (kind === 'conflict') {
    log.debug({ failure: kind, error: message, retryMs }, 'a pass failed');
    return 'requeue';
  }
  if (kind === 'stalled') run.counts?.stalled();
  log.warn({ failure: kind, error: message, retryMs }, 'a pass failed');
  if (isWorthTelling(failure, queue.failures(key))) await tell(run, subject, failure);
  return 'error';
}

/** Tells the resource's owner, by what the reconciler makes of a failure or by an event. A failure to tell is only logged. */
async function tell<O, S, E, A>(
  run: Run<O, S, E, A>,
  { key, resource, log }: Subject,
  failure: Failure,
): Promise<void> {
  const { reconciler, caches, events, time, queue } = run;
  try {
    const current = caches.reader.get({ ...reconciler.kind, ...parseKey(key) }) ?? resource;
    const plan = reconciler.failed?.(current, failure, new Date(time.now()));
    if (plan !== undefined) {
      await carryOut(run, { key, resource: current }, { plan });
      if (plan.requeueAfterMs !== undefined) queue.addAfter(key, plan.requeueAfterMs);
    } else if (failure.kind === 'stalled' || failure.kind === 'waiting') {
      const { reason, message } = failure;
      events.record(current, { type: 'Warning', reason, message, component: 'Operator' });
    }
  } catch (err) {
    log.debug({ err }, 'a failure could not be told');
  }
}
