import { describe, expect, it } from 'vitest';
import { describeIssues } from '../../core/issue.ts';
import { autoscalerIssues, sampleIntervalMs } from './settings.ts';
import { settingsOf } from './testing/settings.ts';

const MINUTE = 60_000;

describe('autoscalerSettings', () => {
  it('has the defaults of the Flink Kubernetes Operator 1.15', () => {
    expect(settingsOf()).toEqual({
      enabled: true,
      scalingEnabled: true,
      windowMs: 15 * MINUTE,
      stabilizationMs: 5 * MINUTE,
      excludedPeriods: [],
      timeZone: 'UTC',
      scaleDownDelayMs: 60 * MINUTE,
      eventIntervalMs: 30 * MINUTE,
      restTimeoutMs: 10_000,
      utilization: { target: 0.7, min: 0.7 - 0.3, max: 1 },
      factor: { min: 0.4, max: 100_001 },
      catchUp: 1800,
      restart: { expected: 300, tracked: false, trackedMost: 900 },
      backlogLag: 300,
      observed: { lag: 30, switchAt: 0.15, least: 2 },
      scalability: { enabled: false, least: 3, coefficientMin: 0.5 },
      busyAggregator: 'MAX',
      parallelism: { min: 1, max: 200 },
      excludedVertices: new Set(),
      alignment: 'BALANCED',
      effectiveness: { enabled: false, least: 0.1 },
      memory: { gcPressure: 1, heapUsage: 1 },
      quota: { cpu: undefined, memoryBytes: undefined },
      history: { count: 3, ageMs: 24 * 60 * MINUTE },
    });
  });

  it('is off unless it is switched on', () => {
    expect(settingsOf({ enabled: 'false' }).enabled).toBe(false);
  });

  it('reads old names where the new one is not set', () => {
    const old = 'kubernetes.operator.job.autoscaler.';
    expect(settingsOf({ [`${old}metrics.window`]: '3 min' }).windowMs).toBe(3 * MINUTE);
    expect(settingsOf({ [`${old}metrics.window`]: '3 min', 'metrics.window': '4 min' }).windowMs).toBe(4 * MINUTE);
    expect(settingsOf({ 'target.utilization': '0.5' }).utilization.target).toBe(0.5);
    expect(settingsOf({ [`${old}target.utilization`]: '0.6', 'target.utilization': '0.5' }).utilization.target).toBe(
      0.6,
    );
    expect(settingsOf({ 'scale-up.grace-period': '2 h' }).scaleDownDelayMs).toBe(120 * MINUTE);
  });

  it.each([
    [{ 'scaling.parallelism-alignment.mode': 'EVENLY_SPREAD' }, 'EVENLY_SPREAD'],
    [{ 'scaling.parallelism-alignment.mode': 'OFF' }, 'OFF'],
    [{ 'scaling.parallelism-alignment.mode': 'my-mode' }, 'BALANCED'],
    [{ 'scaling.key-group.partitions.adjust.mode': 'maximize_utilisation' }, 'STRICT_MAXIMIZE_UTILISATION'],
    [
      { 'scaling.key-group.partitions.adjust.mode': 'EVENLY_SPREAD', 'scaling.parallelism-alignment.mode': 'BALANCED' },
      'BALANCED',
    ],
  ])('%o is the alignment %s', (options, alignment) => {
    expect(settingsOf(options).alignment).toBe(alignment);
  });

  it.each([
    [{ 'vertex.max-parallelism': '2147483647' }, { parallelism: { min: 1, max: 2_147_483_647 } }],
    [{ 'scale-up.max-factor': '1e3' }, { factor: { min: 0.4, max: 1001 } }],
    [{ 'quota.cpu': '12.5', 'quota.memory': '64 gb' }, { quota: { cpu: 12.5, memoryBytes: 64 * 1024 ** 3 } }],
    [{ 'vertex.exclude.ids': 'AB12;cd34' }, { excludedVertices: new Set(['ab12', 'cd34']) }],
    [{ 'metrics.busy-time.aggregator': 'avg' }, { busyAggregator: 'AVG' }],
    [{ 'utilization.target': '0.9' }, { utilization: { target: 0.9, min: 0.9 - 0.3, max: 1 } }],
    [{ 'utilization.min': '0.2', 'utilization.max': '0.8' }, { utilization: { target: 0.7, min: 0.2, max: 0.8 } }],
    [{ 'utilization.target': 'much' }, { utilization: { target: 0.7, min: 0.7 - 0.3, max: 1 } }],
  ])('reads %o', (options, expected) => {
    expect(settingsOf(options)).toMatchObject(expected);
  });
});

