import * as z from 'zod';
import { plainText } from '../lib/text.ts';
import { askCheckpointed, type RoundSoFar } from './checkpointed-client.ts';
import { askHealth, type HealthQuestion, stalledSince } from './health-client.ts';
import {
  type HealthFacts,
  isTerminal,
  type JobException,
  type JobFacts,
  type JobManagerAnswer,
  type TakingAnswer,
  type TaskCounts,
  type VertexFacts,
} from './observed.ts';
import { askRequirements } from './requirements-client.ts';
import { type Door, getJson, send, unexpected } from './rest-request-client.ts';
import { FlinkJobStatusState } from './schema.ts';
import { askCheckpoints, askSnapshot } from './snapshot-client.ts';
import { condensed } from './stack-trace.ts';

const MAX_JOBS = 100;
const MAX_TRACE = 8192;
/** What of a stack trace is looked at. */
const MAX_TRACE_READ = 262_144;
const MAX_FRAMES = 10;

/** How old `/jobs/:id` and what is below it may be (web.refresh-interval of Flink 1.15 to 2.3); the overview is always new. */
const MAX_CACHED_MS = 3000;

/** Names are a job's own: what is kept of them is short and has nothing that would steer a terminal. */
const Name = z.string().transform((text) => plainText(text, 200));
const Trace = z.string().transform((text) => plainText(text, MAX_TRACE_READ));

const Tasks = z.record(z.string(), z.number());
const Overview = z.object({
  jobs: z.array(
    z.object({
      jid: z.string().max(64),
      name: Name,
      state: FlinkJobStatusState,
      'start-time': z.number(),
      duration: z.number().optional(),
      'last-modification': z.number(),
      tasks: Tasks,
    }),
  ),
});
const Config = z.object({ 'flink-version': Name, 'flink-revision': Name });
const Details = z.object({
  state: FlinkJobStatusState.optional(),
  now: z.number().optional(),
  vertices: z.array(
    z.object({
      id: z.string().max(64),
      name: Name,
      parallelism: z.number(),
      slotSharingGroupId: Name.optional(),
      tasks: Tasks,
    }),
  ),
});
const Exceptions = z.object({
  exceptionHistory: z
    .object({
      entries: z.array(
        z.object({
          exceptionName: Name,
          stacktrace: Trace,
          timestamp: z.number(),
          taskName: Name.nullish(),
          endpoint: Name.nullish(),
          taskManagerId: Name.nullish(),
        }),
      ),
    })
    .optional(),
});

type OverviewJob = z.infer<typeof Overview>['jobs'][number];

/** What is to be known beyond the state of the jobs. */
export interface Questions {
  /** Something is changing: the job's snapshots are asked for, too. */
  readonly inTransition: boolean;
  /** The savepoint that the job is being stopped with. */
  readonly triggerId?: string;
  /** Asked for only where the user wants unhealthy clusters started anew. */
  readonly health?: HealthQuestion;
  /** The job is being given other sizes. */
  readonly scales?: boolean;
  /** The snapshots that the status says are under way. */
  readonly taking?: readonly Pick<TakingAnswer, 'kind' | 'triggerId'>[];
  /** Within so many milliseconds the job completes a checkpoint; absent where it takes none. */
  readonly checkpointWindowMs?: number;
}

/**
 * Asks a JobManager's REST API (v1 of Flink 1.15 to 2.3) for the state of its jobs. Details that cannot have changed
 * since `previous` are not asked again, so at rest one request is made, and one about checkpoints a minute. What the first
 * answer leaves to be asked is asked side by side. Throws FailureError when it does not answer.
 */
export async function askJobManager(
  door: Door,
  questions: Questions,
  previous: JobManagerAnswer | undefined,
): Promise<JobManagerAnswer> {
  const get: Get = (path, shape) => getJson(door, path, shape);
  const overview = await get('/jobs/overview', Overview);
  const config =
    previous === undefined
      ? await get('/config', Config)
      : { 'flink-version': previous.flinkVersion, 'flink-revision': previous.flinkRevision };
  const found = overview.jobs.find((job) => job.jid === door.target.jobId);
  const basic = {
    flinkVersion: config['flink-version'],
    flinkRevision: config['flink-revision'],
    jobs: overview.jobs.slice(0, MAX_JOBS).map((job) => ({ id: job.jid, state: job.state })),
  };
  if (found === undefined) return { ...basic, job: undefined };
  const { jid: id, state, 'start-time': start, duration } = found;
  const [job, snapshots] = await Promise.all([
    jobFacts(found, get, previous?.job),
    snapshotAnswers(door, questions, { id, state }, previous),
  ]);
  const health = questions.health === undefined ? undefined : await healthAnswer(door, questions.health, found, job);
  const scaling = await requirementsAnswer(door, questions, job);
  const round = { job, checkpoints: snapshots.checkpoints, before: previous?.checkpointed };
  const checkpointed = await checkpointedAnswer(door, questions, found, round);
  return {
    ...basic,
    job,
    ...scaling,
    ...snapshots,
    ...checkpointed,
    ...(health === undefined ? {} : { health: unlessSame(previous, health) }),
    ...(duration === undefined ? {} : { askedAt: start + duration }),
  };
}

