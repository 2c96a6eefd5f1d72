import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import { effectiveConf } from './flink-conf.ts';
import { GUARD_OPTIONS } from './options/operator-table.ts';
import { RESOURCE_OPTIONS } from './options/resource-table.ts';
import type { AnyOption } from './options/types.ts';
import { type JobOptions, jobOptions, optionIssues } from './options.ts';
import { specDiff } from './spec-diff.ts';
import { aFlinkDeployment } from './testing.ts';

const OPERATOR = 'kubernetes.operator.';

function optionsOf(own: Record<string, string>, operator: Record<string, string> = {}): JobOptions {
  const prefixed = (keys: Record<string, string>) =>
    Object.fromEntries(Object.entries(keys).map(([key, value]) => [OPERATOR + key, value]));
  const deployment = aFlinkDeployment({ spec: { flinkConfiguration: prefixed(own) } });
  return jobOptions(effectiveConf(deployment, { flinkConfiguration: prefixed(operator) }));
}

const MINUTE = 60_000;

describe('jobOptions', () => {
  it("has the incumbent's defaults", () => {
    expect(optionsOf({})).toEqual({
      jmDeploymentRecoveryEnabled: true,
      jobRestartFailed: false,
      savepointOnDeletion: false,
      drainOnSavepointDeletion: false,
      lastStateFallbackEnabled: true,
      lastStateJobCancelEnabled: false,
      maxAllowedCheckpointAgeMs: undefined,
      ignorePendingSavepoint: false,
      inplaceScalingEnabled: true,
      rollbackEnabled: false,
      readinessTimeoutMs: 5 * MINUTE,
      jmShutdownTtlMs: 24 * 60 * MINUTE,
      healthCheck: {
        enabled: false,
        restartsThreshold: 64,
        restartsWindowMs: 2 * MINUTE,
        checkpointProgressEnabled: true,
        checkpointProgressWindowMs: undefined,
      },
      snapshotResourceEnabled: true,
      savepointFormat: 'CANONICAL',
      checkpointType: 'FULL',
      savepointTriggerGraceMs: MINUTE,
      checkpointTriggerGraceMs: MINUTE,
      periodicSavepointInterval: undefined,
      periodicCheckpointInterval: undefined,
      periodicTimeZone: 'UTC',
      savepointCleanupEnabled: true,
      savepointDisposeOnDelete: false,
      savepointHistoryMaxAgeMs: 24 * 60 * MINUTE,
      savepointHistoryMaxCount: 10,
      sessionBlockOnJobs: true,
      sessionBlockOnUnmanagedJobs: true,
      artifactAllowedSchemes: ['https', 's3', 's3a', 's3p'],
      artifactDisallowRestrictedHosts: true,
      artifactS3Prefixes: undefined,
      artifactHttpHeaders: new Map(),
      exceptionEvents: { most: 10, stackLines: 5 },
    });
  });

  it.each<[key: string, text: string, expected: Partial<JobOptions>]>([
    ['jm-deployment-recovery.enabled', 'FALSE', { jmDeploymentRecoveryEnabled: false }],
    ['job.restart.failed', 'true', { jobRestartFailed: true }],
    ['job.savepoint-on-deletion', 'true', { savepointOnDeletion: true }],
    ['job.drain-on-savepoint-deletion', 'true', { drainOnSavepointDeletion: true }],
    ['job.upgrade.last-state-fallback.enabled', 'false', { lastStateFallbackEnabled: false }],
    ['job.upgrade.last-state.job-cancel.enabled', 'true', { lastStateJobCancelEnabled: true }],
    ['job.upgrade.last-state.max.allowed.checkpoint.age', '1 h', { maxAllowedCheckpointAgeMs: 60 * MINUTE }],
    ['job.upgrade.ignore-pending-savepoint', 'true', { ignorePendingSavepoint: true }],
    ['job.upgrade.inplace-scaling.enabled', 'false', { inplaceScalingEnabled: false }],
    ['deployment.rollback.enabled', 'true', { rollbackEnabled: true }],
    ['deployment.readiness.timeout', 'PT2M', { readinessTimeoutMs: 2 * MINUTE }],
    ['jm-deployment.shutdown-ttl', '0', { jmShutdownTtlMs: 0 }],
    ['snapshot.resource.enabled', 'false', { snapshotResourceEnabled: false }],
    ['savepoint.format.type', 'native', { savepointFormat: 'NATIVE' }],
    ['checkpoint.type', 'INCREMENTAL', { checkpointType: 'INCREMENTAL' }],
    ['savepoint.trigger.grace-period', '10s', { savepointTriggerGraceMs: 10_000 }],
    ['checkpoint.trigger.grace-period', '20 s', { checkpointTriggerGraceMs: 20_000 }],
    [
      'periodic.savepoint.interval',
      '0 0 3 * * ?',
      {
        periodicSavepointInterval: {
          kind: 'cron',
          text: '0 0 3 * * ?',
          cron: [{ pattern: '0 0 3 * * * *', dayOffset: 0 }],
        },
      },
    ],
    ['periodic.checkpoint.interval', '10 m', { periodicCheckpointInterval: { kind: 'every', ms: 10 * MINUTE } }],
    ['periodic.time-zone', 'Europe/Berlin', { periodicTimeZone: 'Europe/Berlin' }],
    ['savepoint.cleanup.enabled', 'false', { savepointCleanupEnabled: false }],
    ['savepoint.dispose-on-delete', 'true', { savepointDisposeOnDelete: true }],
    ['savepoint.history.max.age', '30 min', { savepointHistoryMaxAgeMs: 30 * MINUTE }],
    ['savepoint.history.max.count', '3', { savepointHistoryMaxCount: 3 }],
    ['savepoint.history.max.count', '0', { savepointHistoryMaxCount: 1 }],
    ['session.deletion.block-on-session-jobs', 'false', { sessionBlockOnJobs: false }],
    ['session.deletion.block-on-unmanaged-jobs', 'false', { sessionBlockOnUnmanagedJobs: false }],
    [
      'user.artifacts.http.header',
      'A:1,B:2',
      {
        artifactHttpHeaders: new Map([
          ['A', '1'],
          ['B', '2'],
        ]),
      },
    ],
  ])('reads %s: %s', (key, text, expected) => {
    expect(optionsOf({ [key]: text })).toEqual({ ...optionsOf({}), ...expected });
    expect(optionsOf({}, { [key]: text })).toEqual({ ...optionsOf({}), ...expected });
  });

  it('reads the health check', () => {
    const own = {
      'cluster.health-check.enabled': 'true',
      'cluster.health-check.restarts.threshold': '2',
      'cluster.health-check.restarts.window': '1 min',
      'cluster.health-check.checkpoint-progress.enabled': 'false',
      'cluster.health-check.checkpoint-progress.window': '20 min',
    };
    expect(optionsOf(own).healthCheck).toEqual({
      enabled: true,
      restartsThreshold: 2,
      restartsWindowMs: MINUTE,
      checkpointProgressEnabled: false,
      checkpointProgressWindowMs: 20 * MINUTE,
    });
  });

  it.each([
    ['reconciler.jm-deployment-recovery.enabled', 'false', { jmDeploymentRecoveryEnabled: false }],
    ['observer.savepoint.trigger.grace-period', '5 s', { savepointTriggerGraceMs: 5000 }],
    ['session.block-on-unmanaged-jobs', 'false', { sessionBlockOnUnmanagedJobs: false }],
  ])('reads the old name %s', (key, text, expected) => {
    expect(optionsOf({ [key]: text })).toMatchObject(expected);
  });

  it('prefers the name of today, even one that a lower layer sets', () => {
    const old = { 'session.block-on-unmanaged-jobs': 'false' };
    expect(optionsOf({ ...old, 'session.deletion.block-on-unmanaged-jobs': 'true' })).toEqual(optionsOf({}));
    expect(optionsOf(old, { 'session.deletion.block-on-unmanaged-jobs': 'true' })).toEqual(optionsOf({}));
  });

  it("lets no resource change what is the operator's to say", () => {
    const own = {
      'user.artifacts.allowed-schemes': 'http',
      'user.artifacts.disallow-restricted-hosts': 'false',
      'user.artifacts.s3.allowed-prefixes': 's3://all',
      'savepoint.history.max.age.threshold': '1 s',
      'savepoint.history.max.count.threshold': '2',
    };
    expect(optionsOf(own)).toEqual(optionsOf({}));
    expect(optionsOf(own, { 'user.artifacts.allowed-schemes': 'HTTPS, s3' })).toMatchObject({
      artifactAllowedSchemes: ['https', 's3'],
    });
  });

  it('takes guards from the defaults of a namespace too', () => {
    const key = 'default-configuration.namespace.default.kubernetes.operator.user.artifacts.disallow-restricted-hosts';
    expect(optionsOf({}, { [key]: 'false' }).artifactDisallowRestrictedHosts).toBe(false);
    const prefixes = 'user.artifacts.s3.allowed-prefixes';
    const layers = {
      [prefixes]: 's3://shared/jars/',
      [`default-configuration.namespace.default.kubernetes.operator.${prefixes}`]: 's3://shared/default; s3a://team/',
    };
    expect(optionsOf({}, layers).artifactS3Prefixes).toEqual(['shared/default', 'team']);
  });

  it('caps the savepoint history, and keeps one savepoint whatever is set', () => {
    const caps = { 'savepoint.history.max.age.threshold': '1 h', 'savepoint.history.max.count.threshold': '5' };
    expect(optionsOf({}, caps)).toMatchObject({ savepointHistoryMaxAgeMs: 60 * MINUTE, savepointHistoryMaxCount: 5 });
    const less = { 'savepoint.history.max.age': '1 min', 'savepoint.history.max.count': '2' };
    expect(optionsOf(less, caps)).toMatchObject({ savepointHistoryMaxAgeMs: MINUTE, savepointHistoryMaxCount: 2 });
    expect(optionsOf({}, { 'savepoint.history.max.count.threshold': '0' }).savepointHistoryMaxCount).toBe(1);
  });

  it('cannot be told to make snapshot objects where the operator says no', () => {
    const no = { 'snapshot.resource.enabled': 'false' };
    expect(optionsOf({ 'snapshot.resource.enabled': 'true' }, no).snapshotResourceEnabled).toBe(false);
  });

  it('takes a value that breaks its rule, or is blank, for none', () => {
    const broken = { 'job.restart.failed': 'yes', 'savepoint.history.max.count': '-1', 'checkpoint.type': ' ' };
    expect(optionsOf(broken)).toEqual(optionsOf({}));
  });
});

