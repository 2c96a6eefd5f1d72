import type { FakeApi } from '../../core/testing/fake-api.ts';
import { type KubeObject, ownerReference, refOf } from '../../kube/object.ts';

/** How long a process goes on after its pod was deleted. */
const TERMINATION_MS = 2000;

/** One driver process, as it really ran. The oracle reads these, never the operator's status. */
export interface Execution {
  readonly podUid: string;
  readonly submissionId: string;
  readonly args: readonly string[];
  readonly startedMs: number;
  endedMs: number | undefined;
  /** 0: it did its work. Undefined: it runs, or was ended before it could. */
  exitCode: number | undefined;
}

interface DriverSpec {
  readonly containers: readonly { readonly name: string; readonly args?: readonly string[] }[];
  readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
}

/**
 * What Kubernetes and Spark do by themselves, one round at a time: the kubelet starts a driver once its ConfigMaps are there
 * and stops it when its pod is deleted, the driver makes executors and ends as told, garbage is collected.
 */
export class SparkWorld {
  readonly executions: Execution[] = [];
  private readonly api: FakeApi;
  private readonly exitCodes: readonly number[];
  private readonly runMs: number;

  /** `exitCodes` are those of the runs in turn, the last one of all after it; each takes `runMs`. */
  constructor(api: FakeApi, exitCodes: readonly number[], runMs: number) {
    this.api = api;
    this.exitCodes = exitCodes;
    this.runMs = runMs;
  }

  /** Advances everything by one step at the given virtual time. */
  round(now: Date): void {
    this.api.collectGarbage(now);
    for (const pod of this.api.all('Pod')) this.advance(pod, now);
  }

  /** Driver processes that run now. */
  running(): Execution[] {
    return this.executions.filter(({ endedMs }) => endedMs === undefined);
  }

  /** Deletes the driver pod as a careless user would. */
  userDeletesDriver(now: Date): void {
    for (const pod of this.api.all('Pod').filter(isDriver)) this.api.remove(refOf(pod), 'Background', now);
  }

  private advance(pod: KubeObject, now: Date): void {
    const execution = this.executions.find(({ podUid }) => podUid === pod.metadata.uid);
    if (pod.metadata.deletionTimestamp !== undefined) this.stop(pod, execution, now);
    else if (!isDriver(pod)) this.setPhase(pod, 'Running');
    else if (execution === undefined) this.start(pod, now);
    else if (execution.endedMs === undefined && now.getTime() - execution.startedMs >= this.runMs) {
      this.finish(pod, execution, now);
    }
  }

  private start(pod: KubeObject, now: Date): void {
    const { containers, volumes = [] } = pod.spec as DriverSpec;
    const { namespace = 'default', uid = '', labels = {} } = pod.metadata;
    const maps = volumes.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap.name]));
    const there = maps.every((name) => this.api.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }));
    if (!there) {
      this.setPhase(pod, 'Pending');
      return;
    }
    const args = containers.find(({ name }) => name === 'spark-kubernetes-driver')?.args ?? [];
    const submissionId = labels['sparkoperator.k8s.io/submission-id'] ?? '';
    const startedMs = now.getTime();
    this.executions.push({ podUid: uid, submissionId, args, startedMs, endedMs: undefined, exitCode: undefined });
    const running = this.setPhase(pod, 'Running', { running: {} });
    this.api.put(executorOf(running));
  }

  private finish(pod: KubeObject, execution: Execution, now: Date): void {
    const run = this.executions.filter(({ exitCode }) => exitCode !== undefined).length;
    const exitCode = this.exitCodes[run] ?? this.exitCodes.at(-1) ?? 0;
    execution.endedMs = now.getTime();
    execution.exitCode = exitCode;
    const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
    this.setPhase(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated });
  }

  /** A pod that terminates keeps its process for the grace period, and is gone one round after that. */
  private stop(pod: KubeObject, execution: Execution | undefined, now: Date): void {
    if (now.getTime() - Date.parse(pod.metadata.deletionTimestamp ?? '') < TERMINATION_MS) return;
    if (execution !== undefined && execution.endedMs === undefined) execution.endedMs = now.getTime();
    else this.api.drop(pod);
  }

  private setPhase(pod: KubeObject, phase: string, state?: object): KubeObject {
    if ((pod.status as { phase?: string } | undefined)?.phase === phase) return pod;
    const containerStatuses = state === undefined ? [] : [{ name: 'spark-kubernetes-driver', state }];
    const conditions = [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }];
    return this.api.put({ ...pod, status: { phase, containerStatuses, conditions } });
  }
}

function isDriver({ metadata }: KubeObject): boolean {
  return ['driver', 'connect-server'].includes(metadata.labels?.['spark-role'] ?? '');
}

function executorOf(driver: KubeObject): KubeObject {
  const { labels = {}, name, namespace = 'default' } = driver.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${labels['sparkoperator.k8s.io/submission-id']?.slice(0, 8)}-exec-1`,
      namespace,
      labels: { ...labels, 'spark-role': 'executor' },
      ownerReferences: [ownerReference(driver, { controller: true })],
    },
  };
}
