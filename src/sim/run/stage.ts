import { SNAPSHOT_KIND } from '../../flink/snapshot/schema.ts';
import { isBeingDeleted, type KubeObject, type ObjectRef } from '../../kube/object.ts';
import { applyMergePatch } from '../../lib/merge-patch.ts';
import type { FlinkWorld } from '../flink/world.ts';
import type { KubeAccess } from '../kube/access.ts';
import { FOREIGN_LABEL } from './witness.ts';

/** The spec of the job's resource over time, as its user wrote it. */
export interface Intent {
  readonly atMs: number;
  /** Undefined once the user deleted the resource. */
  readonly spec: Readonly<Record<string, unknown>> | undefined;
  /** The user asked for one start without state. */
  readonly startsEmpty?: true;
}

/** Where a scenario's steps act: one job's resource, its cluster, and the people and accidents around it. */
export class Stage {
  readonly world: FlinkWorld;
  readonly intents: Intent[] = [];
  /** Somebody sets the clock of the operator's node: off by this many milliseconds from everybody else's. */
  readonly skewClock: (ms: number) => void;
  /** The other job on the session, if there is one. */
  readonly neighbour: Stage | undefined;
  private readonly user: KubeAccess;
  private readonly resource: KubeObject;
  /** The FlinkDeployment: the resource itself unless that is a job on a session. */
  private readonly cluster: KubeObject;
  private readonly now: () => number;

  constructor(parts: {
    readonly user: KubeAccess;
    readonly world: FlinkWorld;
    readonly resource: KubeObject;
    readonly session: KubeObject | undefined;
    readonly now: () => number;
    readonly skewClock: (ms: number) => void;
    readonly neighbour?: Stage | undefined;
  }) {
    this.neighbour = parts.neighbour;
    this.skewClock = parts.skewClock;
    this.user = parts.user;
    this.world = parts.world;
    this.resource = parts.resource;
    this.cluster = parts.session ?? parts.resource;
    this.now = parts.now;
  }

  /** kubectl create, of the namespace too; `changes` are laid over the scenario's spec. */
  create(changes: object = {}): void {
    this.createNamespace();
    const spec = applyMergePatch(this.resource.spec, changes);
    this.user.create({ ...this.resource, spec });
    this.intend(spec);
  }

  /** kubectl create of the session that the job is for. */
  createSession(): void {
    this.createNamespace();
    this.user.create(this.cluster);
  }

  /** kubectl patch of the session's spec. */
  editSession(spec: object): void {
    this.user.patch(refOf(this.cluster), { spec });
  }

  /** kubectl delete of the session. */
  removeSession(): void {
    this.user.delete(refOf(this.cluster));
  }

  private createNamespace(): void {
    const { namespace: name = 'default' } = this.resource.metadata;
    const namespace = { apiVersion: 'v1', kind: 'Namespace' };
    if (this.user.get({ ...namespace, name }) === undefined) this.user.create({ ...namespace, metadata: { name } });
  }

  /** The job's resource as stored. */
  stored(): KubeObject | undefined {
    return this.user.get(refOf(this.resource));
  }

  /** Whether the FlinkDeployment is not there. */
  get clusterGone(): boolean {
    return this.user.get(refOf(this.cluster)) === undefined;
  }

  /** kubectl patch of spec, as a merge patch. */
  edit(spec: object): void {
    const live = this.stored();
    if (live === undefined) return;
    this.user.patch(refOf(this.resource), { spec });
    this.intend(applyMergePatch(live.spec, spec));
  }

  /** kubectl annotate weir.dev/stateless-once, and an edit of the spec with it. */
  startEmptyOnce(annotations: Readonly<Record<string, string>>, spec: object): void {
    const live = this.stored();
    if (live === undefined) return;
    this.user.patch(refOf(this.resource), { metadata: { annotations }, spec });
    const wanted = applyMergePatch(live.spec, spec) as Record<string, unknown>;
    this.intents.push({ atMs: this.now(), spec: wanted, startsEmpty: true });
  }

  /** kubectl edit that puts the first spec back. */
  revert(): void {
    const live = this.stored();
    if (live === undefined) return;
    const { resourceVersion: _version, ...metadata } = live.metadata;
    this.user.replace({ ...live, metadata, spec: this.resource.spec });
    this.intend(this.resource.spec);
  }

  /** kubectl delete of the job's resource. */
  remove(): void {
    this.user.delete(refOf(this.resource));
    this.intents.push({ atMs: this.now(), spec: undefined });
  }

  /** kubectl create of a FlinkStateSnapshot of the job. */
  createSnapshot(name: string, spec: object): void {
    const { kind, metadata } = this.resource;
    const jobReference = { kind, name: metadata.name };
    const { namespace = 'default' } = metadata;
    this.user.create({ ...SNAPSHOT_KIND, metadata: { name, namespace }, spec: { jobReference, ...spec } });
  }

  /** kubectl delete of a FlinkStateSnapshot. */
  removeSnapshot(name: string): void {
    this.user.delete({ ...SNAPSHOT_KIND, name, namespace: this.resource.metadata.namespace ?? 'default' });
  }

  /** kubectl delete of the namespace with everything in it. */
  removeNamespace(): void {
    this.intents.push({ atMs: this.now(), spec: undefined });
    const { namespace = 'default' } = this.resource.metadata;
    this.user.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  }

  /** Somebody has an object of a name that a cluster could use, with labels like a cluster's. */
  createForeign(): void {
    const { name, namespace = 'default' } = this.resource.metadata;
    const labels = { app: name, type: 'flink-native-kubernetes', [FOREIGN_LABEL]: 'true' };
    this.user.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `pod-template-${name}`, namespace, labels },
      data: { mine: 'yes' },
    });
  }

  /** Somebody deletes the JobManager's Deployment. */
  deleteJobManagerDeployment(): void {
    const { name, namespace = 'default' } = this.cluster.metadata;
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
    if (this.user.get(ref) !== undefined) this.user.delete(ref);
  }

  /** Somebody deletes a pod of the cluster, in order (SIGTERM). */
  deletePod(component: 'jobmanager' | 'taskmanager'): void {
    const pod = this.pods(component)[0];
    if (pod !== undefined) this.user.delete({ ...refOf(pod) });
  }

  /** A process of the cluster dies at once. */
  crash(component: 'jobmanager' | 'taskmanager'): void {
    const pod = this.pods(component)[0];
    if (pod !== undefined) this.world.crash(pod.metadata.name);
  }

  /** Pods of a component that are not being deleted. */
  pods(component: string): readonly KubeObject[] {
    const { name, namespace = 'default' } = this.cluster.metadata;
    return this.user
      .list({ apiVersion: 'v1', kind: 'Pod' }, namespace, { app: name, component })
      .filter((pod) => !isBeingDeleted(pod));
  }

  private intend(spec: unknown): void {
    this.intents.push({ atMs: this.now(), spec: spec as Record<string, unknown> });
  }
}

function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? 'default' };
}