it.each([
  ['15 min', 60_000],
  ['5 min', 30_000],
  ['1 min', 6000],
  ['2 d', 60_000],
])('has a window of %s sampled every %d ms', (window, ms) => {
  expect(sampleIntervalMs(settingsOf({ 'metrics.window': window }))).toBe(ms);
});

describe('autoscalerIssues', () => {
  const told = (options: Readonly<Record<string, string>>, enabled = 'true'): string => {
    const own = new Map(
      Object.entries({ enabled, ...options }).map(([key, value]) => [`job.autoscaler.${key}`, value]),
    );
    return describeIssues(autoscalerIssues(own, own));
  };
  const at = 'spec.flinkConfiguration["job.autoscaler';

  it.each<[options: Readonly<Record<string, string>>, issue: string]>([
    [
      { 'utilization.target': '1.5' },
      `${at}.utilization.target"]: "1.5" is not valid, it must be a number from 0 to 1`,
    ],
    [
      { 'scale-up.max-factor': '-1' },
      `${at}.scale-up.max-factor"]: "-1" is not valid, it must be a number of at least 0`,
    ],
    [
      { 'utilization.max': '0.5' },
      `${at}.utilization.max"]: "0.5" is not valid, it must be from 0.7 to 1, and not below job.autoscaler.utilization.target`,
    ],
    [
      { 'utilization.min': '0.8' },
      `${at}.utilization.min"]: "0.8" is not valid, it must be from 0 to 0.7, and not above job.autoscaler.utilization.target`,
    ],
    [{ 'metrics.window': '5 s' }, `${at}.metrics.window"]: "5 s" is not valid, it must be at least 10000 milliseconds`],
    [
      { 'metrics.window': 'long' },
      `${at}.metrics.window"]: "long" is not valid, it must be a duration such as 500 ms, 10 s, 5 min or PT5M`,
    ],
    [
      { 'vertex.max-parallelism': '9999999999' },
      `${at}.vertex.max-parallelism"]: "9999999999" is not valid, it must be a whole number from -2147483648 to 2147483647`,
    ],
    [
      { 'observed-scalability.enabled': 'true', 'observed-scalability.coefficient-min': '0' },
      `${at}.observed-scalability.coefficient-min"]: "0" is not valid, it must be from 0.01 to 1`,
    ],
    [
      { 'scaling.effectiveness.detection.enabled': 'true', 'scaling.effectiveness.threshold': '2' },
      `${at}.scaling.effectiveness.threshold"]: "2" is not valid, it must be from 0 to 1`,
    ],
  ])('%o', (options, issue) => {
    expect(told(options)).toBe(issue);
    expect(told(options, 'false')).toBe('');
  });

  it('names what is wrong with an excluded period', () => {
    expect(told({ 'excluded.periods': '9:00-10:00 && 11:00-12:00' })).toContain(
      '9:00-10:00 && 11:00-12:00: of the two parts one must be a time of day',
    );
  });

  it.each([
    [{ 'observed-scalability.coefficient-min': '0' }],
    [{ 'scaling.effectiveness.threshold': '2' }],
    [{ 'memory.tuning.overhead': 'some' }],
    [{ 'utilization.max': ' ' }],
  ])('finds nothing in %o', (options) => {
    expect(told(options)).toBe('');
  });

  it('names the key that is set, an old one too', () => {
    const old = 'kubernetes.operator.job.autoscaler.utilization.max';
    const conf = new Map([
      ['job.autoscaler.enabled', 'true'],
      [old, '0.5'],
    ]);
    expect(describeIssues(autoscalerIssues(new Map(), conf))).toContain(`spec.flinkConfiguration["${old}"]: "0.5"`);
  });
});
