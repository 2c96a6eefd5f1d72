import { runs, startIdOf } from '../record.ts';
import type { FlinkDeploymentStatus, KnownSnapshot, SnapshotTriggerType } from '../schema.ts';
import { plainPath } from '../snapshot/dependants.ts';
import { type FlinkStateSnapshotSpec, type FlinkStateSnapshotStatus, SNAPSHOT_LABELS } from '../snapshot/schema.ts';
import type { SnapshotKind } from '../snapshot-facts.ts';
import { MAX_SNAPSHOTS_IN_STATUS } from '../status-schema.ts';
import type { Subject } from './subject.ts';

type Run = NonNullable<KnownSnapshot['takenBy']>;

/**
 * The newest snapshots of a job that are still there, newest first: its FlinkStateSnapshots, what the status keeps, and what
 * the present run started from or the next one will, which is always among them. Which run took one, and when, is
 * remembered from when it was first seen.
 */
export function ledgerOf(subject: Subject): readonly KnownSnapshot[] {
  const { snapshots: before = [] } = (subject.resource.status ?? {}) as FlinkDeploymentStatus;
  const found = new Map<string, KnownSnapshot>();
  for (const snapshot of [...fromRestore(subject), ...fromHistory(subject), ...fromResources(subject)]) {
    const path = plainPath(snapshot.path ?? '');
    found.set(path, { ...found.get(path), ...snapshot });
  }
  const remembered = new Map(before.map((snapshot) => [plainPath(snapshot.path ?? ''), snapshot]));
  const needed = plainPath(subject.next.restore.path ?? '');
  return [...found]
    .map(([path, snapshot]) => ({
      isNeeded: path === needed,
      snapshot: known(subject, snapshot, remembered.get(path)),
    }))
    .sort((a, b) => (b.snapshot.timeStamp ?? 0) - (a.snapshot.timeStamp ?? 0))
    .sort((a, b) => Number(b.isNeeded) - Number(a.isNeeded))
    .slice(0, MAX_SNAPSHOTS_IN_STATUS)
    .map(({ snapshot }) => snapshot)
    .sort((a, b) => (b.timeStamp ?? 0) - (a.timeStamp ?? 0));
}

function known(subject: Subject, found: KnownSnapshot, before: KnownSnapshot | undefined): KnownSnapshot {
  const startedRun = startedFrom(subject, found) ?? before?.startedRun;
  const takenBy = before?.takenBy ?? found.takenBy;
  const timeStamp = before?.timeStamp ?? found.timeStamp;
  const sizeBytes = found.sizeBytes ?? sizeOf(subject, found) ?? before?.sizeBytes;
  return {
    ...found,
    ...(timeStamp === undefined ? {} : { timeStamp }),
    ...(takenBy === undefined ? {} : { takenBy }),
    ...(startedRun === undefined ? {} : { startedRun }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

/** The recorded run, if it started from this snapshot; one that has ended or is suspended tells of the next. */
function startedFrom({ resource, next }: Subject, { path = '' }: KnownSnapshot): Run | undefined {
  const { restore, jobId } = next;
  const started = next.state === 'UPGRADING' || (runs(next) && restore.leftBy !== jobId);
  if (!started || restore.path === undefined || plainPath(restore.path) !== plainPath(path)) return undefined;
  return { ...(jobId === undefined ? {} : { jobId }), startId: startIdOf(resource.metadata.uid ?? '', next) };
}

function sizeOf({ answer }: Subject, { path = '' }: KnownSnapshot): number | undefined {
  const { checkpoint, savepoint, history = [] } = answer?.checkpoints ?? {};
  return [checkpoint, savepoint, ...history].find((facts) => facts?.path === path)?.sizeBytes;
}

function fromResources(subject: Subject): readonly KnownSnapshot[] {
  return subject.snapshots.flatMap(({ metadata, spec, status }) => {
    const { state, path, triggerTimestamp = '', jobId, sizeBytes } = (status ?? {}) as FlinkStateSnapshotStatus;
    if (state !== 'COMPLETED' || path === undefined || path === '') return [];
    const { savepoint } = (spec ?? {}) as FlinkStateSnapshotSpec;
    const timeStamp = askedMs(triggerTimestamp, metadata.creationTimestamp);
    const takenBy = savepoint?.alreadyExists === true ? undefined : runOf(subject, jobId, timeStamp);
    return [
      {
        path,
        kind: savepoint === undefined ? 'checkpoint' : 'savepoint',
        timeStamp,
        triggerType: triggerOf(metadata.labels?.[SNAPSHOT_LABELS.trigger]),
        resource: metadata.name,
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
        ...(takenBy === undefined ? {} : { takenBy }),
      },
    ];
  });
}

function fromHistory(subject: Subject): readonly KnownSnapshot[] {
  const { savepointHistory = [], lastSavepoint } = subject.jobStatus.savepointInfo ?? {};
  return [...(lastSavepoint === undefined ? [] : [lastSavepoint]), ...savepointHistory].flatMap(
    ({ location, timeStamp = 0, triggerType = 'UNKNOWN' }) => {
      if (location === undefined || location === '') return [];
      const takenBy = triggerType === 'UPGRADE' ? undefined : runOf(subject, subject.record.jobId, timeStamp);
      const taken = takenBy?.startId === undefined ? {} : { takenBy };
      return [{ path: location, kind: 'savepoint', timeStamp, triggerType, ...taken }];
    },
  );
}

/** What the present run started from, or the next one will. */
function fromRestore(subject: Subject): readonly KnownSnapshot[] {
  const { path, leftBy, askedAt, mode } = subject.next.restore;
  if (path === undefined || mode === 'stateless') return [];
  const jobId = leftBy ?? (mode === 'last-state' ? subject.record.jobId : undefined);
  const takenBy = runOf(subject, jobId, askedAt ?? subject.now.getTime());
  return [
    {
      path,
      kind: kindOf(path),
      triggerType: askedAt === undefined ? 'UNKNOWN' : 'UPGRADE',
      ...(askedAt === undefined ? {} : { timeStamp: askedAt }),
      ...(takenBy === undefined ? {} : { takenBy }),
    },
  ];
}

/** The run of a job at a time: with its start id if it is the recorded one. */
function runOf({ resource, record }: Subject, jobId: string | undefined, atMs: number): Run | undefined {
  if (jobId === undefined) return undefined;
  const isRecorded = runs(record) && record.jobId === jobId && record.timestamp <= atMs;
  return { jobId, ...(isRecorded ? { startId: startIdOf(resource.metadata.uid ?? '', record) } : {}) };
}

/** Flink's folders of checkpoints are named `chk-` and a number (AbstractFsCheckpointStorageAccess, 1.15 to 2.3). */
function kindOf(path: string): SnapshotKind {
  return /(^|\/)chk-\d+$/.test(plainPath(path)) ? 'checkpoint' : 'savepoint';
}

function triggerOf(label: string | undefined): SnapshotTriggerType {
  return label === 'MANUAL' || label === 'PERIODIC' || label === 'UPGRADE' ? label : 'UNKNOWN';
}

function askedMs(...texts: readonly (string | undefined)[]): number {
  return texts.map((text) => Date.parse(text ?? '')).find((ms) => !Number.isNaN(ms)) ?? 0;
}
