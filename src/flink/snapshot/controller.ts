import { FailureError } from '../../core/failure.ts';
import type { Reader, ServiceHttp } from '../../core/ports.ts';
import type { Access, Reconciler, Watched } from '../../core/reconciler.ts';
import { isBeingDeleted, type KubeObject, keyOf, type ObjectKey } from '../../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import type { OperatorDefaults } from '../flink-conf.ts';
import type { Door, JobManagerTarget } from '../rest-request-client.ts';
import { FLINK_GROUP } from '../schema.ts';
import {
  askCheckpoint,
  askCheckpoints,
  askDisposal,
  askSnapshot,
  disposeSavepoint,
  triggerCheckpoint,
  triggerSavepoint,
} from '../snapshot-client.ts';
import { decideSnapshot, decideSnapshotFailed } from './decide.ts';
import { JOB_KINDS, observeSnapshot } from './observe.ts';
import type { SnapshotAnswer, SnapshotObserved } from './observed.ts';
import { type FlinkStateSnapshotSpec, type FlinkStateSnapshotStatus, SNAPSHOT_KIND } from './schema.ts';
import { isSavepoint, type SnapshotEffect, snapshotSituation } from './situation.ts';

/** What the FlinkStateSnapshot controller needs from outside. */
export interface SnapshotControllerOptions {
  readonly http: ServiceHttp;
  /** Read at every pass, so that a change of the operator's configuration needs no restart. */
  readonly defaults: () => OperatorDefaults;
  /** How often a JobManager is asked about a snapshot under way, in milliseconds. */
  readonly probeMs: number;
}

/** The FlinkStateSnapshot controller, as the runtime drives it. */
export type SnapshotReconciler = Reconciler<SnapshotObserved, FlinkStateSnapshotStatus, SnapshotEffect, SnapshotAnswer>;

