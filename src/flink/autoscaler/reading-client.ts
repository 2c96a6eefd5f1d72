import * as z from 'zod';
import { plainText } from '../../lib/text.ts';
import { type Door, getJson, unexpected } from '../rest-request-client.ts';
import type { JobVertex, OverSubtasks, Reading, SourceReading, VertexReading } from './model.ts';
import { metricNames, partitionsIn, VERTEX_METRICS, type WantedMetrics } from './reading-names.ts';

/** What Flink says of a job at one time: how it is built, and what its tasks do. */
export interface JobReading {
  /** When the job became RUNNING for the last time, by the JobManager's clock, as `reading.at`. */
  readonly runningSince: number;
  readonly vertices: readonly JobVertex[];
  readonly reading: Reading;
}

/** Numbers as Jackson writes them: what JSON has no word for is text (`"NaN"`). */
const Numeric = z.union([z.number(), z.string()]).transform((value) => finite(Number(value)));

const Id = z.string().max(64);

const Details = z.object({
  now: z.number(),
  timestamps: z.object({ RUNNING: z.number() }),
  vertices: z.array(
    z.object({
      id: Id,
      name: z.string().transform((text) => plainText(text, 200)),
      slotSharingGroupId: Id.nullish(),
      maxParallelism: z.number(),
      parallelism: z.number(),
      status: z.string(),
      metrics: z.object({
        'read-records': Numeric.nullish(),
        'write-records': Numeric.nullish(),
        'accumulated-busy-time': Numeric.nullish(),
      }),
    }),
  ),
  plan: z.object({
    nodes: z.array(
      z.object({ id: Id, inputs: z.array(z.object({ id: Id, ship_strategy: z.string().nullish() })).nullish() }),
    ),
  }),
});
type Details = z.infer<typeof Details>;

const Names = z.array(z.object({ id: z.string() }));
const Aggregated = z.array(
  z.object({
    id: z.string(),
    min: Numeric.nullish(),
    max: Numeric.nullish(),
    avg: Numeric.nullish(),
    sum: Numeric.nullish(),
  }),
);
type Aggregated = z.infer<typeof Aggregated>[number];

/** Vertices of one job that are looked at; a larger job is not scaled. */
const MAX_VERTICES = 200;
/** Vertices that are asked for at the same time. */
const AT_ONCE = 8;

/**
 * Reads what an autoscaler goes by: the job's details and plan, metrics over the subtasks of each vertex, and heap and garbage
 * collection of the TaskManagers (GET /jobs/:id, /jobs/:id/vertices/:id/subtasks/metrics, /taskmanagers/metrics; Flink 1.15 to
 * 2.3, the same the Flink Kubernetes Operator 1.15 reads). What Flink has no number for is left out. Throws FailureError when
 * it does not answer, knows no plan yet, or the job has too many vertices.
 */
export async function readJob(door: Door): Promise<JobReading> {
  const { jobId } = door.target;
  const details = await getJson(door, `/jobs/${jobId}`, Details);
  const runningSince = details.timestamps.RUNNING;
  if (runningSince <= 0 || details.vertices.length === 0) throw unexpected(door.target, 'the job does not run yet');
  if (details.vertices.length > MAX_VERTICES) {
    const count = details.vertices.length;
    throw unexpected(door.target, `the job has ${count} vertices, the autoscaler reads no more than ${MAX_VERTICES}`);
  }
  const vertices = verticesOf(details);
  const readings = new Map<string, VertexReading>();
  for (let from = 0; from < vertices.length; from += AT_ONCE) {
    const some = vertices.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map((vertex) => readVertex(door, vertex, details)));
    for (const [index, { id }] of some.entries()) readings.set(id, read[index] as VertexReading);
  }
  return { runningSince, vertices, reading: { at: details.now, vertices: readings, ...(await readMemory(door)) } };
}

function verticesOf({ vertices, plan }: Details): readonly JobVertex[] {
  const inputs = new Map(plan.nodes.map((node) => [node.id, node.inputs ?? []] as const));
  const known = new Set(vertices.map(({ id }) => id));
  return vertices.map(({ id, name, parallelism, maxParallelism, status, slotSharingGroupId }) => ({
    id,
    name,
    parallelism,
    maxParallelism,
    inputs: (inputs.get(id) ?? [])
      .filter((input) => known.has(input.id))
      .map((input) => ({ id: input.id, shipStrategy: (input.ship_strategy ?? 'UNKNOWN').toUpperCase() })),
    finished: status === 'FINISHED',
    slotSharingGroup: slotSharingGroupId ?? undefined,
  }));
}

