import type { CheckpointCoordinator, CheckpointStat } from './checkpoints.ts';
import type { Failure } from './failures.ts';
import type { JobGraph } from './graph.ts';
import type { JobState, RootCause, TaskState } from './job-home.ts';
import { ioMetrics } from './load.ts';
import type { Snapshot } from './truth.ts';

/** A job as REST shows it. */
export interface JobView {
  readonly graph: JobGraph;
  readonly state: JobState;
  readonly tasks: TaskState;
  readonly since: ReadonlyMap<JobState, number>;
  readonly lastModifiedMs: number;
  readonly exceptions: readonly RootCause[];
  readonly restarts: number;
}

const TASK_STATES = [
  'CREATED',
  'SCHEDULED',
  'DEPLOYING',
  'INITIALIZING',
  'RUNNING',
  'FINISHED',
  'CANCELING',
  'CANCELED',
  'FAILED',
  'RECONCILING',
] as const;

const JOB_STATES: readonly JobState[] = [
  'INITIALIZING',
  'CREATED',
  'RUNNING',
  'RESTARTING',
  'CANCELLING',
  'CANCELED',
  'FAILED',
  'FINISHED',
  'SUSPENDED',
];

/** The JSON keys of a job's times hold these states as well; a simulated job never is in them. */
const UNUSED_STATES = ['FAILING', 'RECONCILING'] as const;

function times(job: JobView): { readonly start: number; readonly end: number } {
  const start = job.since.get('INITIALIZING') ?? 0;
  const end = job.since.get('FINISHED') ?? job.since.get('CANCELED') ?? job.since.get('FAILED') ?? -1;
  return { start, end };
}

/** Before a job is initialized Flink knows no vertices of it. */
function vertices(job: JobView): JobGraph['vertices'] {
  return job.since.has('CREATED') ? job.graph.vertices : [];
}

function perState(job: JobView, count: number, spell: (state: string) => string): Record<string, number> {
  return Object.fromEntries(TASK_STATES.map((state) => [spell(state), state === job.tasks ? count : 0]));
}

/** One entry of /jobs/overview. */
export function overviewEntry(job: JobView, now: number): object {
  const { start, end } = times(job);
  const total = vertices(job).reduce((sum, vertex) => sum + vertex.parallelism, 0);
  return {
    jid: job.graph.jobId,
    name: job.graph.name,
    'start-time': start,
    'end-time': end,
    duration: (end < 0 ? now : end) - start,
    state: job.state,
    'last-modification': job.lastModifiedMs,
    tasks: { ...perState(job, total, (state) => state.toLowerCase()), total },
  };
}

/** /jobs/:id without `now`, which is never cached. */
export function details(job: JobView, now: number): object {
  const { start, end } = times(job);
  const timestamps = Object.fromEntries([
    ...JOB_STATES.map((state) => [state, job.since.get(state) ?? 0]),
    ...UNUSED_STATES.map((state) => [state, 0]),
  ]);
  return {
    jid: job.graph.jobId,
    name: job.graph.name,
    isStoppable: false,
    state: job.state,
    'job-type': 'STREAMING',
    'start-time': start,
    'end-time': end,
    duration: (end < 0 ? now : end) - start,
    maxParallelism: -1,
    timestamps,
    vertices: vertices(job).map((vertex) => vertexDetails(job, vertex, { start, now })),
    'status-counts': perState(job, vertices(job).length, (state) => state),
    plan: { jid: job.graph.jobId, name: job.graph.name, type: 'STREAMING', nodes: planNodes(job) },
  };
}

/** Each vertex sends what it has by key to the one after it. */
function planNodes(job: JobView): readonly object[] {
  return vertices(job).map(({ id, parallelism }, index, all) => {
    const before = all[index - 1];
    const inputs = before === undefined ? {} : { inputs: [{ num: 0, id: before.id, ship_strategy: 'HASH' }] };
    return { id, parallelism, operator: '', operator_strategy: '', description: '', ...inputs };
  });
}

