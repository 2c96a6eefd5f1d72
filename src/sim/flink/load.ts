import type { GraphVertex } from './adaptive.ts';
import type { JobGraph } from './graph.ts';
import type { JobState, TaskState } from './job-home.ts';

/** What of a job says how much it does. */
interface Loaded {
  readonly graph: JobGraph;
  readonly tasks: TaskState;
  readonly since: ReadonlyMap<JobState, number>;
}

/** Metrics of a vertex that an autoscaler reads, as Flink names them. */
type Metrics = Readonly<Record<string, number>>;

/** Records a second that get through a job: what comes in, or as much of that as its narrowest vertex can do. */
function throughput(graph: JobGraph): number {
  return Math.min(graph.code.perSecond ?? 0, ...graph.vertices.map((vertex) => capacity(graph, vertex)));
}

function capacity({ code }: JobGraph, { name, parallelism }: GraphVertex): number {
  const perTask = code.vertices.find((vertex) => vertex.name === name)?.perTask;
  return perTask === undefined ? Number.POSITIVE_INFINITY : perTask * parallelism;
}

/** Records that got through since the job's tasks last began. */
function records(job: Loaded, now: number): number {
  const since = job.since.get('RUNNING');
  return since === undefined || job.tasks !== 'RUNNING'
    ? 0
    : Math.floor((throughput(job.graph) * (now - since)) / 1000);
}

/** `metrics` of a vertex in /jobs/:id. */
export function ioMetrics(job: Loaded, vertex: GraphVertex, now: number): object {
  const [first] = job.graph.vertices;
  const count = records(job, now);
  const busy = busyMs(job, vertex) * Math.max(0, (now - (job.since.get('RUNNING') ?? now)) / 1000) * vertex.parallelism;
  return {
    'read-records': vertex.id === first?.id ? 0 : count,
    'write-records': vertex.id === job.graph.vertices.at(-1)?.id ? 0 : count,
    'accumulated-busy-time': busy,
  };
}

function busyMs({ graph }: Loaded, vertex: GraphVertex): number {
  const most = capacity(graph, vertex);
  return most === Number.POSITIVE_INFINITY ? 0 : (throughput(graph) / most) * 1000;
}

/** Sums over the subtasks of a vertex, of the metrics that are the same for each but in their number. */
export function subtaskMetrics(job: Loaded, vertex: GraphVertex, now: number): Metrics {
  const rate = throughput(job.graph);
  const task = { busyTimeMsPerSecond: busyMs(job, vertex), backPressuredTimeMsPerSecond: 0 };
  const summed = Object.fromEntries(Object.entries(task).map(([name, value]) => [name, value * vertex.parallelism]));
  if (vertex.id !== job.graph.vertices[0]?.id) return { ...summed, numRecordsInPerSecond: rate };
  return {
    ...summed,
    numRecordsInPerSecond: 0,
    'Source__numbers.numRecordsIn': records(job, now),
    'Source__numbers.numRecordsInPerSecond': rate,
    'Source__numbers.numRecordsOut': records(job, now),
  };
}

/** The answer of a metrics endpoint that aggregates: names alone, or values, of which it has none where one is missing. */
export function aggregated(sums: Metrics, asked: string | null, subtasks: number): readonly object[] {
  if (asked === null) return Object.keys(sums).map((id) => ({ id }));
  const values = asked.split(',').map((id) => [id, sums[id]] as const);
  if (values.some(([, sum]) => sum === undefined)) return [];
  return values.map(([id, sum = 0]) => {
    const each = sum / subtasks;
    return { id, min: each, max: each, avg: each, sum, skew: 0 };
  });
}

/** Metrics of TaskManagers that are half full. */
export const TASK_MANAGER_METRICS: Metrics = {
  'Status.JVM.Memory.Heap.Used': 268_435_456,
  'Status.JVM.Memory.Heap.Max': 536_870_912,
  'Status.JVM.GarbageCollector.All.TimeMsPerSecond': 1,
};
