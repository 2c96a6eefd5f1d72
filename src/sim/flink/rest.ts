import { isRecord } from '../../lib/json.ts';
import type { ProcessAnswer, ProcessRequest } from '../process.ts';
import { boundsIn, requirementsBody } from './adaptive.ts';
import { type Failure, jobNotFound } from './failures.ts';
import type { JobGraph } from './graph.ts';
import type { Installation } from './installation.ts';
import { aggregated, subtaskMetrics, TASK_MANAGER_METRICS } from './load.ts';
import { type Call, noJob, ok, type RestParts, refused } from './rest-call.ts';
import { RestJars } from './rest-jars.ts';
import { RestOperations } from './rest-operations.ts';
import { checkpointStat, checkpoints, details, exceptions, type JobView, overviewEntry } from './views.ts';

/** web.refresh-interval: how old a graph or checkpoint statistics may be. */
const CACHED_MS = 3_000;

type Handler = (call: Call) => ProcessAnswer | Promise<ProcessAnswer>;

/** The REST API of one JobManager that leads, as of Flink 1.20 to 2.3: the calls an operator makes. */
export class JobManagerRest {
  private readonly parts: RestParts;
  private readonly rejectedJobs = new Map<string, JobView>();
  private readonly cache = new Map<string, { readonly atMs: number; readonly value: object }>();
  private readonly jars: RestJars;
  private readonly routes: readonly (readonly [string, RegExp, Handler])[];

  constructor(parts: RestParts) {
    this.parts = parts;
    this.jars = new RestJars(parts);
    const operations = new RestOperations(parts);
    const { jars } = this;
    const job = '^/jobs/([0-9a-f]{32})';
    this.routes = [
      ['GET', /^\/config$/, () => ok(config(parts.home))],
      ['GET', /^\/taskmanagers$/, () => ok(this.taskManagers())],
      ['GET', /^\/jobs\/overview$/, () => ok({ jobs: this.views().map((view) => overviewEntry(view, parts.now())) })],
      ['GET', new RegExp(`${job}$`), (call) => this.details(call)],
      ['PATCH', new RegExp(`${job}$`), (call) => this.cancel(call)],
      ['GET', new RegExp(`${job}/resource-requirements$`), (call) => this.requirements(call)],
      ['PUT', new RegExp(`${job}/resource-requirements$`), (call) => this.require(call)],
      ['GET', new RegExp(`${job}/exceptions$`), (call) => this.exceptions(call)],
      ['GET', new RegExp(`${job}/metrics$`), (call) => this.metrics(call)],
      ['GET', new RegExp(`${job}/vertices/([0-9a-f]{32})/subtasks/metrics$`), (call) => this.subtasks(call)],
      ['GET', /^\/taskmanagers\/metrics$/, ({ query }) => ok(aggregated(TASK_MANAGER_METRICS, query.get('get'), 1))],
      ['GET', new RegExp(`${job}/checkpoints$`), (call) => this.checkpoints(call)],
      ['GET', new RegExp(`${job}/checkpoints/details/(\\d+)$`), (call) => this.checkpoint(call)],
      ['POST', new RegExp(`${job}/checkpoints$`), (call) => operations.triggerCheckpoint(call)],
      ['GET', new RegExp(`${job}/checkpoints/([0-9a-f]{32})$`), (call) => operations.checkpointTrigger(call)],
      ['POST', new RegExp(`${job}/savepoints$`), (call) => operations.triggerSavepoint(call)],
      ['POST', new RegExp(`${job}/stop$`), (call) => operations.stop(call)],
      ['GET', new RegExp(`${job}/savepoints/([0-9a-f]{32})$`), (call) => operations.savepointTrigger(call)],
      ['POST', /^\/savepoint-disposal$/, (call) => operations.dispose(call)],
      ['GET', /^\/jars$/, () => jars.list()],
      ['POST', /^\/jars\/upload$/, (call) => jars.upload(call)],
      ['POST', /^\/jars\/([^/]+)\/run$/, (call) => jars.run(call)],
      ['DELETE', /^\/jars\/([^/]+)$/, (call) => jars.delete(call)],
      ['GET', /^\/savepoint-disposal\/([0-9a-f]{32})$/, (call) => operations.disposal(call)],
    ];
  }

  /** Lists a job whose submission failed. */
  reject(graph: JobGraph, cause: Failure): void {
    const atMs = this.parts.now();
    const since = new Map([['INITIALIZING', atMs] as const, ['FAILED', atMs] as const]);
    const base = { graph, since, lastModifiedMs: atMs, restarts: 0 };
    this.rejectedJobs.set(graph.jobId, {
      ...base,
      state: 'FAILED',
      tasks: 'CREATED',
      exceptions: [{ ...cause, atMs, taskName: undefined }],
    });
  }

  /** The process ends. */
  close(): void {
    this.jars.close();
  }

