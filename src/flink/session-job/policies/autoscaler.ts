import { knownValue } from '../../../core/fact.ts';
import { asksToForget } from '../../autoscaled.ts';
import { autoscale } from '../../autoscaler/autoscale.ts';
import { autoscalerSettings } from '../../autoscaler/settings.ts';
import { VERTEX_PARALLELISM } from '../../conf/scheduling.ts';
import { flattenConfiguration } from '../../configuration.ts';
import { withStep } from '../../policies/autoscaler.ts';
import { isRolledBack } from '../../record.ts';
import { clusterResources } from '../../resources.ts';
import { type Intent, recordedConf, type Situation } from '../situation.ts';

/** Adds to what a pass wants what the autoscaler makes of the job; its TaskManagers are the session's. */
export function withAutoscaler(situation: Situation, intent: Intent): Intent {
  const { resource, record, status, observed, session, now } = situation;
  if (!record?.spec.job || intent.keepsStatus === true) return intent;
  const next = intent.record ?? record;
  const conf = recordedConf(situation, next);
  const step = autoscale({
    resource,
    before: status?.autoscaler,
    settings: autoscalerSettings(conf),
    runs: intent.because === 'JobRunning' && session.kind === 'ready' && !isRolledBack(next),
    facts: knownValue(observed.rest)?.autoscaled,
    map: observed.autoscalerMap,
    inForce: flattenConfiguration(next.spec.flinkConfiguration).get(VERTEX_PARALLELISM),
    forgets: asksToForget(next.spec, record.spec),
    taskManager: () => {
      const { slotsPerTaskManager: slots, taskManager } = clusterResources(
        session.kind === 'ready' ? session.spec : {},
        conf,
      );
      return { slots, ...taskManager };
    },
    now,
  });
  return withStep(intent, step);
}
