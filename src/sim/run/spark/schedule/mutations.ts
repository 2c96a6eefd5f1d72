import type { KubeObject } from '../../../../kube/object.ts';
import type { ScheduleReconciler } from '../../../../spark/schedule/controller.ts';
import type { SchedulePlan } from '../../../../spark/schedule/decide.ts';
import type { ScheduleObserved } from '../../../../spark/schedule/observed.ts';
import type { ScheduledSparkApplicationStatus } from '../../../../spark/schedule/schema.ts';
import type { Fault } from '../../../kube/faults.ts';
import type { Rule } from '../../scenario.ts';

/** Changes a reconciler of schedules. */
export type ScheduleMutation = (reconciler: ScheduleReconciler) => ScheduleReconciler;

/** A planted bug, where it shows, and the rule that must find it. */
export interface ScheduleMutant {
  readonly name: string;
  readonly rule: Rule;
  /** Name of the scenario. */
  readonly scenario: string;
  readonly mutate: ScheduleMutation;
  /** Without which it does not show. */
  readonly faults?: readonly Fault[];
}

/** Changes every plan, which is told what it was decided from. */
export function withPlan(
  change: (plan: SchedulePlan, seen: Parameters<ScheduleReconciler['decide']>) => SchedulePlan,
): ScheduleMutation {
  return (reconciler) => ({ ...reconciler, decide: (...seen) => change(reconciler.decide(...seen), seen) });
}

/** Changes the status of every plan that writes one. */
export function withStatus(
  change: (status: ScheduledSparkApplicationStatus) => ScheduledSparkApplicationStatus,
): ScheduleMutation {
  return withPlan((plan) => (plan.status === undefined ? plan : { ...plan, status: change(plan.status) }));
}

/** Changes every run that is made. */
export function withRuns(change: (run: KubeObject) => KubeObject): ScheduleMutation {
  return withPlan((plan) => ({
    ...plan,
    actions: plan.actions.map((action) =>
      action.kind === 'create' ? { ...action, object: change(action.object) } : action,
    ),
  }));
}

/** Changes what is seen. */
export function withObserved(
  change: (observed: ScheduleObserved, resource: KubeObject) => ScheduleObserved,
): ScheduleMutation {
  return (reconciler) => ({
    ...reconciler,
    observe: (resource, read, probe) => change(reconciler.observe(resource, read, probe), resource),
  });
}

/** Changes the schedule that is looked at. */
export function withSpec(change: object): ScheduleMutation {
  return (reconciler) => ({
    ...reconciler,
    decide: (resource, observed, now) =>
      reconciler.decide({ ...resource, spec: { ...(resource.spec as object), ...change } }, observed, now),
  });
}
