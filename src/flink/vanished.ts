import { knownValue } from '../core/fact.ts';
import { effectiveConf } from './flink-conf.ts';
import { jobOptions } from './options.ts';
import type { FlinkRecord } from './record.ts';
import { haMetadata } from './restore.ts';
import type { FlinkDeployment } from './schema.ts';
import type { Situation } from './situation.ts';
import { isSession } from './validate-change.ts';

/** Of a job that has ended while nobody could see how: what is known of that. */
export const VANISHED =
  'the JobManager was lost and is back without the job, which ran well before: it has ended, and how is not known';

/**
 * Time until a job counts as vanished, in milliseconds, 0 once it does; undefined while there is no sign of it. It ran well; its
 * JobManager answers, does not know it, and leads by high-availability data in which nothing is left of it: Flink took that
 * away with its end, and its JobManager was replaced before it was asked. A program that is slow to submit its job has as long
 * as a deployment may take to become ready.
 */
export function vanishesInMs(situation: Situation, record: FlinkRecord): number | undefined {
  const { observed, resource, defaults, now, status } = situation;
  const answer = knownValue(observed.rest);
  if (situation.cluster !== 'current' || isSession(record.spec) || answer === undefined || answer.job !== undefined)
    return undefined;
  const { lastStableSpec, lastReconciledSpec } = status?.reconciliationStatus ?? {};
  if (lastStableSpec === undefined || lastStableSpec !== lastReconciledSpec || !isForgotten(situation, record))
    return undefined;
  const conf = effectiveConf({ ...resource, spec: record.spec } as FlinkDeployment, defaults);
  return Math.max(0, record.timestamp + jobOptions(conf).readinessTimeoutMs - now.getTime());
}

/** High availability is in use, and holds neither checkpoints nor the graph of the job. */
function isForgotten({ observed, resource }: Situation, { jobId }: FlinkRecord): boolean {
  const { name } = resource.metadata;
  const { available, withGraph } = haMetadata(observed.haConfigMaps, name, jobId);
  const leads = observed.haConfigMaps.some(({ metadata }) => metadata.name === `${name}-cluster-config-map`);
  return leads && !available && withGraph.length === 0;
}
