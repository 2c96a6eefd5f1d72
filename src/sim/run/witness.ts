import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { type GroundTruth, type Ran, running } from '../flink/truth.ts';
import type { KubeAccess } from '../kube/access.ts';

/** A status of the job's resource that was stored. */
export interface SeenStatus {
  readonly atMs: number;
  readonly object: KubeObject;
}

/** Pointers to checkpoints that somebody other than Flink took away. */
export interface LostPointers {
  readonly atMs: number;
  readonly configMap: string;
  readonly jobId: string;
  /** The job's resource as stored at that moment; undefined if it was gone. */
  readonly resource: KubeObject | undefined;
}

/** Sees every change as it is stored, so that no lie is too short. */
export class Witness {
  readonly statuses: SeenStatus[] = [];
  /** FlinkStateSnapshots as they were last, by uid: those that are gone too. */
  readonly snapshots = new Map<string, KubeObject>();
  readonly lostPointers: LostPointers[] = [];
  /** What was done to objects that are somebody else's. */
  readonly foreignTouched: string[] = [];
  /** Executions that ran when the job's resource went away for good. */
  orphans = 0;
  /** Changes that matter to whether the cluster is at rest: everything but what Flink writes by itself all the time. */
  changes = 0;
  private resource: KubeObject | undefined;

  /** `ran` is what ran for the job's resource so far, `truth` all there is. */
  constructor(
    user: KubeAccess,
    { kind, metadata: { name } }: KubeObject,
    { truth, ran, now }: { readonly truth: GroundTruth; readonly ran: () => Ran; readonly now: () => number },
  ) {
    const watch = (apiVersion: string, kind: string, see: (type: string, object: KubeObject) => void): void => {
      user.watch({ apiVersion, kind }, undefined, ({ type, object }) => {
        if (!isHighAvailability(object)) this.changes += 1;
        if (type !== 'ADDED' && isForeign(object)) this.foreignTouched.push(`${type} ${kind} ${object.metadata.name}`);
        see(type, object);
      });
    };
    watch('flink.apache.org/v1beta1', kind, (type, object) => {
      if (object.metadata.name !== name) return;
      this.resource = type === 'DELETED' ? undefined : object;
      if (type === 'DELETED') this.orphans += running(ran()).length;
      else if (object.status !== undefined) this.statuses.push({ atMs: now(), object });
    });
    watch('flink.apache.org/v1beta1', 'FlinkStateSnapshot', (_type, object) => {
      this.snapshots.set(object.metadata.uid ?? '', object);
    });
    watch('v1', 'ConfigMap', (type, object) => {
      if (type !== 'DELETED' || !isHighAvailability(object) || !hasPointers(object)) return;
      const jobId = /-([0-9a-f]{32})-config-map$/.exec(object.metadata.name)?.[1] ?? '';
      if (truth.cleaning === jobId) return;
      this.lostPointers.push({ atMs: now(), configMap: object.metadata.name, jobId, resource: this.resource });
    });
    const others = [
      ['v1', 'Pod'],
      ['v1', 'Service'],
      ['apps/v1', 'Deployment'],
      ...(kind === 'FlinkDeployment' ? [] : ([['flink.apache.org/v1beta1', 'FlinkDeployment']] as const)),
    ] as const;
    for (const [apiVersion, other] of others) watch(apiVersion, other, () => undefined);
  }
}

/** The label of objects that a scenario makes in somebody else's name. */
export const FOREIGN_LABEL = 'owned-by-somebody-else';

/** Whether a scenario made it in somebody else's name. */
export function isForeign({ metadata }: KubeObject): boolean {
  return metadata.labels?.[FOREIGN_LABEL] !== undefined;
}

/** A ConfigMap of Flink's high availability, by how Flink ends their names; Weir's own end otherwise. */
export function isHighAvailability({ kind, metadata }: KubeObject): boolean {
  return kind === 'ConfigMap' && metadata.name.endsWith('-config-map');
}

function hasPointers({ data }: KubeObject): boolean {
  return isRecord(data) && Object.keys(data).some((key) => key.startsWith('checkpointID-'));
}