describe('optionIssues', () => {
  const issuesOf = (key: string, value: string): string =>
    describeIssues(optionIssues(new Map([[OPERATOR + key, value]])));

  it.each([
    ['job.restart.failed', 'yes', '"yes" is not valid, it must be true or false'],
    [
      'savepoint.history.max.age',
      '-1 h',
      '"-1 h" is not valid, it must be a duration such as 500 ms, 10 s, 5 min or PT5M',
    ],
    ['savepoint.history.max.count', '-1', '"-1" is not valid, it must be a whole number of at least 0'],
    ['savepoint.format.type', 'RAW', '"RAW" is not valid, it must be one of CANONICAL, NATIVE'],
    [
      'periodic.savepoint.interval',
      '0 0 0 30 2 ?',
      '"0 0 0 30 2 ?" is not valid, it must be a duration such as 6 h or a Quartz cron expression such as 0 0 3 * * ? (it never fires)',
    ],
    [
      'periodic.checkpoint.interval',
      '0 0 25 * * ?',
      '"0 0 25 * * ?" is not valid, it must be a duration such as 6 h or a Quartz cron expression such as 0 0 3 * * ? (hours: 25 is not between 0 and 23)',
    ],
    [
      'periodic.time-zone',
      'Mars/Base',
      '"Mars/Base" is not valid, it must be a time zone such as UTC or Europe/Berlin',
    ],
    ['user.artifacts.http.header', 'A', '"A" is not valid, it must be a map such as name:value,name:value'],
    ['session.block-on-unmanaged-jobs', '1', '"1" is not valid, it must be true or false'],
  ])('names key, value and rule of %s', (key, value, words) => {
    expect(issuesOf(key, value)).toBe(`spec.flinkConfiguration["${OPERATOR}${key}"]: ${words}`);
  });

  it('leaves other keys and blanks alone', () => {
    const own = new Map([
      ['state.backend.type', 'x'],
      [`${OPERATOR}job.restart.failed`, ' '],
      [`${OPERATOR}user.artifacts.allowed-schemes`, ''],
    ]);
    expect(optionIssues(own)).toEqual([]);
  });
});

describe('the tables', () => {
  const options: readonly AnyOption[] = [
    ...Object.values<AnyOption>(RESOURCE_OPTIONS),
    ...Object.values(GUARD_OPTIONS),
  ];

  it('declare every key once, old names included', () => {
    const names = options.flatMap(({ key, oldNames }) => [key, ...oldNames]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(names.filter((name) => !name.startsWith(OPERATOR))).toEqual([]);
  });

  it('hold options of resources and guards apart', () => {
    expect(Object.values<AnyOption>(RESOURCE_OPTIONS).filter(({ scope }) => scope !== 'resource')).toEqual([]);
    expect(Object.values<AnyOption>(GUARD_OPTIONS).filter(({ scope }) => scope !== 'operator')).toEqual([]);
  });
});

it('restarts no job for a changed option of the operator', () => {
  const { spec } = aFlinkDeployment();
  const changed = { ...spec, flinkConfiguration: { [`${OPERATOR}savepoint.history.max.count`]: '3' } };
  expect(specDiff(spec, changed).kind).toBe('ignore');
});
