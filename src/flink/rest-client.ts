import { z } from 'zod';
import type { ServiceHttp } from '../core/ports.ts';
import type { JobException, JobFacts, JobManagerAnswer, TaskCounts, VertexFacts } from './observed.ts';
import { getJson, type JobManagerTarget, send, unexpected } from './rest-request-client.ts';
import { FlinkJobStatusState } from './schema.ts';
import { condensed } from './stack-trace.ts';

const MAX_JOBS = 100;
const MAX_TRACE = 8192;
const MAX_FRAMES = 10;

/** How old `/jobs/:id` and what is below it may be (web.refresh-interval of Flink 1.15 to 2.3); the overview is always new. */
const MAX_CACHED_MS = 3000;

const Tasks = z.record(z.string(), z.number());
const Overview = z.object({
  jobs: z.array(
    z.object({
      jid: z.string(),
      name: z.string(),
      state: FlinkJobStatusState,
      'start-time': z.number(),
      'last-modification': z.number(),
      tasks: Tasks,
    }),
  ),
});
const Config = z.object({ 'flink-version': z.string(), 'flink-revision': z.string() });
const Details = z.object({
  state: FlinkJobStatusState.optional(),
  now: z.number().optional(),
  vertices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      parallelism: z.number(),
      slotSharingGroupId: z.string().optional(),
      tasks: Tasks,
    }),
  ),
});
const Exceptions = z.object({
  exceptionHistory: z
    .object({
      entries: z.array(
        z.object({
          exceptionName: z.string(),
          stacktrace: z.string(),
          timestamp: z.number(),
          taskName: z.string().nullish(),
          endpoint: z.string().nullish(),
          taskManagerId: z.string().nullish(),
        }),
      ),
    })
    .optional(),
});

type OverviewJob = z.infer<typeof Overview>['jobs'][number];

/**
 * Asks a JobManager's REST API (v1 of Flink 1.15 to 2.3) for the state of its jobs. Details that cannot have changed
 * since `previous` are not asked again, so at rest one request is made. Throws FailureError when it does not answer.
 */
export async function askJobManager(
  http: ServiceHttp,
  target: JobManagerTarget,
  signal: AbortSignal,
  previous: JobManagerAnswer | undefined,
): Promise<JobManagerAnswer> {
  const get: Get = (path, shape) => getJson({ http, target, signal }, path, shape);
  const overview = await get('/jobs/overview', Overview);
  const config =
    previous === undefined
      ? await get('/config', Config)
      : { 'flink-version': previous.flinkVersion, 'flink-revision': previous.flinkRevision };
  const found = overview.jobs.find((job) => job.jid === target.jobId);
  return {
    flinkVersion: config['flink-version'],
    flinkRevision: config['flink-revision'],
    jobs: overview.jobs.slice(0, MAX_JOBS).map((job) => ({ id: job.jid, state: job.state })),
    job: found === undefined ? undefined : await jobFacts(found, get, previous?.job),
  };
}

type Get = <T>(path: string, shape: z.ZodType<T>) => Promise<T>;

async function jobFacts(job: OverviewJob, get: Get, before: JobFacts | undefined): Promise<JobFacts> {
  const basic = {
    id: job.jid,
    name: job.name,
    state: job.state,
    startTime: job['start-time'],
    lastModification: job['last-modification'],
    tasks: countTasks(job.tasks),
  };
  if (before !== undefined && before.vertices.length > 0 && isUnchanged(before, basic)) return before;
  const details = await get(`/jobs/${job.jid}`, Details);
  const exceptions = await get(`/jobs/${job.jid}/exceptions?maxExceptions=1`, Exceptions);
  const facts = { ...basic, vertices: details.vertices.map(vertexFacts), exception: newestException(exceptions) };
  const age = detailsAge(facts, details);
  return age === undefined ? facts : { ...facts, details: age };
}

/** Both times are of the JobManager's clock, so they can be compared. */
function detailsAge(facts: JobFacts, { state, now }: z.infer<typeof Details>): JobFacts['details'] {
  const active = facts.vertices.reduce((sum, vertex) => sum + vertex.active, 0);
  if ((state !== undefined && state !== facts.state) || active !== facts.tasks.active) return 'behind';
  return now !== undefined && now - facts.lastModification <= MAX_CACHED_MS ? 'recent' : undefined;
}

/** Whether nothing happened to the job since: neither its state nor the number of its active tasks changed. */
function isUnchanged(before: JobFacts, now: Pick<JobFacts, 'id' | 'lastModification' | 'tasks'>): boolean {
  return (
    before.details === undefined &&
    before.id === now.id &&
    before.lastModification === now.lastModification &&
    before.tasks.total === now.tasks.total &&
    before.tasks.active === now.tasks.active
  );
}

function countTasks(tasks: Readonly<Record<string, number>>): TaskCounts {
  return { total: tasks.total ?? 0, active: (tasks.running ?? 0) + (tasks.finished ?? 0) };
}

function vertexFacts(vertex: z.infer<typeof Details>['vertices'][number]): VertexFacts {
  const { id, name, parallelism, slotSharingGroupId, tasks } = vertex;
  const active = (tasks.RUNNING ?? 0) + (tasks.FINISHED ?? 0);
  return { id, name: name.slice(0, 200), parallelism, active, slotSharingGroup: slotSharingGroupId };
}

function newestException(answer: z.infer<typeof Exceptions>): JobException | undefined {
  const entry = answer.exceptionHistory?.entries[0];
  if (entry === undefined) return undefined;
  return {
    name: entry.exceptionName,
    stackTrace: condensed(entry.stacktrace, MAX_FRAMES, MAX_TRACE),
    timestamp: entry.timestamp,
    taskName: entry.taskName ?? undefined,
    endpoint: entry.endpoint ?? undefined,
    taskManagerId: entry.taskManagerId ?? undefined,
  };
}

/**
 * Asks Flink to cancel a job (PATCH /jobs/:id?mode=cancel; 202 accepted). A job that is unknown (404) or already over
 * (409) counts as done, so the request may be repeated. Throws FailureError otherwise.
 */
export async function cancelJob(http: ServiceHttp, target: JobManagerTarget, signal: AbortSignal): Promise<void> {
  const answer = await send({ http, target, signal }, 'PATCH', `/jobs/${target.jobId}?mode=cancel`);
  if (![200, 202, 404, 409].includes(answer.status)) {
    throw unexpected(target, `cancelling job ${target.jobId} answered ${answer.status}`);
  }
}
