import type { FakeApi } from '../../core/testing/fake-api.ts';
import { type KubeObject, ownerReference, refOf } from '../../kube/object.ts';
import type { JobManagerAnswer } from '../observed.ts';
import type { FlinkJobStatusState } from '../schema.ts';

/** How long a process goes on after its pod was deleted: longer than everything else takes to go. */
const TERMINATION_MS = 2000;

/** One JobManager process, as it really ran. The oracle reads these, never the operator's status. */
export interface Execution {
  readonly pod: string;
  readonly startId: string;
  readonly jobId: string;
  readonly startedMs: number;
  endedMs: number | undefined;
  state: FlinkJobStatusState;
}

/**
 * What Kubernetes and Flink do by themselves, one round at a time: Deployments make pods, kubelets start and stop them, a
 * JobManager runs its job once its configuration is there, native ones make TaskManager pods, garbage is collected.
 */
export class FlinkWorld {
  readonly executions: Execution[] = [];
  private readonly api: FakeApi;
  private pods = 0;

  constructor(api: FakeApi) {
    this.api = api;
  }

  /** Advances everything by one step at the given virtual time. */
  round(now: Date): void {
    this.api.collectGarbage(now);
    for (const deployment of this.api.all('Deployment')) this.reconcileDeployment(deployment);
    for (const pod of this.api.all('Pod')) this.advancePod(pod, now);
    for (const execution of this.executions) advanceJob(execution);
  }

  /** JobManager processes that run now. */
  running(): Execution[] {
    return this.executions.filter((execution) => execution.endedMs === undefined);
  }

  /** What the JobManager's REST API would answer; undefined when none answers. */
  answer(jobId: string | undefined): JobManagerAnswer | undefined {
    const execution = this.running()[0];
    if (execution === undefined) return undefined;
    const { jobId: id, state, startedMs } = execution;
    const tasks = { total: 2, active: state === 'RUNNING' ? 2 : 0 };
    const vertices = [{ id: 'v', name: 'Source', parallelism: 2, active: tasks.active, slotSharingGroup: undefined }];
    const job = {
      id,
      name: 'job',
      state,
      startTime: startedMs,
      lastModification: startedMs,
      tasks,
      vertices,
      exception: undefined,
    };
    return { flinkVersion: '2.3.0', flinkRevision: 'x', jobs: [{ id, state }], job: id === jobId ? job : undefined };
  }

  /** PATCH /jobs/:id?mode=cancel */
  cancel(jobId: string): void {
    for (const execution of this.running()) if (execution.jobId === jobId) execution.state = 'CANCELLING';
  }

  private reconcileDeployment(deployment: KubeObject): void {
    if (deployment.metadata.deletionTimestamp !== undefined) return;
    const { replicas = 1, template } = deployment.spec as {
      replicas?: number;
      template: { metadata: KubeObject['metadata'] };
    };
    const component = template.metadata.labels?.component;
    const own = this.podsOf(deployment).filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && pod.metadata.labels?.component === component,
    );
    for (let i = own.length; i < replicas; i++) this.createPod(deployment, template.metadata.labels ?? {});
    const ready = own.filter((pod) => (pod.status as { phase?: string } | undefined)?.phase === 'Running').length;
    const status = { availableReplicas: ready };
    if (JSON.stringify(deployment.status) !== JSON.stringify(status)) this.api.put({ ...deployment, status });
  }

  private podsOf(owner: KubeObject): KubeObject[] {
    return this.api
      .all('Pod')
      .filter((pod) => pod.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid));
  }

  private createPod(owner: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
    this.pods += 1;
    return this.api.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${owner.metadata.name}-${this.pods}`,
        namespace: owner.metadata.namespace ?? 'default',
        labels,
        ownerReferences: [ownerReference(owner, { controller: true })],
        annotations: owner.metadata.annotations ?? {},
      },
      status: { phase: 'Pending' },
    });
  }

  private advancePod(pod: KubeObject, now: Date): void {
    const execution = this.executions.find((candidate) => candidate.pod === pod.metadata.name);
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.stopPod(pod, execution, now);
      return;
    }
    const phase = (pod.status as { phase?: string } | undefined)?.phase;
    if (phase !== 'Running') {
      this.api.put({
        ...pod,
        status: { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] },
      });
    } else if (pod.metadata.labels?.component === 'jobmanager' && execution === undefined) {
      this.startJobManager(pod, now);
    }
  }

  /** A pod that terminates keeps its process for the grace period, and is gone one round after that. */
  private stopPod(pod: KubeObject, execution: Execution | undefined, now: Date): void {
    if (now.getTime() - Date.parse(pod.metadata.deletionTimestamp ?? '') < TERMINATION_MS) return;
    if (execution !== undefined && execution.endedMs === undefined) execution.endedMs = now.getTime();
    else this.api.drop(pod);
  }

  /** The process starts once the configuration can be mounted, and believes what is written in it. */
  private startJobManager(pod: KubeObject, now: Date): void {
    const name = pod.metadata.labels?.app ?? '';
    const namespace = pod.metadata.namespace ?? 'default';
    const conf = this.api.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `flink-config-${name}` });
    const deployment = this.api.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
    if (conf === undefined || deployment === undefined) return;
    const annotations = deployment.metadata.annotations ?? {};
    this.executions.push({
      pod: pod.metadata.name,
      startId: conf.metadata.annotations?.['weir.dev/start-id'] ?? '',
      jobId: annotations['weir.dev/job-id'] ?? '',
      startedMs: now.getTime(),
      endedMs: undefined,
      state: 'INITIALIZING',
    });
    if (deployment.metadata.labels?.type !== 'flink-native-kubernetes') return;
    this.createPod(deployment, { ...pod.metadata.labels, component: 'taskmanager' });
  }

  /** Deletes an object as a careless user would. */
  userDeletes(object: KubeObject, now: Date): void {
    this.api.remove(refOf(object), 'Background', now);
  }

  /** A pod's process dies and the pod is gone at once, as after a node failure that was noticed. */
  kill(pod: KubeObject, now: Date): void {
    const execution = this.executions.find((candidate) => candidate.pod === pod.metadata.name);
    if (execution !== undefined) execution.endedMs ??= now.getTime();
    this.api.drop(pod);
  }
}

function advanceJob(execution: Execution): void {
  if (execution.endedMs !== undefined) return;
  const next: Partial<Record<FlinkJobStatusState, FlinkJobStatusState>> = {
    INITIALIZING: 'CREATED',
    CREATED: 'RUNNING',
    CANCELLING: 'CANCELED',
  };
  execution.state = next[execution.state] ?? execution.state;
}
