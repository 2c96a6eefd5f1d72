import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { remembered } from '../lib/remembered.ts';
import { isAutoscalerOption } from './autoscaler/settings.ts';
import type { FlinkConf } from './conf/entry.ts';
import { AUTOSCALER_ENABLED, type FlatConfiguration, firstSet } from './configuration.ts';
import { isUnknownOption, LAYER_PREFIX, optionNamed } from './options/index.ts';
import { GUARD_OPTIONS } from './options/operator-table.ts';
import { operatorValue, optionValue } from './options/read.ts';
import { RESOURCE_OPTIONS } from './options/resource-table.ts';
import type { Schedule } from './options/schedule.ts';
import { brokenRule } from './options/types.ts';

/**
 * The `kubernetes.operator.*` options that decide about one job, with the incumbent's defaults where nobody set them.
 * Durations are milliseconds; those without a default are undefined.
 */
export interface JobOptions {
  readonly jmDeploymentRecoveryEnabled: boolean;
  readonly jobRestartFailed: boolean;
  readonly savepointOnDeletion: boolean;
  readonly drainOnSavepointDeletion: boolean;
  readonly lastStateFallbackEnabled: boolean;
  readonly lastStateJobCancelEnabled: boolean;
  readonly maxAllowedCheckpointAgeMs: number | undefined;
  readonly ignorePendingSavepoint: boolean;
  readonly inplaceScalingEnabled: boolean;
  readonly rollbackEnabled: boolean;
  readonly readinessTimeoutMs: number;
  readonly jmShutdownTtlMs: number;
  readonly healthCheck: HealthCheckOptions;
  /** False also where the operator's own configuration says so, whatever the resource says. */
  readonly snapshotResourceEnabled: boolean;
  readonly savepointFormat: 'CANONICAL' | 'NATIVE';
  readonly checkpointType: 'FULL' | 'INCREMENTAL';
  readonly savepointTriggerGraceMs: number;
  readonly checkpointTriggerGraceMs: number;
  /** A duration or a Quartz cron expression, as written; undefined for "not periodically". */
  readonly periodicSavepointInterval: Schedule | undefined;
  /** Likewise. */
  readonly periodicCheckpointInterval: Schedule | undefined;
  /** The IANA zone by whose clocks cron expressions go. */
  readonly periodicTimeZone: string;
  readonly savepointCleanupEnabled: boolean;
  readonly savepointDisposeOnDelete: boolean;
  /** Never above the administrator's threshold. */
  readonly savepointHistoryMaxAgeMs: number;
  /** At least 1, and never above the administrator's threshold. */
  readonly savepointHistoryMaxCount: number;
  readonly sessionBlockOnJobs: boolean;
  /** Holds only where `sessionBlockOnJobs` is true. */
  readonly sessionBlockOnUnmanagedJobs: boolean;
  /** Schemes in lower case. */
  readonly artifactAllowedSchemes: readonly string[];
  readonly artifactDisallowRestrictedHosts: boolean;
  /** In the form of parseS3Prefix; undefined for any. */
  readonly artifactS3Prefixes: readonly string[] | undefined;
  readonly artifactHttpHeaders: ReadonlyMap<string, string>;
  /** How many events a pass may make of exceptions of the job, and how many lines of the stack trace each shows, 1 or more. */
  readonly exceptionEvents: { readonly most: number; readonly stackLines: number };
}

/** When a running cluster counts as unhealthy. */
export interface HealthCheckOptions {
  readonly enabled: boolean;
  readonly restartsThreshold: number;
  readonly restartsWindowMs: number;
  readonly checkpointProgressEnabled: boolean;
  /** As set; the floor that follows from the job's checkpoint interval and timeout is not applied here. */
  readonly checkpointProgressWindowMs: number | undefined;
}

const { savepointHistoryMaxAgeThreshold, savepointHistoryMaxCountThreshold } = GUARD_OPTIONS;

/** The options of a resource, from its effective configuration. A value that breaks its rule counts as not set. */
export const jobOptions = remembered(
  (conf: FlinkConf): JobOptions => ({ ...lifeOptions(conf), ...snapshotOptions(conf), ...sessionOptions(conf) }),
);

