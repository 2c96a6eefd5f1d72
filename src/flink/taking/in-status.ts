import type { Action } from '../../core/plan.ts';
import { hashHex } from '../../lib/hash.ts';
import { canonicalJson } from '../../lib/json.ts';
import { SAVEPOINT_DIRECTORY } from '../configuration.ts';
import { warning } from '../events.ts';
import { optionOf } from '../flink-conf.ts';
import { isTerminal } from '../observed.ts';
import type { CheckpointInfo, SavepointInfo, SavepointRecord } from '../schema.ts';
import { type Due, dueNow, waitMsUntil } from '../snapshot/due.ts';
import { type SnapshotKind, savepointSince } from '../snapshot-facts.ts';
import {
  askableKinds,
  dueFacts,
  type KeptSnapshots,
  NONCES,
  type Subject,
  type Taken,
  type TakingEffect,
} from './subject.ts';

/*
 * Snapshots that the status keeps, in the incumbent's fields (kubernetes.operator.snapshot.resource.enabled: false):
 *
 *   due ──► recorded under an id, then asked for ──► completed: noted, its nonce recorded
 *                 ▲    │
 *                 └────┤ failed within the grace period: under the next id, after 10 s
 *                      └ failed later, or the run is over: given up with an event, its nonce recorded
 */

type Info = SavepointInfo | CheckpointInfo;

/** What the status says of a snapshot under way. */
interface UnderWay {
  readonly kind: SnapshotKind;
  readonly info: Info;
  readonly triggerId: string;
  /** When the first attempt was asked for, in milliseconds since the epoch. */
  readonly since: number;
}

/** How long after a failure an attempt is repeated. */
const RETRY_MS = 10_000;

/** How soon an attempt that Flink does not know is asked for again. */
const ASK_AGAIN_MS = 5000;

/** Asks for one snapshot that is due, unless one of its kind is under way. The job runs. */
export function beginDue(subject: Subject): Taken {
  const options = subject.options();
  const idle = askableKinds(subject).filter((kind) => underWay(subject, kind) === undefined);
  const due = idle.map((kind) => ({ kind, ...dueNow(dueFacts(subject, kind, options)) }));
  const waitMs = waitMsUntil(due, subject.now.getTime());
  const first = due.find(({ by }) => by !== undefined);
  return {
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(first?.by === undefined ? {} : begin(subject, first.kind, first.by)),
  };
}

function begin(subject: Subject, kind: SnapshotKind, by: NonNullable<Due['by']>): Taken {
  const { resource, now, wanted } = subject;
  const { savepointFormat, checkpointType } = subject.options();
  const since = now.getTime();
  const triggerId = hashHex(canonicalJson(['kept', resource.metadata.uid ?? '', kind, since]), 32);
  const nonce = wanted[NONCES[kind]];
  const info = {
    ...infoOf(subject, kind),
    triggerId,
    triggerTimestamp: since,
    triggerType: by,
    formatType: kind === 'savepoint' ? savepointFormat : checkpointType,
    ...(by === 'MANUAL' && nonce !== undefined ? { triggerNonce: nonce } : {}),
  } as Info;
  return askFor(subject, { kind, info, triggerId, since });
}

/** Follows the snapshot of a kind that is under way, whoever began it and however snapshots are kept by now. */
export function follow(subject: Subject, kind: SnapshotKind): Taken {
  const given = underWay(subject, kind);
  if (given === undefined) return {};
  const over = whyOver(subject, given);
  if (over !== undefined) return giveUp(subject, given, over);
  if (given.info.retryAt !== undefined) return repeat(subject, given);
  const { taking = [] } = subject.answer ?? {};
  const progress = taking.find((answer) => answer.kind === kind && answer.triggerId === given.triggerId)?.progress;
  switch (progress?.kind) {
    case 'completed':
      return finish(subject, given, progress.location ?? '');
    case 'failed':
      return failed(subject, given, progress.cause);
    case 'unknown-trigger':
      return findOrAskAgain(subject, given);
    default:
      return { underWay: true };
  }
}

function underWay(subject: Subject, kind: SnapshotKind): UnderWay | undefined {
  const info = infoOf(subject, kind);
  const { triggerId, triggerTimestamp } = info;
  return triggerId ? { kind, info, triggerId, since: triggerTimestamp ?? 0 } : undefined;
}

function infoOf({ jobStatus }: Subject, kind: SnapshotKind): Info {
  return (kind === 'savepoint' ? jobStatus.savepointInfo : jobStatus.checkpointInfo) ?? {};
}

function kept(kind: SnapshotKind, info: Info): KeptSnapshots {
  return kind === 'savepoint' ? { savepointInfo: info as SavepointInfo } : { checkpointInfo: info as CheckpointInfo };
}

function whyOver({ record, answer }: Subject, { since }: UnderWay): string | undefined {
  if (record.state !== 'DEPLOYED' || record.jobState !== 'running' || record.timestamp > since) {
    return 'the run it was to be taken of is over';
  }
  const state = answer?.job?.state;
  return state !== undefined && isTerminal(state) ? `the job is ${state}` : undefined;
}

