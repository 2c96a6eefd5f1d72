import { labelPatterns } from './label-patterns.ts';
import {
  type AnyOption,
  decimal,
  duration,
  freeText,
  notApplicable,
  notYet,
  oneOf,
  openOption,
  option,
  type Standing,
  s3PrefixList,
  wholeNumber,
  wordList,
  yesNo,
} from './types.ts';

const scope = 'operator';

/** Options of the operator's configuration that decide about single resources; a resource cannot set them. */
export const GUARD_OPTIONS = {
  savepointHistoryMaxAgeThreshold: openOption(
    duration,
    'savepoint.history.max.age.threshold',
    'The most that savepoint.history.max.age may be.',
    { scope, standing: { is: 'honoured' } },
  ),
  savepointHistoryMaxCountThreshold: openOption(
    wholeNumber(0),
    'savepoint.history.max.count.threshold',
    'The most that savepoint.history.max.count may be.',
    { scope, standing: { is: 'honoured' } },
  ),
  artifactAllowedSchemes: option(
    wordList,
    ['user.artifacts.allowed-schemes', 'https;s3;s3a;s3p'],
    "Schemes a session job's jarURI may have.",
    {
      scope,
      standing: {
        is: 'honoured',
        how: 'S3 is among them by default, since nothing is read there unless the operator has credentials for it',
      },
    },
  ),
  artifactS3Prefixes: openOption(
    s3PrefixList,
    'user.artifacts.s3.allowed-prefixes',
    "Buckets and folders (s3://bucket/folder) a session job's jarURI may be in, where it is in S3.",
    {
      scope,
      standing: {
        is: 'honoured',
        how: 'an addition of Weir; every bucket that the operator can read where it is not set',
      },
    },
  ),
  artifactDisallowRestrictedHosts: option(
    yesNo,
    ['user.artifacts.disallow-restricted-hosts', 'true'],
    "Whether a session job's jarURI may not name hosts with loopback, link-local, private, wildcard or multicast addresses.",
    { scope },
  ),
  canaryTimeout: option(
    duration,
    ['health.canary.resource.timeout', '1 min'],
    'How long a canary resource may wait for a pass.',
    { scope, standing: { is: 'honoured', how: 'after it /readyz says no; the spec of a canary is never changed' } },
  ),
  exceptionEventLimit: option(
    wholeNumber(0),
    ['events.exceptions.limit-per-reconciliation', '10'],
    'Events that a pass makes of exceptions of a job.',
    { scope, standing: { is: 'honoured', how: '0 for none; else one, of the newest exception' } },
  ),
  exceptionEventLines: option(
    wholeNumber(0),
    ['events.exceptions.stacktrace-lines', '5'],
    'Lines of the stack trace in such an event.',
    { scope, standing: { is: 'honoured', how: 'and the innermost cause; at most ten calls of each exception' } },
  ),
  exceptionLabels: option(
    labelPatterns,
    ['exception.label.mapper', ''],
    'Labels for the error in the status, by a regular expression that is looked for in its message and those of the exceptions behind it.',
    { scope, standing: { is: 'honoured', how: 'in the configuration of the operator itself, not in its layers' } },
  ),
} as const satisfies Record<string, AnyOption>;

/** A setting of the process that has a flag too, which wins. */
function flag(name: string, difference = ''): Standing {
  return { is: 'honoured', how: `read at start; the flag ${name} wins${difference}` };
}