type LifeOptions = Pick<
  JobOptions,
  | 'jmDeploymentRecoveryEnabled'
  | 'jobRestartFailed'
  | 'savepointOnDeletion'
  | 'drainOnSavepointDeletion'
  | 'lastStateFallbackEnabled'
  | 'lastStateJobCancelEnabled'
  | 'maxAllowedCheckpointAgeMs'
  | 'ignorePendingSavepoint'
  | 'inplaceScalingEnabled'
  | 'rollbackEnabled'
  | 'readinessTimeoutMs'
  | 'jmShutdownTtlMs'
  | 'healthCheck'
>;

function lifeOptions(conf: FlinkConf): LifeOptions {
  return {
    jmDeploymentRecoveryEnabled: optionValue(conf, RESOURCE_OPTIONS.jmDeploymentRecoveryEnabled),
    jobRestartFailed: optionValue(conf, RESOURCE_OPTIONS.jobRestartFailed),
    savepointOnDeletion: optionValue(conf, RESOURCE_OPTIONS.savepointOnDeletion),
    drainOnSavepointDeletion: optionValue(conf, RESOURCE_OPTIONS.drainOnSavepointDeletion),
    lastStateFallbackEnabled: optionValue(conf, RESOURCE_OPTIONS.lastStateFallbackEnabled),
    lastStateJobCancelEnabled: optionValue(conf, RESOURCE_OPTIONS.lastStateJobCancelEnabled),
    maxAllowedCheckpointAgeMs: optionValue(conf, RESOURCE_OPTIONS.maxAllowedCheckpointAge),
    ignorePendingSavepoint: optionValue(conf, RESOURCE_OPTIONS.ignorePendingSavepoint),
    inplaceScalingEnabled: optionValue(conf, RESOURCE_OPTIONS.inplaceScalingEnabled),
    rollbackEnabled: optionValue(conf, RESOURCE_OPTIONS.rollbackEnabled),
    readinessTimeoutMs: optionValue(conf, RESOURCE_OPTIONS.readinessTimeout),
    jmShutdownTtlMs: optionValue(conf, RESOURCE_OPTIONS.jmShutdownTtl),
    healthCheck: {
      enabled: optionValue(conf, RESOURCE_OPTIONS.healthCheckEnabled),
      restartsThreshold: optionValue(conf, RESOURCE_OPTIONS.healthRestartsThreshold),
      restartsWindowMs: optionValue(conf, RESOURCE_OPTIONS.healthRestartsWindow),
      checkpointProgressEnabled: optionValue(conf, RESOURCE_OPTIONS.healthCheckpointProgressEnabled),
      checkpointProgressWindowMs: optionValue(conf, RESOURCE_OPTIONS.healthCheckpointProgressWindow),
    },
  };
}

type SnapshotOptions = Pick<
  JobOptions,
  | 'snapshotResourceEnabled'
  | 'savepointFormat'
  | 'checkpointType'
  | 'savepointTriggerGraceMs'
  | 'checkpointTriggerGraceMs'
  | 'periodicSavepointInterval'
  | 'periodicCheckpointInterval'
  | 'periodicTimeZone'
  | 'savepointCleanupEnabled'
  | 'savepointDisposeOnDelete'
  | 'savepointHistoryMaxAgeMs'
  | 'savepointHistoryMaxCount'
>;

function snapshotOptions(conf: FlinkConf): SnapshotOptions {
  const age = optionValue(conf, RESOURCE_OPTIONS.savepointHistoryMaxAge);
  const count = optionValue(conf, RESOURCE_OPTIONS.savepointHistoryMaxCount);
  return {
    snapshotResourceEnabled:
      optionValue(conf, RESOURCE_OPTIONS.snapshotResourceEnabled) &&
      operatorValue(conf, RESOURCE_OPTIONS.snapshotResourceEnabled),
    savepointFormat: optionValue(conf, RESOURCE_OPTIONS.savepointFormat),
    checkpointType: optionValue(conf, RESOURCE_OPTIONS.checkpointType),
    savepointTriggerGraceMs: optionValue(conf, RESOURCE_OPTIONS.savepointTriggerGrace),
    checkpointTriggerGraceMs: optionValue(conf, RESOURCE_OPTIONS.checkpointTriggerGrace),
    periodicSavepointInterval: optionValue(conf, RESOURCE_OPTIONS.periodicSavepointInterval),
    periodicCheckpointInterval: optionValue(conf, RESOURCE_OPTIONS.periodicCheckpointInterval),
    periodicTimeZone: optionValue(conf, RESOURCE_OPTIONS.periodicTimeZone),
    savepointCleanupEnabled: optionValue(conf, RESOURCE_OPTIONS.savepointCleanupEnabled),
    savepointDisposeOnDelete: optionValue(conf, RESOURCE_OPTIONS.savepointDisposeOnDelete),
    savepointHistoryMaxAgeMs: Math.min(age, optionValue(conf, savepointHistoryMaxAgeThreshold) ?? age),
    savepointHistoryMaxCount: Math.max(
      1,
      Math.min(count, optionValue(conf, savepointHistoryMaxCountThreshold) ?? count),
    ),
  };
}

