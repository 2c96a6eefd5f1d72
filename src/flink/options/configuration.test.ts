import { describe, expect, it } from 'vitest';
import { describeIssues } from '../../core/issue.ts';
import { changedForNextStart, checkConfiguration } from './configuration.ts';

const OPERATOR = 'kubernetes.operator.';

function problemsOf(key: string, value: string): string {
  return describeIssues(checkConfiguration({ [key]: value }).problems);
}

/** Every option name of the Flink Kubernetes Operator 1.15, old names last. */
const NAMES = `
  checkpoint.trigger.grace-period checkpoint.type cluster.health-check.checkpoint-progress.enabled
  cluster.health-check.checkpoint-progress.window cluster.health-check.enabled cluster.health-check.restarts.threshold
  cluster.health-check.restarts.window cluster.resource-view.refresh-interval config.cache.size config.cache.timeout
  deployment.readiness.timeout deployment.rollback.enabled dynamic.config.check.interval dynamic.config.enabled
  dynamic.namespaces.enabled events.exceptions.limit-per-reconciliation events.exceptions.stacktrace-lines
  exception.field.max.length exception.label.mapper exception.stacktrace.enabled exception.stacktrace.max.length
  exception.throwable.list.max.count flink.client.cancel.timeout flink.client.timeout health.canary.resource.timeout
  health.probe.enabled health.probe.port ingress.manage jm-deployment-recovery.enabled jm-deployment.shutdown-ttl
  jm-deployment.startup.probe.enabled job.drain-on-savepoint-deletion job.restart.failed job.savepoint-on-deletion
  job.submission.timeout job.upgrade.ignore-pending-savepoint job.upgrade.inplace-scaling.enabled
  job.upgrade.last-state-fallback.enabled job.upgrade.last-state.job-cancel.enabled
  job.upgrade.last-state.max.allowed.checkpoint.age josdk.metrics.enabled jvm.metrics.enabled
  kubernetes.client.metrics.enabled kubernetes.client.metrics.http.response.code.groups.enabled
  kubernetes.client.metrics.slow.request.threshold label.selector leader-election.enabled
  leader-election.lease-duration leader-election.lease-name leader-election.renew-deadline
  leader-election.retry-period metrics.histogram.sample.size metrics.scope.k8soperator.resource
  metrics.scope.k8soperator.resourcens metrics.scope.k8soperator.system observer.progress-check.interval
  observer.rest-ready.delay periodic.checkpoint.interval periodic.savepoint.interval
  plugins.listeners.mine.class pod-template.merge-arrays-by-name rate-limiter.limit rate-limiter.refresh-period
  reconcile.interval reconcile.parallelism resource.cleanup.timeout resource.deletion.propagation
  resource.lifecycle.metrics.enabled resource.lifecycle.namespace.histograms.enabled resource.metrics.enabled
  retry.initial.interval retry.interval.multiplier retry.max.attempts retry.max.interval savepoint.cleanup.enabled
  savepoint.dispose-on-delete savepoint.format.type savepoint.history.max.age savepoint.history.max.age.threshold
  savepoint.history.max.count savepoint.history.max.count.threshold savepoint.trigger.grace-period
  session.deletion.block-on-session-jobs session.deletion.block-on-unmanaged-jobs snapshot.resource.enabled
  startup.stop-on-informer-error termination.timeout user.artifacts.allowed-schemes user.artifacts.base.dir
  user.artifacts.disallow-restricted-hosts user.artifacts.http.header watched.namespaces
  metrics.reporter.slf4j.interval bluegreen.abort.grace-period job.autoscaler.enabled
  reconciler.reschedule.interval reconciler.max.parallelism observer.savepoint.trigger.grace-period
  observer.flink.client.timeout reconciler.flink.cancel.job.timeout reconciler.flink.cluster.shutdown.timeout
  reconciler.jm-deployment-recovery.enabled session.block-on-unmanaged-jobs`
  .trim()
  .split(/\s+/);

