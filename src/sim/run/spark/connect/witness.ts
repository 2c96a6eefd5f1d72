import { SPARK_CONNECT_KIND } from '../../../../spark/connect/schema.ts';
import type { KubeAccess } from '../../../kube/access.ts';
import type { SeenStatus } from '../../witness.ts';

/** Sees every change of a SparkConnect and of the Services clients use, as it is stored. */
export class ConnectWitness {
  readonly statuses: SeenStatus[] = [];
  /** Services clients use that went while the SparkConnect was there. */
  readonly lostServices: { readonly atMs: number; readonly name: string }[] = [];
  /** Changes of the SparkConnect. */
  changes = 0;

  constructor(user: KubeAccess, now: () => number) {
    let there = false;
    user.watch(SPARK_CONNECT_KIND, undefined, ({ type, object }) => {
      this.changes += 1;
      there = type !== 'DELETED' && object.metadata.deletionTimestamp === undefined;
      if (type !== 'DELETED' && object.status !== undefined) this.statuses.push({ atMs: now(), object });
    });
    user.watch({ apiVersion: 'v1', kind: 'Service' }, undefined, ({ type, object: { metadata } }) => {
      const ofClients = metadata.labels?.['sparkoperator.k8s.io/created-by-spark-operator'] === 'true';
      if (type === 'DELETED' && ofClients && there) this.lostServices.push({ atMs: now(), name: metadata.name });
    });
  }
}
