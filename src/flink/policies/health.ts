import type { Policy } from '../../core/reconciler.ts';
import { warning } from '../events.ts';
import { healthOf } from '../health.ts';
import type { Intent, Situation } from '../situation.ts';
import { recoverable } from './recover.ts';
import { firstStep, startRecord } from './start.ts';

/**
 * A job that its health check finds unhealthy is started anew, where its state is safe: from Flink's high-availability
 * data, or empty if its user declared that there is no state to keep. Else it goes on, and `run` says so.
 */
export const restartUnhealthy: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  const unhealthy = healthOf(situation)?.unhealthy;
  if (record === undefined || target === undefined || unhealthy === undefined) return undefined;
  const restore = recoverable(situation, record, target, 'it was unhealthy');
  if (restore === undefined) return undefined;
  const change = startRecord(situation, record.spec, { ...record, firstDeployment: false, restore });
  return firstStep(situation, change, [warning('RestartUnhealthyJob', unhealthy, 'Job')]);
};