/** Records the attempt and asks Flink for it, or for the same again. */
function askFor(subject: Subject, { kind, info, triggerId }: UnderWay): Taken {
  const jobId = subject.record.jobId ?? '';
  const effect = kind === 'savepoint' ? savepointEffect(subject, info as SavepointInfo) : undefined;
  const checkpointType = info.formatType === 'INCREMENTAL' ? 'INCREMENTAL' : 'FULL';
  const action: Action<TakingEffect> = {
    kind: 'effect',
    effect: effect ?? { kind: 'trigger-checkpoint', jobId, request: { triggerId, checkpointType } },
    because: `take a ${kind}`,
  };
  return { kept: kept(kind, info), actions: [action], waitMs: ASK_AGAIN_MS, underWay: true };
}

function savepointEffect({ record, conf }: Subject, { triggerId = '', formatType }: SavepointInfo): TakingEffect {
  const targetDirectory = optionOf(conf(), ...SAVEPOINT_DIRECTORY);
  const format = formatType === 'UNKNOWN' ? undefined : formatType;
  return {
    kind: 'trigger-savepoint',
    jobId: record.jobId ?? '',
    request: { triggerId, targetDirectory, formatType: format },
  };
}

/** The next attempt, when its time has come and the job runs. */
function repeat(subject: Subject, given: UnderWay): Taken {
  const { retryAt = 0, ...info } = given.info;
  const waitMs = retryAt - subject.now.getTime();
  if (waitMs > 0) return { waitMs };
  if (!subject.runs) return {};
  const triggerId = hashHex(canonicalJson(['again', given.triggerId]), 32);
  return askFor(subject, { ...given, info: { ...info, triggerId } as Info, triggerId });
}

function failed(subject: Subject, given: UnderWay, cause: string): Taken {
  const { kind, info, since, triggerId } = given;
  const { savepointTriggerGraceMs, checkpointTriggerGraceMs } = subject.options();
  const now = subject.now.getTime();
  if (now - since >= (kind === 'savepoint' ? savepointTriggerGraceMs : checkpointTriggerGraceMs)) {
    return giveUp(subject, given, cause);
  }
  const message = `the ${kind}${byNonce(given)} failed: ${cause}; it is tried again in ${RETRY_MS / 1000} s`;
  return {
    kept: kept(kind, { ...info, retryAt: now + RETRY_MS } as Info),
    events: [{ ...warning(ERRORS[kind], message, 'Job'), dedupe: triggerId }],
    waitMs: RETRY_MS,
  };
}

const ERRORS = { savepoint: 'SavepointError', checkpoint: 'CheckpointError' } as const;

function byNonce({ kind, info }: UnderWay): string {
  return info.triggerNonce === undefined ? '' : ` asked for by ${NONCES[kind]} ${info.triggerNonce}`;
}

/** Flink never got the request, or its JobManager was started anew, or it has forgotten what it completed. */
function findOrAskAgain(subject: Subject, given: UnderWay): Taken {
  const { savepointHistory = [] } = subject.jobStatus.savepointInfo ?? {};
  const known = new Set(savepointHistory.map(({ location }) => location ?? ''));
  const found = given.kind === 'savepoint' && savepointSince(subject.answer?.checkpoints, given.since, known);
  if (found) return finish(subject, given, found.path ?? '');
  return subject.runs ? askFor(subject, given) : { underWay: true };
}

function finish(subject: Subject, given: UnderWay, location: string): Taken {
  const { kind, since } = given;
  const { triggerType, formatType, triggerNonce } = given.info;
  const nonce = nonceOf(subject, given);
  const taken = {
    timeStamp: since,
    triggerType,
    formatType,
    ...(nonce === undefined ? {} : { triggerNonce: triggerNonce ?? nonce }),
  };
  const info =
    kind === 'savepoint'
      ? withSavepoint(ended(given) as SavepointInfo, { ...taken, location } as SavepointRecord)
      : ({ ...ended(given), lastCheckpoint: taken } as CheckpointInfo);
  return { kept: kept(kind, info), ...(nonce === undefined ? {} : { nonces: { [kind]: nonce } }) };
}

/** The savepoints kept with one more. */
export function withSavepoint(info: SavepointInfo, taken: SavepointRecord): SavepointInfo {
  return { ...info, lastSavepoint: taken, savepointHistory: [...(info.savepointHistory ?? []), taken] };
}

function giveUp(subject: Subject, given: UnderWay, why: string): Taken {
  const { kind, triggerId } = given;
  const nonce = nonceOf(subject, given);
  const message = `the ${kind}${byNonce(given)} is given up: ${why}`;
  return {
    kept: kept(kind, ended(given)),
    events: [{ ...warning(ERRORS[kind], message, 'Job'), dedupe: triggerId }],
    ...(nonce === undefined ? {} : { nonces: { [kind]: nonce } }),
  };
}

/** The nonce that was acted on with it; what another operator began counts for the present one. */
function nonceOf({ wanted }: Subject, { kind, info }: UnderWay): number | undefined {
  return info.triggerType === 'MANUAL' ? (info.triggerNonce ?? wanted[NONCES[kind]]) : undefined;
}

/** What is kept when nothing is under way any more; a periodic one was asked for, whatever became of it. */
function ended({ kind, info, since }: UnderWay): Info {
  const { triggerId: _id, triggerTimestamp: _time, triggerType, formatType: _format, ...others } = info;
  const { triggerNonce: _nonce, retryAt: _retry, ...rest } = others;
  if (triggerType !== 'PERIODIC') return rest as Info;
  const last = kind === 'savepoint' ? 'lastPeriodicSavepointTimestamp' : 'lastPeriodicCheckpointTimestamp';
  return { ...rest, [last]: since } as Info;
}