async function requirementsAnswer(
  door: Door,
  { scales }: Questions,
  { state }: JobFacts,
): Promise<Pick<JobManagerAnswer, 'requirements'>> {
  return scales === true && !isTerminal(state) ? { requirements: await askRequirements(door) } : {};
}

async function checkpointedAnswer(
  door: Door,
  { checkpointWindowMs: windowMs }: Questions,
  { 'start-time': start, duration }: OverviewJob,
  round: Omit<RoundSoFar, 'atMs'>,
): Promise<Pick<JobManagerAnswer, 'checkpointed'>> {
  if (windowMs === undefined || duration === undefined) return {};
  const checkpointed = await askCheckpointed(door, windowMs, { ...round, atMs: start + duration });
  return checkpointed === undefined ? {} : { checkpointed };
}

async function healthAnswer(
  door: Door,
  { checkpointWindowMs: windowMs }: HealthQuestion,
  { 'start-time': start, duration }: OverviewJob,
  job: JobFacts,
): Promise<HealthFacts | undefined> {
  const health = isTerminal(job.state) ? undefined : await askHealth(door, job);
  if (health === undefined || windowMs === undefined || duration === undefined) return health;
  const since = stalledSince(job, await askCheckpoints(door), { atMs: start + duration, windowMs });
  return { ...health, ...(since === undefined ? {} : { stalledSince: since }) };
}

/** The answer of before where the health did not change, so that not every checkpoint is news. */
function unlessSame(previous: JobManagerAnswer | undefined, health: HealthFacts): HealthFacts {
  const before = previous?.health;
  const same = before?.restarts === health.restarts && before.stalledSince === health.stalledSince;
  return same ? before : health;
}

type SnapshotAnswers = Pick<JobManagerAnswer, 'checkpoints' | 'stop' | 'taking' | 'snapshotSeen'>;

async function snapshotAnswers(
  door: Door,
  questions: Questions,
  job: Pick<JobFacts, 'id' | 'state'>,
  previous: JobManagerAnswer | undefined,
): Promise<SnapshotAnswers> {
  const asked = { ...(await stopAnswer(door, questions)), ...(await takingAnswers(door, questions)) };
  const lost = asked.taking?.some(({ progress }) => progress.kind === 'unknown-trigger') === true;
  const seen = previous?.job?.id === job.id && previous.snapshotSeen === true;
  if (!lost && !wantsSnapshots(job, questions, seen)) return { ...asked, ...(seen ? { snapshotSeen: true } : {}) };
  const checkpoints = await askCheckpoints(door);
  return { ...asked, checkpoints, ...(seen || checkpoints.counts.completed > 0 ? { snapshotSeen: true } : {}) };
}

async function takingAnswers(door: Door, { taking = [] }: Questions): Promise<Pick<JobManagerAnswer, 'taking'>> {
  const answers: TakingAnswer[] = [];
  for (const { kind, triggerId } of taking) {
    answers.push({ kind, triggerId, progress: await askSnapshot(door, kind, triggerId) });
  }
  return answers.length === 0 ? {} : { taking: answers };
}

/** Snapshots are asked for while something changes, when the job has ended, and until its first one is complete. */
function wantsSnapshots({ state }: Pick<JobFacts, 'state'>, { inTransition }: Questions, seen: boolean): boolean {
  return isTerminal(state) || (state === 'RUNNING' && (inTransition || !seen));
}

async function stopAnswer(door: Door, { triggerId }: Questions): Promise<Pick<JobManagerAnswer, 'stop'>> {
  if (triggerId === undefined) return {};
  return { stop: { triggerId, progress: await askSnapshot(door, 'savepoint', triggerId) } };
}

type Get = <T>(path: string, shape: z.ZodType<T>) => Promise<T>;

/**
 * Nothing more is to be known of a job that is being initialized, and Flink would serve this answer for 3 s: longer than a
 * JobManager of Flink 1.20 lives after an initialization that failed.
 */
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
  if (job.state === 'INITIALIZING') return { ...basic, vertices: [], exception: undefined };
  const [details, exceptions] = await Promise.all([
    get(`/jobs/${job.jid}`, Details),
    get(`/jobs/${job.jid}/exceptions?maxExceptions=1`, Exceptions),
  ]);
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
  return { id, name, parallelism, active, slotSharingGroup: slotSharingGroupId };
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
export async function cancelJob(door: Door): Promise<void> {
  const { jobId } = door.target;
  const answer = await send(door, 'PATCH', `/jobs/${jobId}?mode=cancel`);
  if (![200, 202, 404, 409].includes(answer.status)) {
    throw unexpected(door.target, `cancelling job ${jobId} answered ${answer.status}`);
  }
}