/** Settings of the process that `weir run` reads, in the operator's file or as flags. */
export const PROCESS_OPTIONS = {
  watchedNamespaces: option(
    freeText,
    ['watched.namespaces', 'JOSDK_ALL_NAMESPACES'],
    'Namespaces whose resources are looked at, separated by commas.',
    { scope, standing: flag('--watch-namespaces', ', and WATCH_NAMESPACES over both') },
  ),
  labelSelector: openOption(freeText, 'label.selector', 'Label selector of the resources that are looked at.', {
    scope,
    standing: flag('--label-selector'),
  }),
  workers: option(
    freeText,
    ['reconcile.parallelism', '50'],
    'How many resources are reconciled at the same time; -1 for no bound.',
    { scope, oldNames: ['reconciler.max.parallelism'], standing: flag('--workers', '; -1 means 1000') },
  ),
  clientTimeout: option(duration, ['flink.client.timeout', '10 s'], 'How long a JobManager may take to answer.', {
    scope,
    oldNames: ['observer.flink.client.timeout'],
    standing: flag('--probe-timeout'),
  }),
  submissionTimeout: option(
    duration,
    ['job.submission.timeout', '10 min'],
    'How long submitting a session job may take.',
    {
      scope,
      standing: flag('--submission-timeout'),
    },
  ),
  leaderElection: option(yesNo, ['leader-election.enabled', 'true'], 'Whether to act only while holding a Lease.', {
    scope,
    standing: flag('--leader-election', '; the Flink Kubernetes Operator has false'),
  }),
  leaseName: option(freeText, ['leader-election.lease-name', 'weir'], 'Name of the Lease.', {
    scope,
    standing: flag('--lease-name', '; the Flink Kubernetes Operator has no default'),
  }),
  leaseDuration: option(
    duration,
    ['leader-election.lease-duration', '15 s'],
    'How long others wait for a leader that stopped renewing.',
    { scope, standing: flag('--lease-duration') },
  ),
  renewDeadline: option(
    duration,
    ['leader-election.renew-deadline', '10 s'],
    'A leader that could not renew for this long stops acting.',
    { scope, standing: flag('--lease-renew-deadline') },
  ),
  retryPeriod: option(
    duration,
    ['leader-election.retry-period', '2 s'],
    'How often the Lease is renewed; a standby looks twice as often.',
    {
      scope,
      standing: flag('--lease-retry-period'),
    },
  ),
  httpPort: option(wholeNumber(0), ['health.probe.port', '8080'], 'Port of the health answers.', {
    scope,
    standing: flag('--http-port', '; the Flink Kubernetes Operator has 8085'),
  }),
  drainDeadline: option(
    duration,
    ['termination.timeout', '20 s'],
    'How long a stop waits for passes that are under way.',
    { scope, standing: flag('--drain-deadline', '; the Flink Kubernetes Operator has 10 s') },
  ),
  reload: option(
    yesNo,
    ['dynamic.config.enabled', 'true'],
    "Whether the operator's file is read again when it changes.",
    { scope, standing: flag('--flink-conf-reload') },
  ),
  reloadInterval: option(
    duration,
    ['dynamic.config.check.interval', '5 min'],
    "How often the operator's file is looked at, besides when the file system tells of a change.",
    { scope, standing: flag('--flink-conf-check-interval') },
  ),
} as const satisfies Record<string, AnyOption>;

const EVENT_DRIVEN = 'a pass starts when something changes, not by the clock';
const POLLING = 'how often a JobManager is asked is said by --probe-interval-transition and --probe-interval-rest';
const RETRYING = 'failures are tried again for ever, after 0.2 s to 10 min depending on their kind';
const NO_CACHE = 'configurations are not kept in a cache that has to be sized';
const OWN_METRICS = 'Weir serves its metrics for Prometheus at /metrics';
const SWITCHED = 'they are served at /metrics unless --metrics-incumbents=false';
const NOT_IN_ERROR = notApplicable('the error in the status has a type and one message, never a stack trace');

function unused(key: string, text: string, description: string, why: string): AnyOption {
  return option(freeText, [key, text], description, { scope, standing: notApplicable(why) });
}