describe('the check of the operator configuration', () => {
  it('knows every option of the incumbent', () => {
    const configuration = Object.fromEntries(NAMES.map((name) => [OPERATOR + name, '']));
    expect(checkConfiguration(configuration)).toEqual({ problems: [], unknown: [] });
  });

  it.each([
    ['an option of a resource', 'job.restart.failed', 'yes', 'it must be true or false'],
    ['a guard', 'savepoint.history.max.count.threshold', 'few', 'it must be a whole number of at least 0'],
    ['a list of buckets', 'user.artifacts.s3.allowed-prefixes', 'jars', 'it must be a list of buckets and folders'],
    ['labels', 'exception.label.mapper', 'disk', 'it must be a map of labels by regular expression'],
    ['an old name', 'observer.flink.client.timeout', 'soon', 'it must be a duration such as 500 ms'],
    [
      'a default of a namespace',
      'default-configuration.namespace.team-a.kubernetes.operator.checkpoint.type',
      'HALF',
      'it must be one of FULL, INCREMENTAL',
    ],
    [
      'a default of a version',
      'default-configuration.flink-version.v2_0+.kubernetes.operator.job.restart.failed',
      '1',
      'it must be true or false',
    ],
  ])('refuses a bad value of %s', (_what, name, value, rule) => {
    expect(problemsOf(OPERATOR + name, value)).toContain(`${OPERATOR}${name}: "${value}" is not valid, ${rule}`);
  });

  it.each([
    ['(disk:storage', '(disk is no regular expression'],
    ['a++:twice', 'a++ is no regular expression'],
    ['\\Qdisk\\E:storage', '\\Q in \\Qdisk\\E is not known here'],
    [':storage', 'each label and each expression must have a character'],
  ])('says what is wrong with the pattern of a label: %s', (text, what) => {
    expect(checkConfiguration({ [`${OPERATOR}exception.label.mapper`]: text }).problems[0]?.rule).toContain(
      `(${what})`,
    );
  });

  it('lets pass what Weir does not read, blanks and plain Flink options', () => {
    expect(problemsOf(`${OPERATOR}reconcile.interval`, 'often')).toBe('');
    expect(problemsOf(`${OPERATOR}job.restart.failed`, ' ')).toBe('');
    expect(problemsOf('state.backend.type', 'none')).toBe('');
  });

  it('names keys that are no options', () => {
    const unknown = [
      `${OPERATOR}job.restart.faild`,
      `${OPERATOR}plugins.listeners.`,
      `${OPERATOR}default-configuration.namespace.team-a`,
      `${OPERATOR}default-configuration.team-a.web.timeout`,
      `${OPERATOR}default-configuration.flink-version.v9_9.web.timeout`,
      `${OPERATOR}default-configuration.flink-version.2.0.web.timeout`,
      `${OPERATOR}default-configuration.namespace.team-a.kubernetes.operator.checkpoint.typ`,
    ];
    const known = [
      'kubernetes.cluster-id',
      `${OPERATOR}default-configuration.namespace.team-a.web.timeout`,
      `${OPERATOR}default-configuration.flink-version.v1_20+.web.timeout`,
    ];
    const configuration = Object.fromEntries([...unknown, ...known].map((key) => [key, 'x']));
    expect(checkConfiguration(configuration).unknown).toEqual(unknown);
  });
});

it('tells which changed options are read at start only', () => {
  const before = { [`${OPERATOR}watched.namespaces`]: 'a', [`${OPERATOR}job.restart.failed`]: 'true', x: '1' };
  const after = { [`${OPERATOR}reconciler.max.parallelism`]: '5', [`${OPERATOR}job.restart.failed`]: 'false', x: '2' };
  expect(changedForNextStart(before, after)).toEqual([
    `${OPERATOR}watched.namespaces`,
    `${OPERATOR}reconciler.max.parallelism`,
  ]);
  expect(changedForNextStart(before, before)).toEqual([]);
});
