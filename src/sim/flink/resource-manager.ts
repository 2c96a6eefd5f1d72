import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import type { Surroundings } from '../process.ts';
import { optionOf } from './conf.ts';
import type { Installation } from './installation.ts';
import type { FlinkWorld } from './world.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

/**
 * The part of a native JobManager that makes its TaskManager pods (KubernetesResourceManagerDriver): as many as the
 * slots asked for, made again when one is lost, taken away when they idle. They belong to the JobManager's Deployment.
 */
export class NativeResourceManager {
  private readonly world: FlinkWorld;
  private readonly home: Installation;
  private readonly around: Surroundings;
  private wanted = 0;
  private made = 0;
  private stopped = false;
  private readonly unwatch: () => void;

  constructor(world: FlinkWorld, home: Installation, around: Surroundings) {
    this.world = world;
    this.home = home;
    this.around = around;
    this.made = this.pods().length === 0 ? 0 : Math.max(...this.pods().map(indexOf));
    this.unwatch = around.kube.watch(POD, home.namespace, ({ type, object }) => {
      if (type === 'DELETED' && this.owns(object)) this.around.after(100, () => this.provide());
    });
  }

  /** The slots that are needed from now on. */
  request(slots: number): void {
    const perPod = Number(optionOf(this.home.options, 'taskmanager.numberOfTaskSlots') ?? 1);
    this.wanted = Math.ceil(slots / perPod);
    this.provide();
    this.around.after(this.world.timing.idle, () => this.release());
  }

  /** No more pods are made or deleted. */
  stop(): void {
    this.stopped = true;
    this.unwatch();
  }

  private provide(): void {
    if (this.stopped) return;
    try {
      for (let missing = this.wanted - this.pods().length; missing > 0; missing--) this.createPod();
    } catch {
      this.around.after(3_000, () => this.provide()); // start-worker retry interval: the API server refused or is out of reach
    }
  }

  private release(): void {
    if (this.stopped) return;
    const idle = this.pods().slice(this.wanted);
    for (const pod of idle)
      this.around.kube.delete({ ...POD, namespace: this.home.namespace, name: pod.metadata.name });
  }

  private pods(): readonly KubeObject[] {
    return this.around.kube
      .list(POD, this.home.namespace, { app: this.home.clusterId, component: 'taskmanager' })
      .filter((pod) => pod.metadata.deletionTimestamp === undefined && !hasEnded(pod));
  }

  private owns(pod: KubeObject): boolean {
    const { app, component } = pod.metadata.labels ?? {};
    return app === this.home.clusterId && component === 'taskmanager';
  }

  private createPod(): void {
    const { options, clusterId, namespace, image } = this.home;
    this.made += 1;
    const amount = {
      cpu: optionOf(options, 'kubernetes.taskmanager.cpu.amount', 'kubernetes.taskmanager.cpu') ?? '1',
      memory: quantity(optionOf(options, 'taskmanager.memory.process.size') ?? '1728m'),
    };
    const volume = { name: 'flink-config-volume', configMap: { name: `flink-config-${clusterId}` } };
    this.around.kube.create({
      ...POD,
      metadata: {
        name: `${clusterId}-taskmanager-1-${this.made}`,
        namespace,
        labels: { app: clusterId, type: 'flink-native-kubernetes', component: 'taskmanager' },
        ownerReferences: [this.owner()],
      },
      spec: {
        restartPolicy: 'Never',
        serviceAccountName: optionOf(options, 'kubernetes.service-account') ?? 'default',
        volumes: [volume],
        containers: [
          {
            name: 'flink-main-container',
            image,
            args: ['bash', '-c', 'kubernetes-taskmanager.sh'],
            resources: { requests: amount, limits: amount },
            volumeMounts: [{ name: volume.name, mountPath: '/opt/flink/conf' }],
          },
        ],
      },
    });
  }

  private owner(): OwnerReference {
    const { namespace, clusterId: name } = this.home;
    const deployment = this.around.kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
    const uid = deployment?.metadata.uid;
    if (uid === undefined) throw new Error(`the Deployment ${namespace}/${name} is gone`);
    return { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true };
  }
}

function hasEnded(pod: KubeObject): boolean {
  const phase = (pod.status as { phase?: string } | undefined)?.phase;
  return phase === 'Failed' || phase === 'Succeeded';
}

function indexOf(pod: KubeObject): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}

/** Flink's `2048m` or `2 gb` as a Kubernetes quantity. */
function quantity(size: string): string {
  const match = /^(\d+)\s*([kmgt]?)/i.exec(size.trim());
  const unit = { k: 'Ki', m: 'Mi', g: 'Gi', t: 'Ti' }[(match?.[2] ?? '').toLowerCase()] ?? '';
  return `${match?.[1] ?? '0'}${unit}`;
}