async function readVertex(door: Door, vertex: JobVertex, { vertices }: Details): Promise<VertexReading> {
  const metrics = vertices.find(({ id }) => id === vertex.id)?.metrics;
  const counted = {
    recordsIn: metrics?.['read-records'] ?? 0,
    recordsOut: metrics?.['write-records'] ?? 0,
    accumulatedBusyMs: metrics?.['accumulated-busy-time'] ?? undefined,
  };
  if (vertex.finished) return counted;
  const path = `/jobs/${door.target.jobId}/vertices/${vertex.id}/subtasks/metrics`;
  if (vertex.inputs.length > 0) return { ...counted, ...taskReading(await readTask(door, path)) };
  const names = await getJson(door, path, Names);
  const wanted = metricNames(names.map(({ id }) => id));
  const values = await readMetrics(door, path, [...wanted.task, ...wanted.source]);
  const partitions = partitionsIn(names.map(({ id }) => id));
  return { ...counted, ...taskReading(values), source: sourceReading(values, wanted, partitions) };
}

/** Flink answers nothing at all where one of the names it is asked for is missing: then by those there are. */
async function readTask(door: Door, path: string): Promise<readonly Aggregated[]> {
  const values = await readMetrics(door, path, VERTEX_METRICS);
  if (values.length > 0) return values;
  const names = await getJson(door, path, Names);
  return readMetrics(door, path, metricNames(names.map(({ id }) => id)).task);
}

async function readMetrics(door: Door, path: string, names: readonly string[]): Promise<readonly Aggregated[]> {
  if (names.length === 0) return [];
  return getJson(door, `${path}?get=${names.map(encodeURIComponent).join(',')}`, Aggregated);
}

function taskReading(
  values: readonly Aggregated[],
): Pick<VertexReading, 'busyMsPerSecond' | 'backPressuredMsPerSecond' | 'recordsInPerSecond'> {
  const of = (name: (typeof VERTEX_METRICS)[number]) => values.find(({ id }) => id === name);
  return {
    busyMsPerSecond: overSubtasks(of('busyTimeMsPerSecond')),
    backPressuredMsPerSecond: of('backPressuredTimeMsPerSecond')?.avg ?? undefined,
    recordsInPerSecond: of('numRecordsInPerSecond')?.sum ?? undefined,
  };
}

function overSubtasks(value: Aggregated | undefined): OverSubtasks | undefined {
  const { min, max, avg } = value ?? {};
  return typeof min === 'number' && typeof max === 'number' && typeof avg === 'number' ? { min, max, avg } : undefined;
}

function sourceReading(
  values: readonly Aggregated[],
  { recordsIn, recordsInPerSecond, recordsOut, pendingRecords }: WantedMetrics,
  partitions: number | undefined,
): SourceReading {
  const sumOf = (names: readonly string[]): number | undefined => {
    const found = values.filter(({ id }) => names.includes(id)).flatMap(({ sum }) => sum ?? []);
    return found.length === 0 ? undefined : found.reduce((total, sum) => total + sum, 0);
  };
  return {
    recordsIn: sumOf(recordsIn),
    recordsInPerSecond: sumOf(recordsInPerSecond),
    recordsOut: sumOf(recordsOut),
    pendingRecords: sumOf(pendingRecords),
    partitions,
  };
}

const HEAP = { used: 'Status.JVM.Memory.Heap.Used', max: 'Status.JVM.Memory.Heap.Max' } as const;
/** Flink 1.19 to 2.3. */
const GC = 'Status.JVM.GarbageCollector.All.TimeMsPerSecond';

/** Over all TaskManagers, those of a session's other jobs too, as Flink tells them together only. */
async function readMemory(door: Door): Promise<Pick<Reading, 'heapUsage' | 'gcPressure'>> {
  const ask = (names: readonly string[]) => getJson(door, `/taskmanagers/metrics?get=${names.join(',')}`, Aggregated);
  const all = await ask([HEAP.used, HEAP.max, GC]);
  const values = all.length > 0 ? all : await ask([HEAP.used, HEAP.max]);
  const highest = (name: string) => values.find(({ id }) => id === name)?.max ?? undefined;
  const [used, max, gc] = [highest(HEAP.used), highest(HEAP.max), highest(GC)];
  return {
    ...(used === undefined || max === undefined || max <= 0 ? {} : { heapUsage: used / max }),
    ...(gc === undefined ? {} : { gcPressure: gc / 1000 }),
  };
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
