import type { Action, EventDraft } from '../../core/plan.ts';
import { warning } from '../events.ts';
import { nextTime } from '../options/schedule.ts';
import type { JobOptions } from '../options.ts';
import type { FlinkRecord } from '../record.ts';
import type { FlinkJobSpec, KnownSnapshot } from '../schema.ts';
import { isNonceDone } from '../snapshot/due.ts';
import { takeByResources } from './by-resources.ts';
import { cleanHistory } from './history.ts';
import { beginDue, follow } from './in-status.ts';
import { ledgerOf } from './ledger.ts';
import {
  askableKinds,
  dueFacts,
  type KeptSnapshots,
  KINDS,
  NONCES,
  type Subject,
  scheduleOf,
  type Taken,
  type TakingEffect,
} from './subject.ts';
import { keepUpgradeSavepoint } from './upgrade.ts';

type Step = (subject: Subject) => Taken;

const FOLLOW: readonly Step[] = KINDS.map((kind) => (subject) => follow(subject, kind));

function stepsOf(subject: Subject): readonly Step[] {
  if (!subject.runs) return [...FOLLOW, keepUpgradeSavepoint];
  const take = subject.options().snapshotResourceEnabled ? takeByResources : beginDue;
  return [...FOLLOW, keepUpgradeSavepoint, notActedOn, take, cleanHistory];
}

/** What of a pass's intent taking snapshots has to do with. */
interface Taking {
  readonly record?: FlinkRecord;
  readonly actions?: readonly Action<unknown>[];
  readonly events?: readonly EventDraft[];
  readonly requeueAfterMs?: number;
  readonly kept?: KeptSnapshots;
  readonly ledger?: readonly KnownSnapshot[];
  readonly probe: 'off' | 'slow' | 'fast';
}

/**
 * Adds to what a pass wants all about the snapshots of the job: follows what is under way, asks for what is due by nonce or
 * schedule, lets go of those whose time is over.
 */
export function withTaken<I extends Taking>(intent: I, subject: Subject): I {
  return withAll(intent, subject, take(subject, stepsOf(subject)));
}

/** Adds to what a pass of a deletion wants that the last savepoint of the job is kept among its snapshots. */
export function withLastSavepoint<I extends Taking>(intent: I, subject: Subject): I {
  return withAll(intent, subject, keepUpgradeSavepoint(subject));
}

function take(subject: Subject, steps: readonly Step[]): Taken {
  return steps.reduce<Taken>((before, step) => joined(before, step(after(subject, before))), {});
}

/** A job whose snapshots stand as an earlier step has left them. */
function after(subject: Subject, { kept, nonces = {} }: Taken): Subject {
  const { recorded } = subject;
  const { savepoint = recorded.savepointTriggerNonce, checkpoint = recorded.checkpointTriggerNonce } = nonces;
  const acted = { ...recorded, savepointTriggerNonce: savepoint, checkpointTriggerNonce: checkpoint } as FlinkJobSpec;
  return { ...subject, recorded: acted, jobStatus: { ...subject.jobStatus, ...kept } };
}

function joined(a: Taken, b: Taken): Taken {
  const waits = [a.waitMs, b.waitMs].filter((ms) => ms !== undefined);
  return {
    actions: [...(a.actions ?? []), ...(b.actions ?? [])],
    events: [...(a.events ?? []), ...(b.events ?? [])],
    kept: { ...a.kept, ...b.kept },
    nonces: { ...a.nonces, ...b.nonces },
    underWay: a.underWay === true || b.underWay === true,
    savepointKept: a.savepointKept === true || b.savepointKept === true,
    ...(waits.length === 0 ? {} : { waitMs: Math.min(...waits) }),
  };
}

function withAll<I extends Taking>(intent: I, subject: Subject, taken: Taken): I {
  const { actions = [], events = [], kept = {}, nonces = {}, waitMs } = taken;
  const changed = Object.keys(nonces).length > 0 || taken.savepointKept === true;
  const record = changed ? subject.next : intent.record;
  const waits = [intent.requeueAfterMs, waitMs].filter((ms) => ms !== undefined);
  const left = after(subject, taken);
  return {
    ...intent,
    ledger: ledgerOf(record === undefined ? left : { ...left, next: record }),
    ...(record === undefined ? {} : { record: noted(record, subject, taken) }),
    ...(Object.keys(kept).length === 0 ? {} : { kept, keepsStatus: false }),
    actions: [...(intent.actions ?? []), ...actions],
    events: [...(intent.events ?? []), ...events],
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) }),
    ...(taken.underWay === true && intent.probe === 'slow' ? { probe: 'fast' } : {}),
  };
}

function noted(record: FlinkRecord, subject: Subject, taken: Taken): FlinkRecord {
  const withNew = withNonces(record, after(subject, taken));
  if (taken.savepointKept !== true) return withNew;
  const { askedAt: _askedAt, ...restore } = withNew.restore;
  return { ...withNew, restore };
}

/**
 * What is to be recorded of spec.job: its nonces as far as they were acted on. One counts as that once its snapshot is there
 * or was given up, never before, so that neither a crash nor an upgrade in between loses it.
 */
function withNonces(record: FlinkRecord, subject: Subject): FlinkRecord {
  const spec = KINDS.reduce((changed, kind) => {
    const facts = dueFacts(subject, kind);
    return withNonce(changed, NONCES[kind], isNonceDone(facts) ? facts.wanted : facts.recorded);
  }, record.spec);
  return { ...record, spec };
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

/** What is asked for and will not come: said once. */
function notActedOn(subject: Subject): Taken {
  const options = subject.options();
  const messages = KINDS.flatMap((kind) => [...tooOld(subject, kind, options), ...firesNoMore(subject, kind, options)]);
  return {
    events: messages.map((message) => ({ ...warning('SnapshotsNotSupported', message), dedupe: message, once: true })),
  };
}

function tooOld(subject: Subject, kind: (typeof KINDS)[number], options: JobOptions): readonly string[] {
  if (askableKinds(subject).includes(kind)) return [];
  const { schedule, wanted } = dueFacts(subject, kind, options);
  if (schedule === undefined && wanted === undefined) return [];
  return [`checkpoints can be asked for from Flink 1.17 on, and this is ${subject.flinkVersion}`];
}

function firesNoMore({ now }: Subject, kind: (typeof KINDS)[number], options: JobOptions): readonly string[] {
  const schedule = scheduleOf(options, kind);
  if (schedule?.kind !== 'cron' || nextTime(schedule, options.periodicTimeZone, now.getTime()) !== undefined) return [];
  return [`kubernetes.operator.periodic.${kind}.interval: ${JSON.stringify(schedule.text)} fires no more`];
}

/** The effects of taking snapshots, for those who carry them out. */
export function isTakingEffect(effect: { readonly kind: string }): effect is TakingEffect {
  return ['trigger-savepoint', 'trigger-checkpoint', 'dispose-savepoint'].includes(effect.kind);
}
