import type { Action, EventDraft } from '../../core/plan.ts';
import { warning } from '../events.ts';
import { nextTime } from '../options/schedule.ts';
import type { JobOptions } from '../options.ts';
import type { FlinkJobSpec } from '../schema.ts';
import { isNonceDone } from '../snapshot/due.ts';
import { takeByResources } from './by-resources.ts';
import { dueFacts, KINDS, NONCES, optionsOf, type Subject, scheduleOf, type Taken } from './subject.ts';

/** Only while the job runs. */
function takeSnapshots(subject: Subject): Taken {
  if (!subject.runs) return { actions: [], events: [] };
  const options = optionsOf(subject);
  const events = notActedOn(subject, options);
  if (!options.snapshotResourceEnabled) return { actions: [], events };
  return { ...takeByResources(subject, options), events };
}

/** What of a pass's intent taking snapshots has to do with. */
interface Taking {
  readonly record?: { readonly spec: { readonly job?: FlinkJobSpec | undefined } };
  readonly actions?: readonly Action<unknown>[];
  readonly events?: readonly EventDraft[];
  readonly requeueAfterMs?: number;
}

/** Adds to what a pass wants the snapshots that are due by nonce or schedule, and takes away those whose time is over. */
export function withTaken<I extends Taking>(intent: I, subject: Subject): I {
  const { actions, events, waitMs } = takeSnapshots(subject);
  const { record } = intent;
  return {
    ...intent,
    ...(record === undefined ? {} : { record: { ...record, spec: withNonces(record.spec, subject) } }),
    actions: [...(intent.actions ?? []), ...actions],
    events: [...(intent.events ?? []), ...events],
    ...(waitMs === undefined ? {} : { requeueAfterMs: Math.min(intent.requeueAfterMs ?? waitMs, waitMs) }),
  };
}

/**
 * What is to be recorded of spec.job: its nonces as far as they were acted on. One counts as that once its
 * FlinkStateSnapshot is there, never before, so that neither a crash nor an upgrade in between loses it.
 */
function withNonces<S extends { readonly job?: FlinkJobSpec | undefined }>(spec: S, subject: Subject): S {
  return KINDS.reduce<S>((changed, kind) => {
    const facts = dueFacts(subject, kind);
    return withNonce(changed, NONCES[kind], isNonceDone(facts) ? facts.wanted : facts.recorded);
  }, spec);
}

function withNonce<S extends { readonly job?: FlinkJobSpec | undefined }>(
  spec: S,
  name: (typeof NONCES)[keyof typeof NONCES],
  nonce: number | undefined,
): S {
  if (!spec.job || spec.job[name] === nonce) return spec;
  const { [name]: _before, ...job } = spec.job;
  return { ...spec, job: nonce === undefined ? job : { ...job, [name]: nonce } };
}

/** Schedules of which nothing will come any more: said once. */
function notActedOn({ now }: Subject, options: JobOptions): readonly EventDraft[] {
  return KINDS.flatMap((kind) => {
    const schedule = scheduleOf(options, kind);
    if (schedule === undefined || (schedule.kind === 'every' && schedule.ms === 0)) return [];
    const over = nextTime(schedule, options.periodicTimeZone, now.getTime()) === undefined;
    if (options.snapshotResourceEnabled && !over) return [];
    const why = over
      ? 'fires no more'
      : 'takes no snapshots, this version of Weir takes periodic snapshots only with kubernetes.operator.snapshot.resource.enabled';
    const text = schedule.kind === 'cron' ? schedule.text : `${schedule.ms} ms`;
    const message = `kubernetes.operator.periodic.${kind}.interval: ${JSON.stringify(text)} ${why}`;
    return [{ ...warning('SnapshotsNotSupported', message), dedupe: message, once: true }];
  });
}
