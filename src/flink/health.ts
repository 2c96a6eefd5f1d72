import * as z from 'zod';
import { knownValue } from '../core/fact.ts';
import type { KubeObject } from '../kube/object.ts';
import { checkpointIntervalMs, checkpointWindowMs } from './checkpoint-times.ts';
import type { OperatorDefaults } from './conf/layers.ts';
import { effectiveConf, type FlinkConf } from './flink-conf.ts';
import type { HealthQuestion } from './health-client.ts';
import { type HealthFacts, isTerminal } from './observed.ts';
import { type HealthCheckOptions, jobOptions } from './options.ts';
import { type FlinkRecord, recordOf, runs } from './record.ts';
import { type FlinkDeployment, type FlinkDeploymentSpec, specOf } from './schema.ts';
import type { Situation } from './situation.ts';

/** The key of status.clusterInfo under which the incumbent keeps it as JSON (Flink Kubernetes Operator 1.15, ClusterHealthInfo). */
export const HEALTH_KEY = 'ClusterHealthInfo';

/**
 * What is kept of a job's health, in the incumbent's fields: the restarts counted up to the begin of the present window,
 * when that began, and how it stood. Of checkpoints Flink itself keeps what is needed; the fields are for the incumbent.
 */
const HealthInfo = z.object({
  timeStamp: z.number(),
  numRestarts: z.number(),
  numRestartsEvaluationTimeStamp: z.number(),
  numCompletedCheckpoints: z.number(),
  numCompletedCheckpointsIncreasedTimeStamp: z.number(),
  healthResult: z.object({ healthy: z.boolean(), error: z.string().nullable() }),
});
type HealthInfo = z.infer<typeof HealthInfo>;

/** How a running job stands by its health check. */
export interface Health {
  /** What is to be kept, as text for status.clusterInfo: the text before while nothing of it changed. */
  readonly info: string;
  /** Why the job counts as unhealthy; undefined while it is well. */
  readonly unhealthy: string | undefined;
}

/** What is to be asked of the health of a resource's job; nothing where it is not checked. */
export function healthQuestion(resource: KubeObject, defaults: OperatorDefaults): { readonly health?: HealthQuestion } {
  const record = recordOf(resource);
  if (record?.spec.job === undefined) return {};
  const parsed = specOf(resource);
  const options = optionsOf({ resource, defaults }, parsed.ok ? parsed.value : record.spec);
  if (!options.enabled) return {};
  const checkpointWindowMs = checkpointWindow({ resource, defaults }, record, options);
  return { health: checkpointWindowMs === undefined ? {} : { checkpointWindowMs } };
}

/**
 * Judges the health of the recorded job by the JobManager's newest answer and what was kept before; undefined where it is
 * not checked or cannot be. More restarts within the window than the threshold, or no checkpoint within its window, is
 * unhealthy; counts that fall, since the JobManager was restarted, begin a new window.
 */
export function healthOf(situation: Situation): Health | undefined {
  const { record, target, status, cluster, now } = situation;
  const facts = factsOf(situation);
  if (facts === undefined || record === undefined || target === undefined || cluster !== 'current') return undefined;
  const options = optionsOf(situation, target.spec);
  if (!options.enabled || !runs(record)) return undefined;
  const text = status?.clusterInfo?.[HEALTH_KEY];
  const before = readInfo(text);
  const judging = { options, nowMs: now.getTime() };
  const reasons = [tooManyRestarts(before, facts, judging), stalled(facts, situation, { record, options })];
  const unhealthy = reasons.filter((reason) => reason !== undefined).join('; ') || undefined;
  const info = nextInfo(before, facts, { ...judging, unhealthy });
  const kept = info === before ? text : undefined;
  return { info: kept ?? JSON.stringify(info), unhealthy };
}

function factsOf({ observed }: Situation): HealthFacts | undefined {
  const { job, health } = knownValue(observed.rest) ?? {};
  return job === undefined || isTerminal(job.state) ? undefined : health;
}

type Setting = Pick<Situation, 'resource' | 'defaults'>;

function optionsOf(setting: Setting, spec: FlinkDeploymentSpec): HealthCheckOptions {
  return jobOptions(confOf(setting, spec)).healthCheck;
}

function confOf({ resource, defaults }: Setting, spec: FlinkDeploymentSpec): FlinkConf {
  return effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
}

function readInfo(text: string | undefined): HealthInfo | undefined {
  if (text === undefined) return undefined;
  try {
    return HealthInfo.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // text that is no JSON is no record: a new window begins
  }
}

interface Judging {
  readonly options: HealthCheckOptions;
  readonly nowMs: number;
}

/** Restarts since the window began, as a rate where that is longer ago than a window. */
function tooManyRestarts(
  before: HealthInfo | undefined,
  { restarts }: HealthFacts,
  { options, nowMs }: Judging,
): string | undefined {
  if (before === undefined || restarts <= before.numRestarts) return undefined;
  const { restartsWindowMs: windowMs, restartsThreshold } = options;
  const elapsed = Math.max(1, nowMs - before.numRestartsEvaluationTimeStamp);
  const within = Math.floor((restarts - before.numRestarts) * Math.min(1, windowMs / elapsed));
  if (within <= restartsThreshold) return undefined;
  return `Flink restarted the job more than ${restartsThreshold} times within ${windowMs / 1000} s`;
}

function stalled(
  { stalledSince }: HealthFacts,
  setting: Setting,
  { record, options }: { readonly record: FlinkRecord; readonly options: HealthCheckOptions },
): string | undefined {
  const windowMs = stalledSince === undefined ? undefined : checkpointWindow(setting, record, options);
  if (stalledSince === undefined || windowMs === undefined) return undefined;
  const since = new Date(stalledSince).toISOString();
  return `the job has completed no checkpoint since ${since}, for more than ${windowMs / 1000} s`;
}

/** A window ends with the first restart after its time; while nothing happens nothing is written. */
function nextInfo(
  before: HealthInfo | undefined,
  { restarts, completedCheckpoints, stalledSince }: HealthFacts,
  { options, nowMs, unhealthy }: Judging & { readonly unhealthy: string | undefined },
): HealthInfo {
  const over = (since: number): boolean => nowMs - since > options.restartsWindowMs;
  const kept =
    before !== undefined &&
    (restarts === before.numRestarts ||
      (restarts > before.numRestarts && !over(before.numRestartsEvaluationTimeStamp)));
  if (kept && before.healthResult.error === (unhealthy ?? null)) return before;
  return {
    timeStamp: nowMs,
    numRestarts: kept ? before.numRestarts : restarts,
    numRestartsEvaluationTimeStamp: kept ? before.numRestartsEvaluationTimeStamp : nowMs,
    numCompletedCheckpoints: completedCheckpoints,
    numCompletedCheckpointsIncreasedTimeStamp: stalledSince ?? nowMs,
    healthResult: { healthy: unhealthy === undefined, error: unhealthy ?? null },
  };
}

/**
 * Time in which a checkpoint must complete: as set, but never less than what failures that the job tolerates may take.
 * Undefined where neither that nor a checkpoint interval is set (Flink Kubernetes Operator 1.15, ClusterHealthEvaluator).
 */
function checkpointWindow(
  setting: Setting,
  { spec }: FlinkRecord,
  { checkpointProgressEnabled, checkpointProgressWindowMs: wanted }: HealthCheckOptions,
): number | undefined {
  if (!checkpointProgressEnabled) return undefined;
  const conf = confOf(setting, spec);
  if (wanted === undefined && checkpointIntervalMs(conf) === undefined) return undefined;
  return Math.max(checkpointWindowMs(conf), wanted ?? 0);
}
