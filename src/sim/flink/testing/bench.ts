import { dump } from 'js-yaml';
import type { KubeObject, ObjectRef } from '../../../kube/object.ts';
import { applyMergePatch } from '../../../lib/merge-patch.ts';
import type { KubeAccess, KubeChange } from '../../kube/access.ts';
import type { ProcessAnswer, SimProcess, Surroundings } from '../../process.ts';
import { flinkProcesses } from '../flink.ts';
import { FlinkWorld, type FlinkWorldOptions } from '../world.ts';

/** An API server with nothing but objects in it: what a Flink process needs of one. */
class PlainKube implements KubeAccess {
  readonly objects = new Map<string, KubeObject>();
  /** While set, everything fails as behind a cut network. */
  cut = false;
  private readonly listeners = new Set<{ kind: string; tell: (change: KubeChange) => void }>();

  get(ref: ObjectRef): KubeObject | undefined {
    this.reach();
    return this.objects.get(`${ref.kind} ${ref.name}`);
  }

  list(kind: { kind: string }, _namespace?: string, labels: Readonly<Record<string, string>> = {}): KubeObject[] {
    this.reach();
    return [...this.objects.values()].filter(
      (object) =>
        object.kind === kind.kind &&
        Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value),
    );
  }

  create(object: KubeObject): KubeObject {
    this.reach();
    return this.store('ADDED', { ...object, metadata: { ...object.metadata, uid: `uid-${this.objects.size + 1}` } });
  }

  replace(object: KubeObject): KubeObject {
    this.reach();
    return this.store('MODIFIED', object);
  }

  patch(ref: ObjectRef, patch: object): KubeObject {
    const before = this.get(ref);
    if (before === undefined) throw new Error(`404: no ${ref.kind} ${ref.name}`);
    return this.store('MODIFIED', applyMergePatch(before, patch) as KubeObject);
  }

  apply(object: KubeObject): KubeObject {
    return this.replace(object);
  }

  delete(ref: ObjectRef): void {
    const before = this.get(ref);
    if (before === undefined) throw new Error(`404: no ${ref.kind} ${ref.name}`);
    this.objects.delete(`${ref.kind} ${ref.name}`);
    this.tell({ type: 'DELETED', object: before });
  }

  watch(kind: { kind: string }, _namespace: string | undefined, tell: (change: KubeChange) => void): () => void {
    const listener = { kind: kind.kind, tell };
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private store(type: KubeChange['type'], object: KubeObject): KubeObject {
    this.objects.set(`${object.kind} ${object.metadata.name}`, object);
    this.tell({ type, object });
    return object;
  }

  private tell(change: KubeChange): void {
    for (const { kind, tell } of [...this.listeners]) if (kind === change.object.kind) tell(change);
  }

  private reach(): void {
    if (this.cut) throw new Error('connect ETIMEDOUT');
  }
}

/** A Flink process on the bench. */
export interface Running {
  readonly process: SimProcess;
  /** GET unless told otherwise; the body of the answer. */
  ask(path: string, method?: string, body?: unknown): Promise<ProcessAnswer>;
}

const HA = {
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://state/ha',
  'execution.checkpointing.interval': '10 s',
  'execution.checkpointing.dir': 's3://state/checkpoints',
  'execution.checkpointing.savepoint-dir': 's3://state/savepoints',
  'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
};

/** The job's id unless a test gives another. */
export const JOB = 'ab'.repeat(16);

/** Flink processes without Kubernetes around them: standalone ones, whose pods exist only by name. */
export class Bench {
  readonly kube = new PlainKube();
  readonly world: FlinkWorld;
  private nowMs = 0;
  private order = 0;
  private timers: { readonly at: number; readonly order: number; readonly owner: object; readonly run: () => void }[] =
    [];
  private pods = 0;

  constructor(options: FlinkWorldOptions = {}) {
    this.world = new FlinkWorld(options);
  }

  /** Moves virtual time on. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.nowMs = next.at;
      next.run();
    }
    this.nowMs = end;
  }

  /** Starts a JobManager in standalone mode with the options of a highly available job, changed as given. */
  jobManager(options: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Running {
    return this.start('jobmanager', { '$internal.pipeline.job-id': JOB, ...HA, ...options }, [
      'standalone-job',
      ...args,
    ]);
  }

  /** Starts a TaskManager with two slots. */
  taskManager(): Running {
    return this.start('taskmanager', { 'taskmanager.numberOfTaskSlots': '2' }, ['taskmanager']);
  }

  /** A JobManager and a TaskManager, advanced until the job runs. */
  runningJob(options: Readonly<Record<string, string>> = {}): Running {
    const jobManager = this.jobManager(options);
    this.taskManager();
    this.advance(5_000);
    return jobManager;
  }

  private start(component: string, options: Readonly<Record<string, string>>, args: readonly string[]): Running {
    this.pods += 1;
    const owner = {};
    const conf = dump({ 'kubernetes.cluster-id': 'orders', '$internal.flink.version': 'v2_3', ...options });
    const process = flinkProcesses(this.world)(
      {
        pod: podOf(component, this.pods),
        container: { image: 'flink:2.3', args },
        restarts: 0,
        env: {},
        file: (path) => (path === '/opt/flink/conf/config.yaml' ? conf : undefined),
      },
      this.surroundings(owner),
    );
    const kill = process.kill.bind(process);
    process.kill = () => {
      kill();
      this.timers = this.timers.filter((timer) => timer.owner !== owner);
    };
    const ask = async (path: string, method = 'GET', body: unknown = undefined): Promise<ProcessAnswer> =>
      (await process.http?.({ port: 8081, method, path, body })) ?? { status: 0, body: undefined };
    return { process, ask };
  }

  private surroundings(owner: object): Surroundings {
    return {
      now: () => this.nowMs,
      random: () => 0.5,
      kube: this.kube,
      changed: () => undefined,
      after: (delayMs, run) => {
        const timer = { at: this.nowMs + delayMs, order: this.order++, owner, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((other) => other !== timer);
        };
      },
    };
  }
}

function podOf(component: string, n: number): KubeObject {
  const labels = { app: 'orders', component };
  const metadata = { name: `orders-${component}-${n}`, namespace: 'default', uid: `pod-${n}`, labels };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}