/** Options of the incumbent's operator that Weir does not read; keys are never validated. */
export const UNREAD_OPTIONS: readonly AnyOption[] = [
  option(duration, ['reconcile.interval', '60 s'], 'How often a resource is looked at.', {
    scope,
    oldNames: ['reconciler.reschedule.interval'],
    standing: notApplicable(`${EVENT_DRIVEN}; ${POLLING}`),
  }),
  unused('observer.progress-check.interval', '10 s', 'How often a resource that changes is looked at.', POLLING),
  unused('observer.rest-ready.delay', '10 s', 'Wait between an open REST port and being ready.', 'REST is asked'),
  option(duration, ['flink.client.cancel.timeout', '1 min'], 'How long the end of a cancelled job is waited for.', {
    scope,
    oldNames: ['reconciler.flink.cancel.job.timeout'],
    standing: notApplicable('nothing blocks while a job ends; its end is seen when it comes'),
  }),
  option(duration, ['resource.cleanup.timeout', '5 min'], 'How long the end of a cluster is waited for.', {
    scope,
    oldNames: ['reconciler.flink.cluster.shutdown.timeout'],
    standing: notApplicable(
      'the next run is never made while a pod of the one before is left, however long that takes',
    ),
  }),
  unused('rate-limiter.limit', '5', 'Passes of one resource per period.', 'changes that wait are taken in one pass'),
  unused('rate-limiter.refresh-period', '15 s', 'Period of the rate limiter.', 'there is no rate limiter'),
  unused('retry.initial.interval', '5 s', 'First wait after a failed pass.', RETRYING),
  option(decimal(1), ['retry.interval.multiplier', '1.5'], 'By how much each further wait is longer.', {
    scope,
    standing: notApplicable(RETRYING),
  }),
  unused('retry.max.attempts', '15', 'Failures after which a resource is left alone.', RETRYING),
  openOption(duration, 'retry.max.interval', 'The longest wait.', { scope, standing: notApplicable(RETRYING) }),
  unused('config.cache.size', '1000', 'Configurations kept.', NO_CACHE),
  unused('config.cache.timeout', '10 min', 'How long a configuration is kept.', NO_CACHE),
  option(yesNo, ['dynamic.namespaces.enabled', 'false'], 'Whether the watched namespaces may change while it runs.', {
    scope,
    standing: notYet(
      'the list is read at start, and a restart for another one restarts no job; namespaces by label are followed',
    ),
  }),
  unused(
    'startup.stop-on-informer-error',
    'true',
    'Whether a watch that cannot start ends the process.',
    'the process stays, tries again, and /readyz names what is not readable',
  ),
  unused('health.probe.enabled', 'true', 'Whether health is answered.', 'health is always answered'),
  option(
    oneOf('ORPHAN', 'BACKGROUND', 'FOREGROUND'),
    ['resource.deletion.propagation', 'FOREGROUND'],
    'How Deployments are deleted.',
    {
      scope,
      standing: notApplicable(
        'Deployments are always deleted in the foreground, so that their pods are gone before they are',
      ),
    },
  ),
  option(freeText, ['user.artifacts.base.dir', '/opt/flink/artifacts'], 'Folder for jars of session jobs.', {
    scope,
    standing: notApplicable('jars are passed on as they come in and never stored'),
  }),
  unusedError('exception.stacktrace.enabled', 'false', 'Whether the error in the status has a stack trace.'),
  unusedError('exception.stacktrace.max.length', '2048', 'The longest stack trace in the status.'),
  unusedError('exception.field.max.length', '2048', 'The longest field of the error in the status.'),
  unusedError('exception.throwable.list.max.count', '2', 'Causes listed in the error in the status.'),
  option(freeText, ['cluster.resource-view.refresh-interval', '-1 min'], 'How often the autoscaler reads nodes.', {
    scope,
    standing: notYet('the autoscaler does not look at nodes'),
  }),
  unused('jvm.metrics.enabled', 'true', 'Whether metrics of the JVM are given.', 'there is no JVM'),
  unused('josdk.metrics.enabled', 'true', 'Whether metrics of passes are given.', OWN_METRICS),
  unused('kubernetes.client.metrics.enabled', 'true', 'Whether metrics of API requests are given.', OWN_METRICS),
  unused(
    'kubernetes.client.metrics.http.response.code.groups.enabled',
    'false',
    'Whether answers are counted by hundreds of their code.',
    'they are counted by code',
  ),
  unused('kubernetes.client.metrics.slow.request.threshold', '5 s', 'What counts as slow.', 'a histogram says more'),
  unused('resource.metrics.enabled', 'true', 'Whether metrics of resources are given.', SWITCHED),
  unused('resource.lifecycle.metrics.enabled', 'true', 'Whether metrics of their lives are given.', SWITCHED),
  unused('resource.lifecycle.namespace.histograms.enabled', 'true', 'Likewise by namespace.', SWITCHED),
];

function unusedError(key: string, text: string, description: string): AnyOption {
  return option(freeText, [key, text], description, { scope, standing: NOT_IN_ERROR });
}
