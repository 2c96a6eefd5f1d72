import type { KubeObject, ObjectRef } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { KubeAccess } from '../kube/access.ts';
import { optionOf } from './conf.ts';
import type { JobGraph } from './graph.ts';
import type { Installation } from './installation.ts';
import type { StateStore } from './store.ts';
import type { Snapshot } from './truth.ts';
import type { FlinkWorld } from './world.ts';

/** high-availability.kubernetes.leader-election.* of Flink 1.15 to 2.3. */
const LEASE_MS = 15_000;

/** How often a leader renews its lease, and how often another JobManager tries to get it. */
export const RETRY_MS = 5_000;

const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
const CHECKPOINT = 'checkpointID-';
const COUNTER = 'counter';

/** Whose high availability it is. */
export interface HaSeat {
  readonly kube: KubeAccess;
  readonly store: StateStore;
  readonly namespace: string;
  readonly cluster: string;
  /** Differs for every process. */
  readonly identity: string;
  /** Flink 2 stores execution plans, versions before it job graphs. */
  readonly graphPrefix: 'jobGraph-' | 'executionPlan-';
}

/**
 * Kubernetes high availability (KubernetesMultipleComponentLeaderElectionHaServices): the lease of the leader and the
 * pointers to job graphs and checkpoints, all of it in ConfigMaps that nothing owns. Methods throw KubeError when the API
 * server refuses or cannot be reached.
 */
export class KubernetesHa {
  private readonly seat: HaSeat;

  constructor(seat: HaSeat) {
    this.seat = seat;
  }

  /** Takes the lease if nobody holds it or its time is over; true while this process has it. */
  acquire(nowMs: number): boolean {
    const map = this.clusterMap();
    const held = map === undefined ? undefined : leaderOf(map);
    const free = held === undefined || held.holderIdentity === '' || Date.parse(held.renewTime) + LEASE_MS < nowMs;
    if (held?.holderIdentity !== this.seat.identity && !free) return false;
    this.writeLease(map, nowMs);
    return true;
  }

  /** Prolongs the lease; false when it is not this process's any more, or its ConfigMap was deleted. */
  renew(nowMs: number): boolean {
    const map = this.clusterMap();
    if (map === undefined || leaderOf(map)?.holderIdentity !== this.seat.identity) return false;
    this.writeLease(map, nowMs);
    return true;
  }

  /** Gives the lease back, as a JobManager does that stops in order. */
  release(nowMs: number): void {
    const map = this.clusterMap();
    if (map === undefined || leaderOf(map)?.holderIdentity !== this.seat.identity) return;
    this.seat.kube.replace(withLeader(map, { holderIdentity: '', renewTime: new Date(nowMs).toISOString() }));
  }

  private writeLease(map: KubeObject | undefined, nowMs: number): void {
    const leader = { holderIdentity: this.seat.identity, renewTime: new Date(nowMs).toISOString() };
    if (map === undefined) this.seat.kube.create(withLeader(this.newMap('cluster'), leader));
    else this.seat.kube.replace(withLeader(map, leader));
  }

  /** Jobs another JobManager was running: they are run again as they were. */
  graphs(): readonly JobGraph[] {
    const data = dataOf(this.clusterMap());
    return Object.entries(data)
      .filter(([key]) => key.startsWith('jobGraph-') || key.startsWith('executionPlan-'))
      .map(([, handle]) => this.seat.store.resolve(handle))
      .filter((value): value is JobGraph => value !== undefined && 'vertices' in value);
  }

  putGraph(graph: JobGraph): void {
    this.change('cluster', { [`${this.seat.graphPrefix}${graph.jobId}`]: this.seat.store.keep(graph) });
  }

  /** Makes the ConfigMap of a job if there is none. */
  openJob(jobId: string): void {
    if (this.map(jobId) === undefined) this.seat.kube.create(this.newMap(jobId));
  }

