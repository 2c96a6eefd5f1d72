import { isBeingDeleted, type KubeObject, keyOf } from '../../../../kube/object.ts';
import { SCHEDULE_KIND } from '../../../../spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationStatus } from '../../../../spark/schema.ts';
import type { KubeAccess } from '../../../kube/access.ts';
import { runningDrivers, type SparkTruth } from '../../../spark/truth.ts';
import type { SeenStatus } from '../../witness.ts';

/** Sees every change of a schedule and its runs as it is stored. */
export class ScheduleWitness {
  readonly statuses: SeenStatus[] = [];
  /** SparkApplications as they were made, in order. */
  readonly made: { readonly atMs: number; readonly run: KubeObject }[] = [];
  /** Runs that were to go on and were deleted, while their schedule was not. */
  readonly early: { readonly atMs: number; readonly name: string }[] = [];
  /** Messages of events. */
  readonly events: string[] = [];
  /** Changes of the schedule. */
  changes = 0;
  private schedule: KubeObject | undefined;

  constructor(user: KubeAccess, truth: SparkTruth, now: () => number) {
    user.watch(SCHEDULE_KIND, undefined, ({ type, object }) => {
      this.changes += 1;
      this.schedule = type === 'DELETED' ? undefined : object;
      if (type !== 'DELETED' && object.status !== undefined) this.statuses.push({ atMs: now(), object });
    });
    user.watch({ apiVersion: 'v1', kind: 'Event' }, undefined, ({ object }) => {
      this.events.push(String(object.message));
    });
    const going = new Set<string>();
    user.watch(SPARK_APPLICATION_KIND, undefined, ({ type, object }) => {
      const { uid = '', name } = object.metadata;
      if (type === 'ADDED') this.made.push({ atMs: now(), run: object });
      if ((type !== 'DELETED' && !isBeingDeleted(object)) || going.has(uid)) return;
      going.add(uid);
      if (this.goesWithSchedule() || !goesOn(truth, object)) return;
      this.early.push({ atMs: now(), name });
    });
  }

  private goesWithSchedule(): boolean {
    return this.schedule === undefined || isBeingDeleted(this.schedule);
  }
}

/** Its driver runs, or it has not come to its end. */
function goesOn(truth: SparkTruth, { metadata, status }: KubeObject): boolean {
  if (runningDrivers(truth).some(({ application }) => application === keyOf(metadata))) return true;
  const { state } = (status as SparkApplicationStatus | undefined)?.applicationState ?? {};
  return state !== 'COMPLETED' && state !== 'FAILED';
}