/** API access the FlinkStateSnapshot controller uses beyond that of the FlinkDeployment controller. */
export const SNAPSHOT_ACCESS: readonly Access[] = [
  {
    group: FLINK_GROUP,
    resources: ['flinkstatesnapshots'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'take snapshots, create those that are due, delete those whose time is over',
  },
  { group: FLINK_GROUP, resources: ['flinkstatesnapshots/status'], verbs: ['update'], why: 'write status' },
];

const WATCHES: readonly Watched[] = Object.values(JOB_KINDS).map((kind) => ({ kind, toKey: waitingFor }));

/** The snapshots that are not finished and refer to a job's resource. */
function waitingFor({ kind, metadata }: KubeObject, read: Reader): readonly ObjectKey[] {
  const { name, namespace = '' } = metadata;
  return read
    .list(SNAPSHOT_KIND, namespace, {})
    .filter((snapshot) => {
      const { jobReference } = (snapshot.spec ?? {}) as FlinkStateSnapshotSpec;
      const { state } = (snapshot.status ?? {}) as FlinkStateSnapshotStatus;
      const over = state === 'COMPLETED' || state === 'FAILED' || state === 'ABANDONED';
      return jobReference?.name === name && jobReference.kind === kind && (!over || isBeingDeleted(snapshot));
    })
    .map((snapshot) => keyOf(snapshot.metadata));
}

/** What is remembered between the passes over one snapshot; lost with the process, and then found out again. */
interface Memory {
  readonly targets: Map<ObjectKey, JobManagerTarget>;
  /** Trigger ids of disposals that Flink works on: it draws them itself. */
  readonly disposals: Map<ObjectKey, string>;
}

/** Builds the FlinkStateSnapshot controller. */
export function createSnapshotReconciler({ http, defaults, probeMs }: SnapshotControllerOptions): SnapshotReconciler {
  const memory: Memory = { targets: new Map(), disposals: new Map() };
  return {
    name: 'flinkstatesnapshot',
    kind: SNAPSHOT_KIND,
    watches: WATCHES,
    access: SNAPSHOT_ACCESS,
    observe: (resource, read, probe) => observeSnapshot(resource, { read, probe, defaults: defaults() }),
    decide(resource, observed, now) {
      const plan = decideSnapshot(snapshotSituation(resource, observed, now, defaults()), probeMs);
      remember(memory, keyOf(resource.metadata), plan.probeEveryMs === undefined ? undefined : observed);
      return plan;
    },
    failed: (resource, failure, now) =>
      decideSnapshotFailed(snapshotSituation(resource, UNSEEN, now, defaults()), failure),
    perform: (resource, effect, signal) =>
      perform({ http, target: effect.target, signal }, { resource, effect, memory }),
    ask: (resource, signal) => ask({ http, target: targetOf(memory, resource), signal }, resource, memory),
    answersEqual: deepEqual,
  };
}

const UNSEEN: SnapshotObserved = {
  job: undefined,
  others: [],
  dependants: [],
  rest: { kind: 'unknown', why: 'not looked at' },
};

/** Where to ask, for as long as something is to be asked. */
function remember({ targets, disposals }: Memory, key: ObjectKey, observed: SnapshotObserved | undefined): void {
  const target = observed?.job?.cluster?.target;
  if (target !== undefined) targets.set(key, target);
  else if (observed === undefined) {
    targets.delete(key);
    disposals.delete(key);
  }
}

function targetOf({ targets }: Memory, resource: KubeObject): JobManagerTarget {
  const key = keyOf(resource.metadata);
  const target = targets.get(key);
  if (target !== undefined) return target;
  throw new FailureError({ kind: 'transient', message: `${key}: its job has no JobManager that could be asked` });
}

interface Performance {
  readonly resource: KubeObject;
  readonly effect: SnapshotEffect;
  readonly memory: Memory;
}

async function perform(door: Door, { resource, effect, memory }: Performance): Promise<void> {
  switch (effect.kind) {
    case 'trigger-savepoint':
      return triggerSavepoint(door, effect.request);
    case 'trigger-checkpoint':
      return triggerCheckpoint(door, effect.request);
    case 'dispose-savepoint': {
      const key = keyOf(resource.metadata);
      if (!memory.disposals.has(key)) memory.disposals.set(key, await disposeSavepoint(door, effect.path));
    }
  }
}

const NOTHING: SnapshotAnswer = {
  triggerId: undefined,
  progress: undefined,
  checkpoint: undefined,
  checkpoints: undefined,
  disposal: undefined,
};

async function ask(door: Door, resource: KubeObject, memory: Memory): Promise<SnapshotAnswer> {
  const disposalId = memory.disposals.get(keyOf(resource.metadata));
  if (disposalId !== undefined) return askAboutDisposal(door, { resource, disposalId, memory });
  const { triggerId, state } = (resource.status ?? {}) as FlinkStateSnapshotStatus;
  if (triggerId === undefined || state !== 'IN_PROGRESS') return NOTHING;
  const kind = isSavepoint((resource.spec ?? {}) as FlinkStateSnapshotSpec) ? 'savepoint' : 'checkpoint';
  const progress = await askSnapshot(door, kind, triggerId);
  const id = progress.kind === 'completed' ? progress.checkpointId : undefined;
  const checkpoint = id === undefined ? undefined : await askCheckpoint(door, id);
  const checkpoints = progress.kind === 'unknown-trigger' ? await askCheckpoints(door) : undefined;
  return { ...NOTHING, triggerId, progress, checkpoint, checkpoints };
}

interface Disposal {
  readonly resource: KubeObject;
  readonly disposalId: string;
  readonly memory: Memory;
}

async function askAboutDisposal(door: Door, { resource, disposalId, memory }: Disposal): Promise<SnapshotAnswer> {
  const { path = '' } = (resource.status ?? {}) as FlinkStateSnapshotStatus;
  const disposal = await askDisposal(door, disposalId, path);
  // What failed, or was forgotten with the JobManager, may be asked for again.
  const over = disposal.kind === 'failed' || disposal.kind === 'unknown-trigger';
  if (over) memory.disposals.delete(keyOf(resource.metadata));
  return { ...NOTHING, disposal };
}
