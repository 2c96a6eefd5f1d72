import { isBeingDeleted, type KubeObject } from '../../../kube/object.ts';
import { SPARK_APPLICATION_KIND } from '../../../spark/schema.ts';
import type { KubeAccess } from '../../kube/access.ts';
import type { SparkTruth } from '../../spark/truth.ts';
import { FOREIGN_LABEL, type SeenStatus } from '../witness.ts';

const SUBMISSION = 'sparkoperator.k8s.io/submission-id';
const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

/** Sees every change as it is stored, so that no lie is too short. */
export class SparkWitness {
  readonly statuses: SeenStatus[] = [];
  /** What was done to objects that are somebody else's. */
  readonly foreignTouched: string[] = [];
  /** What a driver needs, taken away while it was still to work. */
  readonly early: string[] = [];
  /** Changes that matter to whether all is at rest. */
  changes = 0;
  private readonly user: KubeAccess;
  private readonly truth: SparkTruth;

  constructor(user: KubeAccess, truth: SparkTruth, now: () => number) {
    this.user = user;
    this.truth = truth;
    user.watch(SPARK_APPLICATION_KIND, undefined, ({ type, object }) => {
      this.changes += 1;
      if (type !== 'DELETED' && object.status !== undefined) this.statuses.push({ atMs: now(), object });
    });
    for (const kind of ['Pod', 'Service', 'ConfigMap']) {
      user.watch({ apiVersion: 'v1', kind }, undefined, ({ type, object }) => {
        this.changes += 1;
        if (type === 'DELETED' && kind !== 'Pod') this.lose(object);
        if (type === 'DELETED' && isForeign(object))
          this.foreignTouched.push(`deleted ${kind} ${object.metadata.name}`);
      });
    }
  }

  /** Whether a driver lives on what has just been deleted, though nobody has asked it to stop. */
  private lose({ kind, metadata }: KubeObject): void {
    const submission = metadata.labels?.[SUBMISSION];
    if (submission === undefined) return;
    const { namespace = '', name } = metadata;
    const drivers = this.user
      .list(POD, namespace, { [SUBMISSION]: submission })
      .filter((pod) => pod.metadata.labels?.['spark-role'] !== 'executor');
    const run = this.truth.runs.find(({ submissionId }) => submissionId === submission);
    if (run?.stopping === true) return;
    for (const driver of drivers) {
      if (isBeingDeleted(driver) || this.isOrphan(driver)) continue;
      this.early.push(`${kind} ${name} was deleted before its driver had ended`);
    }
  }

  /** What it runs for is gone, and everything of it is on its way out. */
  private isOrphan({ metadata }: KubeObject): boolean {
    const { namespace = '', ownerReferences: [owner] = [] } = metadata;
    const { apiVersion, kind } = owner ?? SPARK_APPLICATION_KIND;
    const stored = this.user.get({ apiVersion, kind, namespace, name: owner?.name ?? '' });
    return stored?.metadata.uid !== owner?.uid || stored?.metadata.deletionTimestamp !== undefined;
  }
}

function isForeign({ metadata }: KubeObject): boolean {
  return metadata.labels?.[FOREIGN_LABEL] !== undefined;
}
