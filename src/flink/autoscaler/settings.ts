import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { remembered } from '../../lib/remembered.ts';
import { type FlinkConf, optionOf } from '../conf/entry.ts';
import { type FlatConfiguration, firstSet } from '../configuration.ts';
import { AUTOSCALER_OPTIONS as OPTIONS } from '../options/autoscaler-table.ts';
import type { ExcludedPeriod } from '../options/excluded-periods.ts';
import { flatOption, optionValue } from '../options/read.ts';
import { RESOURCE_OPTIONS } from '../options/resource-table.ts';
import { type AnyOption, brokenRule, type OperatorOption } from '../options/types.ts';

/** How a parallelism is fitted to a number of partitions or key groups; the last two may keep a vertex from being scaled. */
export type Alignment = 'BALANCED' | 'EVENLY_SPREAD' | 'OFF' | 'STRICT_EVENLY_SPREAD' | 'STRICT_MAXIMIZE_UTILISATION';

/**
 * The options of the autoscaler for one job, with the incumbent's defaults. Times are milliseconds where the name says
 * so, else seconds; shares are 0 to 1.
 */
export interface AutoscalerSettings {
  readonly enabled: boolean;
  readonly scalingEnabled: boolean;
  readonly windowMs: number;
  readonly stabilizationMs: number;
  readonly excludedPeriods: readonly ExcludedPeriod[];
  readonly timeZone: string;
  readonly scaleDownDelayMs: number;
  readonly eventIntervalMs: number;
  readonly restTimeoutMs: number;
  /** The band is `min` to `max`, and never leaves 0 to 1. */
  readonly utilization: { readonly target: number; readonly min: number; readonly max: number };
  /** The smallest and largest factor of one scaling. */
  readonly factor: { readonly min: number; readonly max: number };
  /** 0: a backlog is not looked at. */
  readonly catchUp: number;
  readonly restart: { readonly expected: number; readonly tracked: boolean; readonly trackedMost: number };
  readonly backlogLag: number;
  readonly observed: { readonly lag: number; readonly switchAt: number; readonly least: number };
  readonly scalability: { readonly enabled: boolean; readonly least: number; readonly coefficientMin: number };
  readonly busyAggregator: 'MAX' | 'MIN' | 'AVG';
  readonly parallelism: { readonly min: number; readonly max: number };
  readonly excludedVertices: ReadonlySet<string>;
  readonly alignment: Alignment;
  readonly effectiveness: { readonly enabled: boolean; readonly least: number };
  /** Shares above which nothing is scaled. */
  readonly memory: { readonly gcPressure: number; readonly heapUsage: number };
  readonly quota: { readonly cpu: number | undefined; readonly memoryBytes: number | undefined };
  readonly history: { readonly count: number; readonly ageMs: number };
}

/** The settings of a job, from its effective configuration. A value that breaks its rule counts as not set. */
export const autoscalerSettings = remembered((conf: FlinkConf): AutoscalerSettings => {
  const of = <T, D extends T | undefined>(option: OperatorOption<T, D>): T | D => optionValue(conf, option);
  return {
    enabled: of(OPTIONS.enabled),
    scalingEnabled: of(OPTIONS.scalingEnabled),
    windowMs: of(OPTIONS.metricsWindow),
    stabilizationMs: of(OPTIONS.stabilizationInterval),
    excludedPeriods: of(OPTIONS.excludedPeriods) ?? [],
    timeZone: of(RESOURCE_OPTIONS.periodicTimeZone),
    scaleDownDelayMs: of(OPTIONS.scaleDownInterval),
    eventIntervalMs: of(OPTIONS.eventInterval),
    restTimeoutMs: of(OPTIONS.restTimeout),
    ...rateSettings(conf),
    ...limitSettings(conf),
  };
});

type RateSettings = Pick<
  AutoscalerSettings,
  'utilization' | 'factor' | 'catchUp' | 'restart' | 'backlogLag' | 'observed' | 'scalability' | 'busyAggregator'
>;

function rateSettings(conf: FlinkConf): RateSettings {
  const seconds = (option: OperatorOption<number, number>): number => Math.floor(optionValue(conf, option) / 1000);
  return {
    utilization: utilizationOf(conf),
    factor: {
      min: 1 - optionValue(conf, OPTIONS.scaleDownMaxFactor),
      max: 1 + optionValue(conf, OPTIONS.scaleUpMaxFactor),
    },
    catchUp: seconds(OPTIONS.catchUpDuration),
    restart: {
      expected: seconds(OPTIONS.restartTime),
      tracked: optionValue(conf, OPTIONS.restartTracking),
      trackedMost: seconds(OPTIONS.restartTrackingLimit),
    },
    backlogLag: seconds(OPTIONS.backlogLag),
    observed: {
      lag: seconds(OPTIONS.observedLag),
      switchAt: optionValue(conf, OPTIONS.observedSwitch),
      least: optionValue(conf, OPTIONS.observedMin),
    },
    scalability: {
      enabled: optionValue(conf, OPTIONS.scalabilityEnabled),
      least: optionValue(conf, OPTIONS.scalabilityMin),
      coefficientMin: optionValue(conf, OPTIONS.scalabilityCoefficientMin),
    },
    busyAggregator: optionValue(conf, OPTIONS.busyAggregator),
  };
}

