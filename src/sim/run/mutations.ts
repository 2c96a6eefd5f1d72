import type { Action } from '../../core/plan.ts';
import type { FlinkReconciler } from '../../flink/controller.ts';
import type { FlinkPlan } from '../../flink/decide.ts';
import type { FlinkDeploymentStatus } from '../../flink/schema.ts';
import type { FlinkEffect } from '../../flink/situation.ts';
import type { FlinkDisturbance } from './flink-life.ts';
import type { Rule } from './scenario.ts';

/** A planted bug, where it shows, and the rule that must find it. */
export interface Mutant extends Pick<FlinkDisturbance, 'mutate' | 'mutateSessionJob' | 'mutateParts'> {
  readonly name: string;
  readonly rule: Rule;
  /** Name of the scenario. */
  readonly scenario: string;
}

/** Where a configuration file says what to start from. */
export const RESTORE_LINE = /^( +path: )(s3:.*)$/m;

/** One thing a plan does. */
export type FlinkAction = Action<FlinkEffect>;

/** Changes every plan, which is told what it was decided from. */
export function withPlan(
  change: (plan: FlinkPlan, seen: Parameters<FlinkReconciler['decide']>) => FlinkPlan,
): (reconciler: FlinkReconciler) => FlinkReconciler {
  return (reconciler) => ({ ...reconciler, decide: (...seen) => change(reconciler.decide(...seen), seen) });
}

/** Changes each action of a plan. */
export function withActions(plan: FlinkPlan, change: (action: FlinkAction) => FlinkAction): FlinkPlan {
  return { ...plan, actions: plan.actions.map(change) };
}

/** The configuration files among the objects that are applied, with their text changed. */
export function withConfiguration(change: (text: string) => string): (action: FlinkAction) => FlinkAction {
  return (action) => {
    if (action.kind !== 'apply' || action.object.kind !== 'ConfigMap') return action;
    const data = Object.entries((action.object.data ?? {}) as Record<string, string>);
    return {
      ...action,
      object: { ...action.object, data: Object.fromEntries(data.map(([key, text]) => [key, change(text)])) },
    };
  };
}

/** Changes the status of every plan that writes one. */
export function withStatus(
  change: (status: FlinkDeploymentStatus, seen: Parameters<FlinkReconciler['decide']>) => FlinkDeploymentStatus,
): (reconciler: FlinkReconciler) => FlinkReconciler {
  return withPlan((plan, seen) => (plan.status === undefined ? plan : { ...plan, status: change(plan.status, seen) }));
}
