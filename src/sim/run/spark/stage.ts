import { isBeingDeleted, type KubeObject, type ObjectRef, refOf } from '../../../kube/object.ts';
import { deepEqual } from '../../../lib/json.ts';
import { applyMergePatch } from '../../../lib/merge-patch.ts';
import type { KubeAccess } from '../../kube/access.ts';
import type { SimNodes } from '../../kube/machines.ts';
import type { SparkWorld } from '../../spark/world.ts';
import { FOREIGN_LABEL } from '../witness.ts';

/** The spec of the resource over time, as its user wrote it. */
export interface SparkIntent {
  readonly atMs: number;
  /** Undefined once the user deleted the resource. */
  readonly spec: Readonly<Record<string, unknown>> | undefined;
}

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

/** What a stage is made with. */
export interface SparkStageParts {
  readonly user: KubeAccess;
  readonly world: SparkWorld;
  readonly nodes: SimNodes;
  readonly resource: KubeObject;
  /** What tells pods of the stage from others. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly skewClock: (ms: number) => void;
}

/** What a pod is to Spark, by its label `spark-role`. */
export type PodRole = 'driver' | 'executor' | 'connect-server';

/** Where a scenario's steps act: one resource of Spark's, its pods, and the people and accidents around it. */
export class SparkStage {
  readonly world: SparkWorld;
  readonly nodes: SimNodes;
  readonly intents: SparkIntent[] = [];
  /** What people deleted on purpose: objects that are none of the resource's, in the words of SparkWitness.foreignTouched, and its Services. */
  readonly dropped = new Set<string>();
  /** Somebody sets the clock of the operator's node: off by this many milliseconds from everybody else's. */
  readonly skewClock: (ms: number) => void;
  /** Virtual milliseconds since the epoch. */
  readonly now: () => number;
  protected readonly user: KubeAccess;
  protected readonly resource: KubeObject;
  private readonly podLabels: Readonly<Record<string, string>>;

  constructor(parts: SparkStageParts) {
    this.skewClock = parts.skewClock;
    this.user = parts.user;
    this.world = parts.world;
    this.nodes = parts.nodes;
    this.resource = parts.resource;
    this.podLabels = parts.podLabels;
    this.now = parts.now;
  }

  /** kubectl create, of the namespace too. */
  create(): void {
    const { namespace = 'default' } = this.resource.metadata;
    const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
    if (this.user.get(ref) === undefined) {
      this.user.create({ ...ref, metadata: { name: namespace } } as unknown as KubeObject);
    }
    this.user.create(this.resource);
    this.intend(this.resource.spec);
  }

  /** The resource as stored. */
  stored(): KubeObject | undefined {
    return this.user.get(refOf(this.resource));
  }

  /** kubectl patch of spec, as a merge patch. */
  edit(spec: object): void {
    const live = this.stored();
    if (live === undefined) return;
    this.user.patch(refOf(this.resource), { spec });
    const wanted = applyMergePatch(live.spec, spec);
    if (!deepEqual(wanted, live.spec)) this.intend(wanted);
  }

  /** kubectl delete of the resource. */
  remove(propagation: 'Background' | 'Foreground' = 'Background'): void {
    if (this.stored() === undefined) return;
    this.user.delete(refOf(this.resource), { propagation });
    this.intents.push({ atMs: this.now(), spec: undefined });
  }

  /** kubectl delete of the namespace with everything in it. */
  removeNamespace(): void {
    this.intents.push({ atMs: this.now(), spec: undefined });
    this.user.delete({ apiVersion: 'v1', kind: 'Namespace', name: this.resource.metadata.namespace ?? 'default' });
  }

  /** Another operator left this status behind. */
  writeStatus(status: object): void {
    const live = this.stored();
    if (live !== undefined) this.user.replace({ ...live, status }, 'status');
  }

  /** Somebody makes an object in the namespace; the result is as stored. */
  put(object: Omit<KubeObject, 'metadata'> & { readonly metadata: object }): KubeObject {
    const { namespace = 'default' } = this.resource.metadata;
    return this.user.create({ ...object, metadata: { namespace, ...object.metadata } } as KubeObject);
  }

  /** Its owner deletes a pod that createForeign made. */
  dropForeign(name: string): void {
    this.dropped.add(`deleted Pod ${name}`);
    this.user.delete(this.refAt('v1', 'Pod', name));
  }

  /** Somebody deletes a Service of the resource's own. */
  dropService(name: string): void {
    this.dropped.add(`Service ${name}`);
    this.user.delete(this.refAt('v1', 'Service', name));
  }

  /** Somebody has a pod of this name, which is none of the application's. */
  createForeign(name: string): void {
    const containers = [{ name: 'main', image: 'busybox' }];
    this.put({ ...POD, metadata: { name, labels: { [FOREIGN_LABEL]: 'true' } }, spec: { containers } });
  }

  /** The account drivers run as. */
  createAccount(): void {
    this.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'spark' } });
  }

  /** At most so many pods in the namespace; 0 takes the quota away. */
  limitPods(pods: number): void {
    const ref = this.refAt('v1', 'ResourceQuota', 'pods');
    if (this.user.get(ref) !== undefined) this.user.delete(ref);
    if (pods > 0)
      this.put({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'pods' },
        spec: { hard: { pods: `${pods}` } },
      });
  }

  /** Somebody deletes a pod, in order (SIGTERM). */
  deletePod(role: PodRole): void {
    const [pod] = this.pods(role);
    if (pod !== undefined) this.user.delete(refOf(pod));
  }

  /** A pod has to go for one that matters more: the scheduler says so and deletes it. */
  preempt(role: PodRole): void {
    const [pod] = this.pods(role);
    if (pod === undefined) return;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    };
    const { conditions = [] } = (pod.status ?? {}) as { readonly conditions?: readonly object[] };
    this.user.patch(refOf(pod), { status: { conditions: [...conditions, condition] } }, 'status');
    this.user.delete(refOf(pod));
  }

  /** The node of a pod runs out of memory, and its kubelet kills the pod. */
  evict(role: PodRole): void {
    const [pod] = this.pods(role);
    if (pod !== undefined) this.nodes.evict(pod);
  }

  /** A process dies at once. */
  crash(role: PodRole): void {
    const [pod] = this.pods(role);
    if (pod !== undefined) this.world.crash(pod.metadata.name);
  }

  /** Pods of a role that are not being deleted. */
  private pods(role: PodRole): readonly KubeObject[] {
    const { namespace = 'default' } = this.resource.metadata;
    return this.user
      .list(POD, namespace, { ...this.podLabels, 'spark-role': role })
      .filter((pod) => !isBeingDeleted(pod));
  }

  private refAt(apiVersion: string, kind: string, name: string): ObjectRef {
    return { apiVersion, kind, name, namespace: this.resource.metadata.namespace ?? 'default' };
  }

  private intend(spec: unknown): void {
    this.intents.push({ atMs: this.now(), spec: spec as Record<string, unknown> });
  }
}
