import type { Cancel } from '../../runtime/time.ts';
import type { ContainerStart, ProcessAnswer, ProcessRequest, SimProcess, Surroundings } from '../process.ts';
import { isOn, optionOf } from './conf.ts';
import { type Failure, failure, lastWords } from './failures.ts';
import { type JobGraph, jobGraph, jobStart } from './graph.ts';
import { highAvailability, type KubernetesHa, RETRY_MS } from './ha.ts';
import { endsOnFailure, type Installation, installation, isApplication, resultFolder } from './installation.ts';
import type { JobHome } from './job-home.ts';
import { JobMaster } from './job-master.ts';
import { NativeResourceManager } from './resource-manager.ts';
import { JobManagerRest } from './rest.ts';
import type { FlinkWorld } from './world.ts';

/** A leader that could not renew its lease for this long is none any more. */
const RENEW_DEADLINE_MS = 15_000;

const ZERO_JOB_ID = '0'.repeat(32);

/** Runs a JobManager. Without a configuration in its conf folder it ends at once. */
export function startJobManager(world: FlinkWorld, start: ContainerStart, around: Surroundings): SimProcess {
  const home = installation(start);
  if (home !== undefined) return new JobManager({ world, home, start, around });
  return { ready: () => false, terminate: () => undefined, kill: () => undefined, exitCode: () => 1 };
}

interface Parts {
  readonly world: FlinkWorld;
  readonly home: Installation;
  readonly start: ContainerStart;
  readonly around: Surroundings;
}

/** One JobManager process: boot, leadership, its job or jobs, and REST. */
class JobManager implements SimProcess {
  private readonly parts: Parts;
  private readonly jobs = new Map<string, JobMaster>();
  private readonly ha: KubernetesHa | undefined;
  private readonly resources: NativeResourceManager | undefined;
  private readonly rest: JobManagerRest;
  private readonly stopListening: Cancel;
  private readonly forget: Cancel;
  /** The job result store of a JobManager without high availability. */
  private readonly results = new Set<string>();
  private listening = false;
  private leading = false;
  private exit: number | undefined;
  private words: string | undefined;
  private renewedMs = 0;

  constructor(parts: Parts) {
    const { world, home, around } = parts;
    this.parts = parts;
    const native = home.args[0] !== 'standalone-job' && home.args[0] !== 'jobmanager';
    this.resources = native ? new NativeResourceManager(world, home, around) : undefined;
    this.ha = highAvailability(world, home, around.kube);
    const accept = isApplication(home) ? undefined : (graph: JobGraph) => this.accept(graph);
    const { jobs, after } = this;
    this.rest = new JobManagerRest({ world, home, jobs, now: () => around.now(), after, accept });
    this.forget = world.entered(parts.start.pod.metadata.name, () => this.end(239));
    this.stopListening = world.taskManagers.onChange(home.cluster, () => {
      for (const job of this.jobs.values()) job.slotsChanged();
    });
    around.after(world.timing.boot, () => {
      this.listening = true;
      if (this.ha === undefined) this.lead();
      else this.elect(this.ha);
    });
  }

  ready(): boolean {
    return this.listening && this.leading;
  }

  exitCode(): number | undefined {
    return this.exit;
  }

  lastWords(): string | undefined {
    return this.words;
  }

  /** A property, so that whoever holds it may call it alone. */
  readonly http = async (request: ProcessRequest): Promise<ProcessAnswer> => {
    if (!this.listening || this.exit !== undefined) throw new Error('connect ECONNREFUSED');
    if (!this.leading) {
      const errors = ['Service temporarily unavailable due to an ongoing leader election. Please refresh.'];
      return { status: 503, body: { errors } };
    }
    return this.rest.answer(request);
  };

  terminate(): void {
    this.listening = false;
    this.resources?.stop();
    this.parts.around.after(this.parts.world.timing.shutdown, () => {
      this.leaveJobs('SUSPENDED');
      if (this.leading) this.attempt(() => this.ha?.release(this.parts.around.now()));
      this.end(143);
    });
  }

  kill(): void {
    this.end(137);
  }

  private end(code: number): void {
    if (this.exit !== undefined) return;
    this.leaveJobs('KILLED');
    this.exit = code;
    this.listening = false;
    this.leading = false;
    this.resources?.stop();
    this.rest.close();
    this.stopListening();
    this.forget();
    this.parts.around.changed();
  }

  private leaveJobs(end: 'SUSPENDED' | 'KILLED'): void {
    for (const job of this.jobs.values()) job.leave(end);
  }

  /** Does something at the API server; false when it refused or could not be reached. */
  private attempt(write: () => void): boolean {
    try {
      write();
      return true;
    } catch {
      return false; // as Flink: logged and tried again later, or given up where the caller does not look
    }
  }

  private readonly after = (delayMs: number, callback: () => void): void => {
    this.parts.around.after(delayMs, () => this.exit === undefined && callback());
  };

  private elect(ha: KubernetesHa): void {
    let won = false;
    this.attempt(() => {
      won = ha.acquire(this.parts.around.now());
    });
    if (!won) {
      this.after(RETRY_MS, () => this.elect(ha));
      return;
    }
    this.renewedMs = this.parts.around.now();
    this.after(RETRY_MS, () => this.renew(ha));
    this.lead();
  }