  /** The checkpoints of a job that can be restored, oldest first. */
  checkpoints(jobId: string): readonly Snapshot[] {
    return Object.entries(dataOf(this.map(jobId)))
      .filter(([key]) => key.startsWith(CHECKPOINT))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, handle]) => this.seat.store.resolve(handle))
      .filter((value): value is Snapshot => value !== undefined && 'checkpointId' in value);
  }

  putCheckpoint(jobId: string, snapshot: Snapshot): void {
    this.change(jobId, { [checkpointKey(snapshot.checkpointId)]: this.seat.store.keep(snapshot) });
  }

  removeCheckpoint(jobId: string, checkpointId: number): void {
    this.change(jobId, { [checkpointKey(checkpointId)]: null });
  }

  /** The id the next checkpoint gets. */
  counter(jobId: string): number {
    return Number(dataOf(this.map(jobId))[COUNTER] ?? 1);
  }

  setCounter(jobId: string, next: number): void {
    this.change(jobId, { [COUNTER]: String(next) });
  }

  /** A job is over for good: everything about it goes. */
  cleanJob(jobId: string): void {
    if (this.map(jobId) !== undefined) this.seat.kube.delete(this.ref(jobId));
    const clusterMap = this.clusterMap();
    if (clusterMap === undefined) return;
    const keys = [`${this.seat.graphPrefix}${jobId}`].filter((key) => dataOf(clusterMap)[key] !== undefined);
    if (keys.length > 0) this.change('cluster', Object.fromEntries(keys.map((key) => [key, null])));
  }

  private change(job: string, data: Readonly<Record<string, string | null>>): void {
    this.seat.kube.patch(this.ref(job), { data });
  }

  private clusterMap(): KubeObject | undefined {
    return this.map('cluster');
  }

  private map(job: string): KubeObject | undefined {
    return this.seat.kube.get(this.ref(job));
  }

  private ref(job: string): ObjectRef {
    const { namespace, cluster } = this.seat;
    return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `${cluster}-${job}-config-map` };
  }

  private newMap(job: string): KubeObject {
    const { apiVersion, kind, name, namespace = 'default' } = this.ref(job);
    const labels = { app: this.seat.cluster, type: 'flink-native-kubernetes' };
    return { apiVersion, kind, metadata: { name, namespace, labels } };
  }
}

function checkpointKey(checkpointId: number): string {
  return `${CHECKPOINT}${String(checkpointId).padStart(19, '0')}`;
}

interface Leader {
  readonly holderIdentity: string;
  readonly renewTime: string;
}

function leaderOf(map: KubeObject): Leader | undefined {
  const text = map.metadata.annotations?.[LEADER_ANNOTATION];
  return text === undefined ? undefined : (JSON.parse(text) as Leader);
}

function withLeader(map: KubeObject, leader: Leader): KubeObject {
  const record = { ...leader, leaseDuration: LEASE_MS / 1000 };
  const annotations = { ...map.metadata.annotations, [LEADER_ANNOTATION]: JSON.stringify(record) };
  return { ...map, metadata: { ...map.metadata, annotations } };
}

function dataOf(map: KubeObject | undefined): Readonly<Record<string, string>> {
  return isRecord(map?.data) ? (map.data as Record<string, string>) : {};
}

/** The high availability that a JobManager is configured with, if any. */
export function highAvailability(
  world: FlinkWorld,
  { options, namespace, clusterId, version }: Installation,
  kube: KubeAccess,
): KubernetesHa | undefined {
  const type = optionOf(options, 'high-availability.type', 'high-availability')?.toLowerCase() ?? 'none';
  if (type === 'none') return undefined;
  return new KubernetesHa({
    kube,
    store: world.store,
    namespace,
    cluster: optionOf(options, 'high-availability.cluster-id') ?? clusterId,
    identity: world.hex(32),
    graphPrefix: version.startsWith('1.') ? 'jobGraph-' : 'executionPlan-',
  });
}