function vertexDetails(
  job: JobView,
  vertex: JobGraph['vertices'][number],
  { start, now }: { readonly start: number; readonly now: number },
): object {
  return {
    id: vertex.id,
    slotSharingGroupId: '0123456789abcdef0123456789abcdef',
    name: vertex.name,
    maxParallelism: 128,
    parallelism: vertex.parallelism,
    status: job.tasks,
    'start-time': job.tasks === 'CREATED' ? -1 : start,
    'end-time': -1,
    duration: -1,
    tasks: perState(job, vertex.parallelism, (state) => state),
    metrics: ioMetrics(job, vertex, now),
  };
}

/** /jobs/:id/exceptions. */
export function exceptions(job: JobView): object {
  const entries = job.exceptions.map(({ name, trace, atMs, taskName }) => ({
    exceptionName: name,
    stacktrace: trace,
    timestamp: atMs,
    failureLabels: {},
    taskName: taskName ?? null,
    endpoint: taskName === undefined ? null : '10.0.0.9:6122',
    taskManagerId: taskName === undefined ? null : '10.0.0.9:6122-abcdef',
    concurrentExceptions: [],
  }));
  return { exceptionHistory: { entries, truncated: false } };
}

/** /jobs/:id/checkpoints. */
export function checkpoints({ history, past, counts, restored }: CheckpointCoordinator): object {
  const latest = (match: (stat: CheckpointStat) => boolean): object | null => {
    const found = history.find(match) ?? past.find(match);
    return found === undefined ? null : checkpointStat(found);
  };
  return {
    counts: { ...counts, in_progress: history.filter(({ state }) => state === 'IN_PROGRESS').length },
    summary: {},
    latest: {
      completed: latest(({ state, kind }) => state === 'COMPLETED' && kind === 'checkpoint'),
      savepoint: latest(({ state, kind }) => state === 'COMPLETED' && kind === 'savepoint'),
      failed: latest(({ state }) => state === 'FAILED'),
      restored: restored === undefined ? null : restoredStat(restored.snapshot, restored.atMs),
    },
    history: history.map(checkpointStat),
  };
}

function restoredStat(snapshot: Snapshot, atMs: number): object {
  return {
    id: snapshot.checkpointId,
    restore_timestamp: atMs,
    is_savepoint: snapshot.kind === 'savepoint',
    external_path: snapshot.path,
  };
}

/** One checkpoint of the history, also /jobs/:id/checkpoints/details/:n. */
export function checkpointStat(stat: CheckpointStat): object {
  const clazz = { IN_PROGRESS: 'in_progress', COMPLETED: 'completed', FAILED: 'failed' }[stat.state];
  const ended = stat.endedMs ?? stat.triggeredMs;
  return {
    className: clazz,
    id: stat.id,
    status: stat.state,
    is_savepoint: stat.kind === 'savepoint',
    savepointFormat: stat.kind === 'savepoint' ? 'CANONICAL' : null,
    trigger_timestamp: stat.triggeredMs,
    latest_ack_timestamp: stat.state === 'IN_PROGRESS' ? -1 : ended,
    checkpointed_size: 4096,
    state_size: 4096,
    end_to_end_duration: ended - stat.triggeredMs,
    alignment_buffered: 0,
    processed_data: 0,
    persisted_data: 0,
    num_subtasks: 2,
    num_acknowledged_subtasks: stat.state === 'COMPLETED' ? 2 : 0,
    checkpoint_type: stat.kind === 'savepoint' ? 'SAVEPOINT' : 'CHECKPOINT',
    tasks: {},
    ...(stat.snapshot === undefined
      ? {}
      : { external_path: stat.snapshot.path, discarded: stat.snapshot.discardedMs !== undefined }),
    ...(stat.state === 'FAILED' ? { failure_timestamp: ended, failure_message: stat.failure ?? '' } : {}),
  };
}

/** A Throwable in the answer of an asynchronous operation (SerializedThrowableSerializer). */
export function failureCause({ name, trace }: Failure): object {
  return { class: name, 'stack-trace': trace, 'serialized-throwable': btoa(name) };
}
