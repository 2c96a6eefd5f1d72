import { knownValue } from '../../core/fact.ts';
import type { Action, EventDraft } from '../../core/plan.ts';
import type { KubeObject } from '../../kube/object.ts';
import { asksToForget } from '../autoscaled.ts';
import { type AutoscalerStep, autoscale } from '../autoscaler/autoscale.ts';
import { forgetState } from '../autoscaler/config-map.ts';
import { autoscalerSettings } from '../autoscaler/settings.ts';
import { VERTEX_PARALLELISM } from '../conf/scheduling.ts';
import { flattenConfiguration } from '../configuration.ts';
import { effectiveConf } from '../flink-conf.ts';
import { isRolledBack } from '../record.ts';
import { clusterResources } from '../resources.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';

/** What is known of a resource of either kind whose user may ask to forget. */
interface Forgetful {
  readonly record: { readonly spec: FlinkDeploymentSpec } | undefined;
  readonly target: { readonly spec: FlinkDeploymentSpec } | undefined;
  readonly observed: { readonly autoscalerMap?: KubeObject | undefined };
}

/** A pass that removes what the autoscaler has learnt. */
interface Forgetting {
  readonly because: 'AutoscalerReset';
  readonly message: string;
  readonly phase: 'progressing';
  readonly actions: readonly Action<never>[];
  readonly keepsStatus: true;
  readonly probe: 'fast';
}

/**
 * What the autoscaler has learnt is removed before it is recorded that its user asked for that: a pass that dies in between
 * finds that still asked for. Undefined where nothing is there.
 */
export function forgetLearnt({ record, target, observed: { autoscalerMap: map } }: Forgetful): Forgetting | undefined {
  if (map === undefined || target === undefined || !asksToForget(target.spec, record?.spec)) return undefined;
  const message = 'spec.job.autoscalerResetNonce has another number: what the autoscaler has learnt is removed';
  const actions = [forgetState(map, message)];
  return { because: 'AutoscalerReset', message, phase: 'progressing', actions, keepsStatus: true, probe: 'fast' };
}

/** Adds to what a pass wants what the autoscaler makes of the job. */
export function withAutoscaler(situation: Situation, intent: Intent): Intent {
  const { resource, record, status, observed, cluster, start, now, defaults } = situation;
  if (!record?.spec.job || intent.keepsStatus === true) return intent;
  const { spec } = intent.record ?? record;
  const conf = effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
  const whole = intent.because === 'JobRunning' && cluster === 'current' && start.held === undefined;
  const step = autoscale({
    resource,
    before: status?.autoscaler,
    settings: autoscalerSettings(conf),
    runs: whole && !isRolledBack(intent.record ?? record),
    facts: knownValue(observed.rest)?.autoscaled,
    map: observed.autoscalerMap,
    inForce: flattenConfiguration(spec.flinkConfiguration).get(VERTEX_PARALLELISM),
    forgets: asksToForget(spec, record.spec),
    taskManager: () => {
      const { slotsPerTaskManager: slots, taskManager } = clusterResources(spec, conf);
      return { slots, ...taskManager };
    },
    now,
  });
  return withStep(intent, step);
}

/** What the pass of a resource of either kind wants besides. */
interface Wishes<E> {
  readonly actions?: readonly Action<E>[];
  readonly events?: readonly EventDraft[];
}

/** Adds a step of the autoscaler to what a pass wants. */
export function withStep<E, I extends Wishes<E>>(intent: I, { actions, events, status, looked }: AutoscalerStep): I {
  return {
    ...intent,
    actions: [...(intent.actions ?? []), ...actions],
    events: [...(intent.events ?? []), ...events],
    autoscaler: status ?? null,
    ...(looked === undefined ? {} : { looked }),
  };
}
