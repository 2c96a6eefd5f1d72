import type { KubeObject } from '../../kube/object.ts';
import { nextTime, type Schedule } from '../options/schedule.ts';
import type { SnapshotKind } from '../snapshot-facts.ts';
import { type FlinkStateSnapshotSpec, type FlinkStateSnapshotStatus, SNAPSHOT_LABELS } from './schema.ts';

/** Annotation of a FlinkStateSnapshot that a nonce asked for: the nonce, so that it is asked for once. */
export const NONCE_ANNOTATION = 'weir.dev/trigger-nonce';

/** What decides whether a snapshot of one kind is due. Times are milliseconds since the epoch. */
export interface DueFacts {
  readonly kind: SnapshotKind;
  /** The nonce of the spec, and the one last acted on. */
  readonly wanted: number | undefined;
  readonly recorded: number | undefined;
  /** `kubernetes.operator.periodic.<kind>.interval`; a cron expression goes by the clocks of `timeZone`. */
  readonly schedule: Schedule | undefined;
  readonly timeZone: string;
  /** The FlinkStateSnapshots of the job, of any kind. */
  readonly snapshots: readonly KubeObject[];
  /** When the last periodic one was asked for, as the status has it; else when the job was created. */
  readonly lastMs: number;
  readonly nowMs: number;
}

/** What is due, and when to look again. */
export interface Due {
  readonly by: 'MANUAL' | 'PERIODIC' | undefined;
  /** When the next periodic one is due; undefined when there is none. */
  readonly nextMs: number | undefined;
}

/** Whether the nonce of the spec was acted on: recorded, taken back, or a FlinkStateSnapshot carries it. */
export function isNonceDone({ kind, wanted, recorded, snapshots }: DueFacts): boolean {
  if (wanted === undefined || wanted === recorded) return true;
  return ofKind(snapshots, kind).some(({ metadata }) => metadata.annotations?.[NONCE_ANNOTATION] === String(wanted));
}

/** What of one kind is due now: first what a nonce asks for, then what its period does, unless one is under way. */
export function dueNow(facts: DueFacts): Due {
  const { schedule, timeZone } = facts;
  const own = ofKind(facts.snapshots, facts.kind);
  const periodic = own.filter(({ metadata }) => metadata.labels?.[SNAPSHOT_LABELS.trigger] === 'PERIODIC');
  const lastMs = Math.max(...periodic.map(askedMs), facts.lastMs);
  const nextMs = schedule === undefined ? undefined : nextTime(schedule, timeZone, lastMs);
  if (!isNonceDone(facts)) return { by: 'MANUAL', nextMs };
  const isDue = nextMs !== undefined && nextMs <= facts.nowMs && !periodic.some(isUnderWay);
  return { by: isDue ? 'PERIODIC' : undefined, nextMs };
}

/** Longest time until a job with a schedule is looked at again. */
const MAX_WAIT_MS = 3_600_000;

/** How long to wait for the next that is due, in milliseconds; undefined when nothing is scheduled. */
export function waitMsUntil(due: readonly Due[], nowMs: number): number | undefined {
  const waits = due.flatMap(({ nextMs }) => (nextMs === undefined ? [] : [Math.max(1000, nextMs - nowMs)]));
  return waits.length === 0 ? undefined : Math.min(MAX_WAIT_MS, ...waits);
}

/**
 * The periodic and upgrade snapshots of a kind whose time is over: the oldest beyond `maxCount`, and those older than
 * `maxAgeMs`. The newest completed one and the newest of all stay (the incumbent's rule), and those under way.
 */
export function expired(
  snapshots: readonly KubeObject[],
  kind: SnapshotKind,
  limits: { readonly maxCount: number; readonly maxAgeMs: number; readonly nowMs: number },
): readonly KubeObject[] {
  const own = ofKind(snapshots, kind)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => ['PERIODIC', 'UPGRADE'].includes(metadata.labels?.[SNAPSHOT_LABELS.trigger] ?? ''))
    .sort((a, b) => createdMs(a) - createdMs(b));
  const kept = [own.at(-1), own.findLast((snapshot) => stateOf(snapshot) === 'COMPLETED')];
  const surplus = new Set(own.slice(0, Math.max(0, own.length - limits.maxCount)));
  return own.filter((snapshot) => {
    if (kept.includes(snapshot) || isUnderWay(snapshot)) return false;
    return surplus.has(snapshot) || createdMs(snapshot) < limits.nowMs - limits.maxAgeMs;
  });
}

function ofKind(snapshots: readonly KubeObject[], kind: SnapshotKind): readonly KubeObject[] {
  return snapshots.filter(({ spec }) => (spec as FlinkStateSnapshotSpec | undefined)?.[kind] !== undefined);
}

function stateOf({ status }: KubeObject): FlinkStateSnapshotStatus['state'] {
  return (status as FlinkStateSnapshotStatus | undefined)?.state;
}

function isUnderWay(snapshot: KubeObject): boolean {
  return [undefined, 'TRIGGER_PENDING', 'IN_PROGRESS'].includes(stateOf(snapshot));
}

/** By the operator's own clock, which its name ends with, where that is ahead of the API server's. */
function askedMs(snapshot: KubeObject): number {
  return Math.max(createdMs(snapshot), Number(/-(\d{13})$/.exec(snapshot.metadata.name)?.[1] ?? 0));
}

/** One that was written just now and not read back has no time yet: it counts as new. */
function createdMs({ metadata }: KubeObject): number {
  return metadata.creationTimestamp === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(metadata.creationTimestamp);
}