function utilizationOf(conf: FlinkConf): AutoscalerSettings['utilization'] {
  const target = optionValue(conf, OPTIONS.utilizationTarget);
  const boundary = optionValue(conf, OPTIONS.utilizationBoundary);
  return {
    target,
    min: Math.max(0, optionValue(conf, OPTIONS.utilizationMin) ?? target - boundary),
    max: Math.min(1, optionValue(conf, OPTIONS.utilizationMax) ?? target + boundary),
  };
}

type LimitSettings = Pick<
  AutoscalerSettings,
  'parallelism' | 'excludedVertices' | 'alignment' | 'effectiveness' | 'memory' | 'quota' | 'history'
>;

function limitSettings(conf: FlinkConf): LimitSettings {
  return {
    parallelism: { min: optionValue(conf, OPTIONS.vertexMin), max: optionValue(conf, OPTIONS.vertexMax) },
    excludedVertices: optionValue(conf, OPTIONS.excludedVertices) ?? new Set(),
    alignment: alignmentOf(conf),
    effectiveness: {
      enabled: optionValue(conf, OPTIONS.effectivenessEnabled),
      least: optionValue(conf, OPTIONS.effectivenessThreshold),
    },
    memory: { gcPressure: optionValue(conf, OPTIONS.gcPressure), heapUsage: optionValue(conf, OPTIONS.heapUsage) },
    quota: { cpu: optionValue(conf, OPTIONS.quotaCpu), memoryBytes: optionValue(conf, OPTIONS.quotaMemory) },
    history: { count: optionValue(conf, OPTIONS.historyCount), ageMs: optionValue(conf, OPTIONS.historyAge) },
  };
}

const BUILT_IN = ['BALANCED', 'EVENLY_SPREAD', 'OFF'] as const;

/** A name that is not built in is that of a Java class, in whose place the incumbent too takes BALANCED. */
function alignmentOf(conf: FlinkConf): Alignment {
  const { key, oldNames } = OPTIONS.alignment;
  const name = optionOf(conf, key, ...oldNames);
  if (name !== undefined) return BUILT_IN.find((mode) => mode === name) ?? 'BALANCED';
  const older = optionValue(conf, OPTIONS.adjustMode);
  return older === undefined ? 'BALANCED' : `STRICT_${older}`;
}

/** How often a job is to be read: often enough that a window of any length holds some ten samples. */
export function sampleIntervalMs({ windowMs }: AutoscalerSettings): number {
  return Math.min(60_000, Math.max(1000, windowMs / 10));
}

const BY_NAME: ReadonlyMap<string, AnyOption> = new Map(
  Object.values<AnyOption>(OPTIONS).flatMap((option) =>
    [option.key, ...option.oldNames].map((name) => [name, option] as const),
  ),
);

/** Whether a key is an option of the autoscaler that is read. */
export function isAutoscalerOption(key: string): boolean {
  return BY_NAME.has(key);
}

/** The shortest window in which a rate can be told. */
const SHORTEST_WINDOW_MS = 10_000;

/**
 * The rules that the autoscaler's options of a resource break; none where it is off, as the incumbent has it. `own` is what
 * the resource sets, `conf` what holds for it.
 */
export function autoscalerIssues(own: FlatConfiguration, conf: FlatConfiguration): readonly Issue[] {
  const enabled = firstSet(conf, [OPTIONS.enabled.key, ...OPTIONS.enabled.oldNames]);
  const broken = [...own].flatMap(([key, text]) => {
    const option = BY_NAME.get(key);
    const value = text.trim();
    if (option === undefined || value === '' || option.type.parse(value) !== undefined) return [];
    return [{ option, issue: issueAt(['spec', 'flinkConfiguration', key], text, brokenRule(option.type, value)) }];
  });
  if (enabled?.trim().toLowerCase() !== 'true') {
    return broken.filter(({ option }) => option === OPTIONS.enabled).map(({ issue }) => issue);
  }
  return [...broken.map(({ issue }) => issue), ...rangeIssues(conf)];
}

function rangeIssues(conf: FlatConfiguration): readonly Issue[] {
  const target = flatOption(conf, OPTIONS.utilizationTarget);
  const { key: targetKey } = OPTIONS.utilizationTarget;
  return [
    ...outside(conf, OPTIONS.utilizationMax, [target, 1], `, and not below ${targetKey}`),
    ...outside(conf, OPTIONS.utilizationMin, [0, target], `, and not above ${targetKey}`),
    ...(flatOption(conf, OPTIONS.scalabilityEnabled)
      ? outside(conf, OPTIONS.scalabilityCoefficientMin, [0.01, 1], '')
      : []),
    ...(flatOption(conf, OPTIONS.effectivenessEnabled)
      ? outside(conf, OPTIONS.effectivenessThreshold, [0, 1], '')
      : []),
    ...outside(conf, OPTIONS.metricsWindow, [SHORTEST_WINDOW_MS, Number.POSITIVE_INFINITY], ' milliseconds'),
  ];
}

/** The bounds are told with the words behind them. */
function outside(
  conf: FlatConfiguration,
  option: OperatorOption<number, number | undefined>,
  [min, max]: readonly [number, number],
  words: string,
): readonly Issue[] {
  const value = flatOption(conf, option);
  if (value === undefined || (value >= min && value <= max)) return [];
  const key = [option.key, ...option.oldNames].find((name) => (conf.get(name) ?? '').trim() !== '') ?? option.key;
  const rule = max === Number.POSITIVE_INFINITY ? `be at least ${min}${words}` : `be from ${min} to ${max}${words}`;
  return [issueAt(['spec', 'flinkConfiguration', key], conf.get(key), rule)];
}