  private renew(ha: KubernetesHa): void {
    const now = this.parts.around.now();
    let kept = false;
    const reached = this.attempt(() => {
      kept = ha.renew(now);
    });
    if (kept) this.renewedMs = now;
    else if (reached || now - this.renewedMs >= RENEW_DEADLINE_MS) {
      this.leaveJobs('SUSPENDED');
      this.jobs.clear();
      this.leading = false;
      this.parts.around.changed();
      this.elect(ha);
      return;
    }
    this.after(RETRY_MS, () => this.renew(ha));
  }

  private lead(): void {
    this.leading = true;
    this.parts.around.changed();
    const { renewedMs } = this;
    if (!isApplication(this.parts.home)) {
      this.runJobs();
      return;
    }
    this.after(this.parts.world.timing.submit, () => {
      if (this.leading && renewedMs <= this.renewedMs) this.runJobs();
    });
  }

  /** What another JobManager was running goes on as it was; then main() runs, if there is one. */
  private runJobs(): void {
    let recovered: readonly JobGraph[] = [];
    if (
      !this.attempt(() => {
        recovered = this.ha?.graphs() ?? [];
      })
    ) {
      this.end(1);
      return;
    }
    for (const graph of recovered) {
      if (this.hasResult(graph.jobId)) this.clean(graph.jobId);
      else this.run(graph, true);
    }
    if (this.exit === undefined && isApplication(this.parts.home)) this.submit();
  }

  private submit(): void {
    const { home, world } = this.parts;
    const start = jobStart(home.options, home.args);
    const jobId = start.jobId ?? (this.ha === undefined ? world.hex(32) : ZERO_JOB_ID);
    if (this.jobs.has(jobId) || this.hasResult(jobId)) return;
    const jar = optionOf(home.options, 'pipeline.jars', 'pipeline.classpaths') ?? '';
    const ref = { image: home.image, jar, args: start.programArgs };
    const code = world.codeOf(ref);
    const graph = jobGraph(home.options, { ...start, jobId }, code, ref);
    if (code.mainFails !== undefined) {
      this.rejected(
        graph,
        failure('org.apache.flink.client.program.ProgramInvocationException', code.mainFails, 'main'),
      );
      return;
    }
    if (this.attempt(() => this.ha?.putGraph(graph))) this.run(graph, false);
    else this.end(1);
  }

  /** A session takes a job unless it knows its id; throws KubeError when that cannot be stored. */
  private accept(graph: JobGraph): boolean {
    if (this.jobs.has(graph.jobId) || this.hasResult(graph.jobId)) return false;
    this.ha?.putGraph(graph);
    this.run(graph, false);
    return true;
  }

  /** A main method that fails: a FAILED job that never ran, or the end of the process. */
  private rejected(graph: JobGraph, cause: Failure): void {
    if (isOn(this.parts.home.options, 'execution.submit-failed-job-on-application-error'))
      this.rest.reject(graph, cause);
    else this.end(1);
  }

  private run(graph: JobGraph, recovered: boolean): void {
    const { world, home, start, around } = this.parts;
    const execution = world.truth.begin({
      cluster: home.cluster,
      pod: start.pod.metadata.name,
      podUid: start.pod.metadata.uid ?? '',
      startId: start.pod.metadata.annotations?.['weir.dev/start-id'] ?? '',
      jobId: graph.jobId,
      ...graph.ref,
      parallelism: graph.slots,
      startedMs: around.now(),
      recovered,
      restorePath: graph.restorePath,
      code: graph.code,
    });
    this.jobs.set(graph.jobId, new JobMaster(graph, this.jobHome(), execution));
  }

  private jobHome(): JobHome {
    const { world, home, around } = this.parts;
    return {
      world,
      ha: this.ha,
      cluster: home.cluster,
      now: () => around.now(),
      after: this.after,
      request: (slots) => this.resources?.request(slots),
      terminated: (jobId) => this.terminated(jobId),
      fatal: (cause) => this.fatal(cause),
      neverBegan: (cause) => {
        if (endsOnFailure(home)) this.after(world.timing.giveUp, () => this.fatal(cause));
      },
    };
  }

  /** ClusterEntrypoint.onFatalError. */
  private fatal(cause: Failure): void {
    if (this.exit === undefined && this.parts.home.tellsLastError) this.words = lastWords(cause);
    this.end(2);
  }

  /** The result is noted first, then what high availability knows of the job goes, however often that takes. */
  private terminated(jobId: string): void {
    const folder = resultFolder(this.parts.home);
    if (this.ha === undefined) this.results.add(jobId);
    else this.parts.world.store.putResult(folder, jobId);
    this.clean(jobId);
    const active = [...this.jobs.values()].filter((other) => !other.over);
    this.resources?.request(active.reduce((sum, other) => sum + other.graph.slots, 0));
  }

  private clean(jobId: string): void {
    const { truth } = this.parts.world;
    truth.cleaning = jobId;
    const done = this.attempt(() => this.ha?.cleanJob(jobId));
    truth.cleaning = undefined;
    if (!done) this.after(RETRY_MS, () => this.clean(jobId));
  }

  private hasResult(jobId: string): boolean {
    if (this.ha === undefined) return this.results.has(jobId);
    return this.parts.world.store.hasResult(resultFolder(this.parts.home), jobId);
  }
}
