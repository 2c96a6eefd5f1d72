import { FailureError } from '../../core/failure.ts';
import type { Access, Reconciler, Watched } from '../../core/reconciler.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { assertNever } from '../../lib/assert-never.ts';
import { deepEqual } from '../../lib/json.ts';
import { SPARK_APPLICATION_KIND, SPARK_GROUP } from '../schema.ts';
import { decideSchedule, decideScheduleFailed } from './decide.ts';
import { observeSchedule } from './observe.ts';
import { type ScheduleObserved, UNSEEN } from './observed.ts';
import { SCHEDULE_KIND, SCHEDULE_LABEL, type ScheduledSparkApplicationStatus } from './schema.ts';
import type { ScheduleSettings } from './settings.ts';
import { scheduleSituation } from './situation.ts';

/** The ScheduledSparkApplication controller, as the runtime drives it: it has no effects and asks nobody. */
export type ScheduleReconciler = Reconciler<ScheduleObserved, ScheduledSparkApplicationStatus, never, never>;

/** API access the ScheduledSparkApplication controller uses beyond that of the SparkApplication controller. */
export const SCHEDULE_ACCESS: readonly Access[] = [
  {
    group: SPARK_GROUP,
    resources: ['scheduledsparkapplications'],
    verbs: ['list', 'watch'],
    why: 'read schedules',
  },
  { group: SPARK_GROUP, resources: ['scheduledsparkapplications/status'], verbs: ['update'], why: 'write status' },
  {
    group: SPARK_GROUP,
    resources: ['scheduledsparkapplications/finalizers'],
    verbs: ['update'],
    why: 'own runs that block deletion (OwnerReferencesPermissionEnforcement)',
  },
  {
    group: SPARK_GROUP,
    resources: ['sparkapplications'],
    verbs: ['list', 'watch', 'create', 'delete'],
    why: 'make runs that are due, delete those that are replaced or whose time is over',
  },
];

const WATCHES: readonly Watched[] = [{ kind: SPARK_APPLICATION_KIND, toKey: bySchedule }];

function bySchedule({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[SCHEDULE_LABEL];
  return name === undefined ? undefined : keyOf({ ...metadata, name });
}

/** Builds the ScheduledSparkApplication controller. */
export function createScheduleReconciler(settings: ScheduleSettings): ScheduleReconciler {
  return {
    name: 'scheduledsparkapplication',
    kind: SCHEDULE_KIND,
    watches: WATCHES,
    access: SCHEDULE_ACCESS,
    observe: observeSchedule,
    decide: (resource, observed, now) => decideSchedule(scheduleSituation(resource, observed, settings, now)),
    failed: (resource, failure, now) =>
      decideScheduleFailed(scheduleSituation(resource, UNSEEN, settings, now), failure),
    perform: (_resource, effect) => assertNever(effect),
    ask: async (resource) => {
      const message = `${keyOf(resource.metadata)}: runs are watched, not asked`;
      throw new FailureError({ kind: 'transient', message });
    },
    answersEqual: deepEqual,
  };
}