type SessionOptions = Omit<JobOptions, keyof LifeOptions | keyof SnapshotOptions>;

function sessionOptions(conf: FlinkConf): SessionOptions {
  return {
    sessionBlockOnJobs: optionValue(conf, RESOURCE_OPTIONS.sessionBlockOnJobs),
    sessionBlockOnUnmanagedJobs: optionValue(conf, RESOURCE_OPTIONS.sessionBlockOnUnmanagedJobs),
    artifactAllowedSchemes: optionValue(conf, GUARD_OPTIONS.artifactAllowedSchemes),
    artifactDisallowRestrictedHosts: optionValue(conf, GUARD_OPTIONS.artifactDisallowRestrictedHosts),
    artifactS3Prefixes: optionValue(conf, GUARD_OPTIONS.artifactS3Prefixes),
    artifactHttpHeaders: optionValue(conf, RESOURCE_OPTIONS.artifactHttpHeaders) ?? new Map(),
    exceptionEvents: {
      most: optionValue(conf, GUARD_OPTIONS.exceptionEventLimit),
      stackLines: Math.max(1, optionValue(conf, GUARD_OPTIONS.exceptionEventLines)),
    },
  };
}

/** The rules broken by options a resource sets itself, the autoscaler's apart; `own` is its flattened `spec.flinkConfiguration`. */
export function optionIssues(own: FlatConfiguration): readonly Issue[] {
  return [...own].flatMap(([key, text]) => {
    const option = optionNamed(key);
    const value = text.trim();
    if (option?.scope !== 'resource' || isAutoscalerOption(key)) return [];
    if (value === '' || option.type.parse(value) !== undefined) return [];
    return [issueAt(['spec', 'flinkConfiguration', key], text, brokenRule(option.type, value))];
  });
}

/** What to tell of options a resource sets without effect; `own` is its flattened `spec.flinkConfiguration`. */
export function optionWarnings(own: FlatConfiguration): readonly string[] {
  const keys = [...own.keys()];
  const unknown = keys.filter(isUnknownOption);
  const misplaced = keys.filter((key) => optionNamed(key)?.scope === 'operator' || key.startsWith(LAYER_PREFIX));
  return [
    ...(unknown.length === 0 ? [] : [`spec.flinkConfiguration has keys that name no option: ${unknown.join(', ')}`]),
    ...(misplaced.length === 0
      ? []
      : [
          `spec.flinkConfiguration has keys that only the operator's own configuration can set: ${misplaced.join(', ')}`,
        ]),
    ...autoscalerWarnings(own),
  ];
}

/** What of the autoscaler there is not. */
function autoscalerWarnings(own: FlatConfiguration): readonly string[] {
  const isSwitchedOn = (keys: readonly string[]) => firstSet(own, keys)?.trim().toLowerCase() === 'true';
  if (!isSwitchedOn(AUTOSCALER_ENABLED)) return [];
  const plugins = [...own.keys()].filter((key) => AUTOSCALER_PLUGINS.test(key));
  return [
    ...(isSwitchedOn(MEMORY_TUNING)
      ? ['spec.flinkConfiguration switches the tuning of memory on, which there is not: TaskManagers keep their memory']
      : []),
    ...(plugins.length === 0
      ? []
      : [`spec.flinkConfiguration names Java classes for the autoscaler, which are not loaded: ${plugins.join(', ')}`]),
  ];
}

const MEMORY_TUNING = [
  'job.autoscaler.memory.tuning.enabled',
  'kubernetes.operator.job.autoscaler.memory.tuning.enabled',
];

/** Keys that name Java classes for the autoscaler. */
const AUTOSCALER_PLUGINS =
  /^(kubernetes\.operator\.)?job\.autoscaler\.(metrics\.custom-evaluator|scaling\.custom-executor|scaling\.parallelism-alignment\.mode\.)/;
