import type { Cancel } from '../../runtime/time.ts';
import type { ContainerStart, SimProcess, Surroundings } from '../process.ts';
import { ExecutorPods } from './executor-pods.ts';
import { type Installation, installation } from './installation.ts';
import type { DriverEnd, DriverRun } from './truth.ts';
import type { Program, SparkWorld } from './world.ts';

/** Runs a driver. Without properties that name its application it ends at once. */
export function startDriver(world: SparkWorld, start: ContainerStart, around: Surroundings): SimProcess {
  const home = installation(start);
  if (home !== undefined) return new Driver({ world, home, start, around });
  return { ready: () => false, terminate: () => undefined, kill: () => undefined, exitCode: () => 1 };
}

interface Parts {
  readonly world: SparkWorld;
  readonly home: Installation;
  readonly start: ContainerStart;
  readonly around: Surroundings;
}

/** Exit code of a driver whose executors failed too often (Spark 3.5). */
const EXECUTORS_FAILED = 11;

/** One driver process: boot, its executors, its program, and the end. */
class Driver implements SimProcess {
  private readonly parts: Parts;
  private readonly run: DriverRun;
  private readonly program: Program;
  private readonly forget: () => void;
  /** What each executor is told at the end, by pod. */
  private readonly executors = new Map<string, (exitCode: number) => void>();
  private pods: ExecutorPods | undefined;
  private left: number;
  private workingSince: number | undefined;
  private finish: Cancel | undefined;
  private exit: number | undefined;
  private words: string | undefined;

  constructor(parts: Parts) {
    const { world, home, start, around } = parts;
    this.parts = parts;
    const { application, submissionId, image, args } = home;
    const { name, uid = '' } = start.pod.metadata;
    const startedMs = around.now();
    this.run = world.truth.begin({ application, submissionId, pod: name, podUid: uid, image, args, startedMs });
    const n = world.truth.runs.filter((other) => other.application === application).length;
    this.program = world.programOf({ application, image, args, n });
    this.left = this.program.runsMs;
    this.forget = world.entered(name, () => this.end(50, 'EXITED'));
    around.after(world.timing.boot, () => this.begin());
  }

  /** Where somebody asks, it takes connections. */
  ready(): boolean {
    return this.pods !== undefined && !this.run.stopping;
  }

  exitCode(): number | undefined {
    return this.exit;
  }

  lastWords(): string | undefined {
    return this.words;
  }

  endReason(): string | undefined {
    return this.run.end === 'OOM_KILLED' ? 'OOMKilled' : undefined;
  }

  terminate(): void {
    this.stop(143, 'TERMINATED');
  }

  kill(): void {
    this.end(137, 'KILLED');
  }

  /** Reads its own pod, without which it does not start, and asks for executors. */
  private begin(): void {
    const { world, home, start, around } = this.parts;
    if (this.run.stopping) return;
    const driver = this.readPod();
    if (driver === undefined) {
      this.words = `No pod was found named ${start.pod.metadata.name} in the cluster`;
      this.end(1, 'EXITED');
      return;
    }
    world.drivers.set(home.applicationId, { join: (pod, released) => this.join(pod, released) });
    const tooManyFailed = (): void => this.stop(EXECUTORS_FAILED, 'EXITED');
    this.pods = new ExecutorPods({ world, home, around, driver, tooManyFailed });
    around.changed();
  }

  private readPod() {
    const { world, home, around } = this.parts;
    const name = home.properties.get('spark.kubernetes.driver.pod.name') ?? '';
    try {
      if (world.fails('get pod')) return undefined;
      return around.kube.get({ apiVersion: 'v1', kind: 'Pod', namespace: home.namespace, name });
    } catch {
      return undefined; // the API server cannot be reached: no pod was found
    }
  }

  private join(pod: string, released: (exitCode: number) => void): () => void {
    this.executors.set(pod, released);
    this.run.joined += 1;
    const { executorsFailAfterMs } = this.program;
    if (executorsFailAfterMs !== undefined) this.parts.around.after(executorsFailAfterMs, () => released(52));
    this.count();
    return () => {
      if (this.executors.delete(pod)) this.count();
    };
  }

  /** Work goes on while there are executors. */
  private count(): void {
    const { around } = this.parts;
    const working = this.executors.size > 0 && !this.run.stopping;
    this.run.executors = this.executors.size;
    if (working && this.workingSince === undefined) {
      this.workingSince = around.now();
      if (Number.isFinite(this.left)) this.finish = around.after(this.left, () => this.done());
    } else if (!working && this.workingSince !== undefined) {
      this.left -= around.now() - this.workingSince;
      this.workingSince = undefined;
      this.finish?.();
    }
  }

  private done(): void {
    const { exitCode, oom, message } = this.program;
    this.words = message;
    if (oom === true) this.end(137, 'OOM_KILLED');
    else this.stop(exitCode, 'EXITED');
  }

  /** Stops the SparkContext: executors and Services go, then the process. */
  private stop(code: number, how: DriverEnd): void {
    if (this.run.stopping) return;
    this.run.stopping = true;
    this.pods?.stop();
    this.release(0);
    this.parts.around.after(this.parts.world.timing.shutdown, () => this.end(code, how));
  }

  private release(code: number): void {
    for (const released of [...this.executors.values()]) released(code);
  }

  private end(code: number, how: DriverEnd): void {
    if (this.exit !== undefined) return;
    const { world, home, around } = this.parts;
    this.exit = code;
    this.run.stopping = true;
    Object.assign(this.run, { endedMs: around.now(), exitCode: code, end: how });
    world.drivers.delete(home.applicationId);
    this.release(1);
    this.forget();
    around.changed();
  }
}