  answer({ method, path, body }: ProcessRequest): ProcessAnswer | Promise<ProcessAnswer> {
    const url = new URL(path.replace(/^\/v1\//, '/'), 'http://jobmanager');
    for (const [verb, pattern, handle] of this.routes) {
      const match = verb === method ? pattern.exec(url.pathname) : null;
      if (match === null) continue;
      const fields = isRecord(body) ? body : {};
      return handle({
        id: decodeURIComponent(match[1] ?? ''),
        sub: match[2] ?? '',
        query: url.searchParams,
        body: fields,
      });
    }
    return refused(404, `Unable to load requested file ${url.pathname}.`);
  }

  private views(): readonly JobView[] {
    return [...this.parts.jobs.values(), ...this.rejectedJobs.values()];
  }

  private view(id: string): JobView | undefined {
    return this.parts.jobs.get(id) ?? this.rejectedJobs.get(id);
  }

  private cached(key: string, make: () => object): object {
    const now = this.parts.now();
    const before = this.cache.get(key);
    if (before !== undefined && now - before.atMs < CACHED_MS) return before.value;
    const value = make();
    this.cache.set(key, { atMs: now, value });
    return value;
  }

  /** Details and exceptions come from one cached graph. */
  private graph(view: JobView): { readonly details: object; readonly exceptions: object } {
    return this.cached(view.graph.jobId, () => ({
      details: details(view, this.parts.now()),
      exceptions: exceptions(view),
    })) as { details: object; exceptions: object };
  }

  private details({ id }: Call): ProcessAnswer {
    const view = this.view(id);
    return view === undefined ? noJob(id) : ok({ ...this.graph(view).details, now: this.parts.now() });
  }

  private exceptions({ id }: Call): ProcessAnswer {
    const view = this.view(id);
    return view === undefined ? noJob(id) : ok(this.graph(view).exceptions);
  }

  private metrics({ id, query }: Call): ProcessAnswer {
    const view = this.view(id);
    if (view === undefined) return ok([]);
    const values: Record<string, number> = { numRestarts: view.restarts, fullRestarts: view.restarts };
    const completed = this.parts.jobs.get(id)?.coordinator.counts.completed;
    if (completed !== undefined) values.numberOfCompletedCheckpoints = completed;
    const asked = query.get('get')?.split(',') ?? [];
    return ok(asked.flatMap((name) => (values[name] === undefined ? [] : [{ id: name, value: String(values[name]) }])));
  }

  private subtasks({ id, sub, query }: Call): ProcessAnswer {
    const view = this.parts.jobs.get(id);
    const vertex = view?.graph.vertices.find((one) => one.id === sub);
    if (view === undefined || vertex === undefined) return ok([]);
    return ok(aggregated(subtaskMetrics(view, vertex, this.parts.now()), query.get('get'), vertex.parallelism));
  }

  private cancel({ id }: Call): ProcessAnswer {
    const view = this.view(id);
    if (view === undefined) return refused(404, `Job could not be found.\n${jobNotFound(id).trace}`);
    const job = this.parts.jobs.get(id);
    if (view.state === 'FINISHED' || view.state === 'FAILED') {
      const text = `Job cancellation failed because the job has already reached another terminal state (${view.state}).`;
      return refused(409, text);
    }
    job?.cancel();
    return { status: 202, body: {} };
  }

  private requirements({ id }: Call): ProcessAnswer {
    const job = this.parts.jobs.get(id);
    if (job === undefined) return noJob(id);
    const { adaptive } = job.graph;
    return adaptive?.kind === 'declared'
      ? ok(requirementsBody(adaptive.bounds))
      : { status: 500, body: { errors: ['java.lang.UnsupportedOperationException: of this scheduler'] } };
  }

  private require(call: Call): ProcessAnswer {
    const now = this.requirements(call);
    const job = this.parts.jobs.get(call.id);
    if (now.status !== 200 || job === undefined) return now;
    const bounds = boundsIn(call.body, job.graph);
    if (typeof bounds === 'string') return refused(400, bounds);
    try {
      job.require(bounds);
    } catch {
      return refused(500, 'The resource requirements could not be persisted and have not been applied. Please retry.');
    }
    return ok({});
  }

  private checkpoints({ id }: Call): ProcessAnswer {
    const job = this.parts.jobs.get(id);
    if (job === undefined)
      return this.view(id) === undefined ? noJob(id) : refused(404, 'Checkpointing has not been enabled.');
    return ok(this.cached(`${id} checkpoints`, () => checkpoints(job.coordinator)));
  }

  private checkpoint({ id, sub }: Call): ProcessAnswer {
    const job = this.parts.jobs.get(id);
    const stat = job?.coordinator.history.find((other) => other.id === Number(sub));
    if (stat === undefined) return refused(404, `Could not find checkpointing statistics for checkpoint ${sub}.`);
    return ok(checkpointStat(stat));
  }

  private taskManagers(): object {
    const { world, home } = this.parts;
    return {
      taskmanagers: world.taskManagers.list(home.cluster).map(({ pod, slots }) => ({
        id: pod,
        path: `pekko.tcp://flink@${pod}:6122/user/rpc/taskmanager_0`,
        dataPort: 6121,
        slotsNumber: slots,
        freeSlots: 0,
        hardware: { cpuCores: 1, physicalMemory: 2147483648, freeMemory: 1073741824, managedMemory: 536870912 },
      })),
    };
  }
}

function config({ version }: Installation): object {
  return {
    'refresh-interval': CACHED_MS,
    'timezone-name': 'Coordinated Universal Time',
    'timezone-offset': 0,
    'flink-version': version,
    'flink-revision': 'simulated @ 2026-01-01T00:00:00+00:00',
    features: { 'web-submit': false, 'web-cancel': false, 'web-rescale': false, 'web-history': false },
  };
}
