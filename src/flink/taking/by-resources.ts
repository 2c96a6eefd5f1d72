import type { Action } from '../../core/plan.ts';
import { type KubeObject, refOf } from '../../kube/object.ts';
import { optionOf } from '../flink-conf.ts';
import type { JobOptions } from '../options.ts';
import { dependantsOf, plainPath } from '../snapshot/dependants.ts';
import { type Due, dueNow, expired, NONCE_ANNOTATION, waitMsUntil } from '../snapshot/due.ts';
import { type FlinkStateSnapshotStatus, SNAPSHOT_KIND, SNAPSHOT_LABELS } from '../snapshot/schema.ts';
import { SNAPSHOT_FINALIZER } from '../snapshot/situation.ts';
import type { SnapshotKind } from '../snapshot-facts.ts';
import { askableKinds, dueFacts, NONCES, type Subject, type Taken } from './subject.ts';

/** Makes FlinkStateSnapshots of what is due, and deletes those whose time is over. The job runs. */
export function takeByResources(subject: Subject): Taken {
  const options = subject.options();
  const due = askableKinds(subject).map((kind) => ({ kind, ...dueNow(dueFacts(subject, kind, options)) }));
  const created = due.flatMap(({ kind, by }) => (by === undefined ? [] : [create(subject, options, { kind, by })]));
  const waitMs = waitMsUntil(due, subject.now.getTime());
  return { actions: [...created, ...retention(subject, options)], ...(waitMs === undefined ? {} : { waitMs }) };
}

function create(
  { resource, wanted, now }: Subject,
  options: JobOptions,
  { kind, by }: { readonly kind: SnapshotKind; readonly by: NonNullable<Due['by']> },
): Action<never> {
  const { name, namespace = '' } = resource.metadata;
  const nonce = wanted[NONCES[kind]];
  const savepoint = { formatType: options.savepointFormat, disposeOnDelete: options.savepointDisposeOnDelete };
  const object: KubeObject = {
    ...SNAPSHOT_KIND,
    metadata: {
      name: `${name}-${kind}-${by.toLowerCase()}-${now.getTime()}`,
      namespace,
      finalizers: [SNAPSHOT_FINALIZER],
      // With the job's own labels it is seen by every label selector that shows the job.
      labels: {
        ...resource.metadata.labels,
        [SNAPSHOT_LABELS.jobKind]: resource.kind,
        [SNAPSHOT_LABELS.jobName]: name,
        [SNAPSHOT_LABELS.type]: kind.toUpperCase(),
        [SNAPSHOT_LABELS.trigger]: by,
      },
      ...(by === 'MANUAL' ? { annotations: { [NONCE_ANNOTATION]: String(nonce) } } : {}),
    },
    spec: {
      jobReference: { kind: resource.kind, name },
      ...(kind === 'savepoint' ? { savepoint } : { checkpoint: {} }),
    },
  };
  return { kind: 'apply', object, because: by === 'MANUAL' ? `spec.job.${NONCES[kind]} is new` : 'its time has come' };
}

/** Deletes the resources only: a savepoint's files go with it where it says so, and never while somebody needs them. */
function retention(subject: Subject, options: JobOptions): readonly Action<never>[] {
  const { snapshots, conf, now } = subject;
  if (!options.savepointCleanupEnabled) return [];
  const { savepointHistoryMaxCount: maxCount, savepointHistoryMaxAgeMs: maxAgeMs } = options;
  const retained = optionOf(conf(), 'execution.checkpointing.num-retained', 'state.checkpoints.num-retained');
  const nowMs = now.getTime();
  const over = [
    ...expired(snapshots, 'savepoint', { maxCount, maxAgeMs, nowMs }),
    ...expired(snapshots, 'checkpoint', {
      maxCount: Math.max(1, Number(retained ?? 1) || 1),
      maxAgeMs: Number.MAX_SAFE_INTEGER,
      nowMs,
    }),
  ];
  return over
    .filter((snapshot) => !isNeeded(subject, snapshot))
    .map((snapshot) => ({
      kind: 'delete',
      ref: refOf(snapshot),
      uid: snapshot.metadata.uid ?? '',
      propagation: 'Background',
      because: 'its time is over',
    }));
}

/** Whether the job started from it, or will. */
function isNeeded({ resource, next }: Subject, { status }: KubeObject): boolean {
  const { path } = (status ?? {}) as FlinkStateSnapshotStatus;
  if (path === undefined || path === '') return false;
  return plainPath(next.restore.path ?? '') === plainPath(path) || dependantsOf(path, [resource]).length > 0;
}
