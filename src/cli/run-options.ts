import { ENGINES, type GivenOption, type GivenOptions, LOG_LEVELS, type OptionName } from '../config.ts';
import { PROCESS_OPTIONS } from '../flink/options/operator-table.ts';
import { METRICS_OPTIONS } from './metrics-options.ts';
import type { OptionInfo } from './option-info.ts';
import { SPARK_OPTIONS } from './spark-options.ts';
import { WEBHOOK_OPTIONS } from './webhook-options.ts';

/** Every option of `weir run`, in the order help texts show them. */
export const OPTIONS: Readonly<Record<OptionName, OptionInfo>> = {
  engines: {
    flag: '--engines',
    argument: 'list',
    env: 'WEIR_ENGINES',
    default: ENGINES.join(','),
    describe: 'engines to look after, comma-separated; the CRDs and rights of others are not needed',
  },
  watchNamespaces: {
    flag: '--watch-namespaces',
    argument: 'list',
    env: 'WATCH_NAMESPACES',
    envFirst: true,
    option: PROCESS_OPTIONS.watchedNamespaces,
    default: '',
    describe: 'namespaces to look at, comma-separated; empty means all (the environment variable wins over the flag)',
  },
  watchNamespaceSelector: {
    flag: '--watch-namespace-selector',
    argument: 'selector',
    env: 'WEIR_WATCH_NAMESPACE_SELECTOR',
    default: undefined,
    describe:
      'look at the namespaces with these labels instead, as kubectl -l takes them, while they come, go and change (needs rights in all namespaces)',
  },
  labelSelector: {
    flag: '--label-selector',
    argument: 'selector',
    env: 'WEIR_LABEL_SELECTOR',
    option: PROCESS_OPTIONS.labelSelector,
    default: undefined,
    describe: 'look only at resources with these labels, as kubectl -l takes them (team=a,tier!=test)',
  },
  leaderElection: {
    flag: '--leader-election',
    argument: 'true|false',
    env: 'WEIR_LEADER_ELECTION',
    option: PROCESS_OPTIONS.leaderElection,
    default: 'true',
    describe: 'act only while holding a Lease, so that two replicas never act at once',
  },
  leaseName: {
    flag: '--lease-name',
    argument: 'name',
    env: 'WEIR_LEASE_NAME',
    option: PROCESS_OPTIONS.leaseName,
    default: 'weir',
    describe: 'name of the Lease',
  },
  leaseNamespace: {
    flag: '--lease-namespace',
    argument: 'name',
    env: 'POD_NAMESPACE',
    default: undefined,
    describe: 'namespace of the Lease; needed outside a cluster when leader election is on',
  },
  leaseDuration: {
    flag: '--lease-duration',
    argument: 'duration',
    env: 'WEIR_LEASE_DURATION',
    option: PROCESS_OPTIONS.leaseDuration,
    default: '15s',
    describe: 'how long others wait for a leader that stopped renewing',
  },
  renewDeadline: {
    flag: '--lease-renew-deadline',
    argument: 'duration',
    env: 'WEIR_LEASE_RENEW_DEADLINE',
    option: PROCESS_OPTIONS.renewDeadline,
    default: '10s',
    describe: 'a leader that could not renew for this long stops acting; shorter than the lease duration',
  },
  retryPeriod: {
    flag: '--lease-retry-period',
    argument: 'duration',
    env: 'WEIR_LEASE_RETRY_PERIOD',
    option: PROCESS_OPTIONS.retryPeriod,
    default: '2s',
    describe:
      'how often the Lease is renewed, and half of it how often a standby looks; shorter than the renew deadline',
  },
  identity: {
    flag: '--identity',
    argument: 'name',
    env: 'POD_NAME',
    default: undefined,
    describe: 'name of this replica (default: the host name)',
  },
  httpPort: {
    flag: '--http-port',
    argument: 'port',
    env: 'WEIR_HTTP_PORT',
    option: PROCESS_OPTIONS.httpPort,
    default: '8080',
    describe: 'port of /healthz, /readyz and /metrics; 0 takes any free one',
  },
  profiling: {
    flag: '--profiling',
    argument: 'true|false',
    env: 'WEIR_PROFILING',
    default: 'false',
    describe: 'serve CPU profiles of the operator at /debug/profile?seconds=30 on the same port',
  },
  logLevel: {
    flag: '--log-level',
    argument: 'level',
    env: 'WEIR_LOG_LEVEL',
    default: 'info',
    describe: `least severe line that is written: ${LOG_LEVELS.join(', ')}`,
  },
  workers: {
    flag: '--workers',
    argument: 'count',
    env: 'WEIR_WORKERS',
    option: PROCESS_OPTIONS.workers,
    default: '400',
    describe: 'how many resources are reconciled at the same time; -1 for 1000',
  },
  kubeconfig: {
    flag: '--kubeconfig',
    argument: 'file',
    env: 'KUBECONFIG',
    default: undefined,
    describe: 'kubeconfig file; without it the pod service account, then ~/.kube/config',
  },
  context: {
    flag: '--context',
    argument: 'name',
    env: 'WEIR_CONTEXT',
    default: undefined,
    describe: 'context of the kubeconfig to use instead of its current one',
  },
  flinkConfDir: {
    flag: '--flink-conf-dir',
    argument: 'folder',
    env: 'FLINK_CONF_DIR',
    default: undefined,
    describe:
      'folder with config.yaml or flink-conf.yaml: defaults for every Flink cluster and kubernetes.operator.* keys',
  },
  flinkConfReload: {
    flag: '--flink-conf-reload',
    argument: 'true|false',
    env: 'WEIR_FLINK_CONF_RELOAD',
    option: PROCESS_OPTIONS.reload,
    default: 'true',
    describe: 'read that folder again when it changes; a file with a bad value leaves the configuration as it was',
  },
  flinkConfCheckInterval: {
    flag: '--flink-conf-check-interval',
    argument: 'duration',
    env: 'WEIR_FLINK_CONF_CHECK_INTERVAL',
    option: PROCESS_OPTIONS.reloadInterval,
    default: '5m',
    describe: 'how often that folder is looked at, besides when the file system tells of a change',
  },
  flinkTlsDir: {
    flag: '--flink-tls-dir',
    argument: 'folder',
    env: 'WEIR_FLINK_TLS_DIR',
    default: undefined,
    describe:
      'folder with ca.crt, and tls.crt and tls.key for mutual TLS (PEM), for JobManagers with security.ssl.rest.enabled; read at start',
  },
  flinkRest: {
    flag: '--flink-rest',
    argument: 'way',
    env: 'WEIR_FLINK_REST',
    default: 'auto',
    describe: 'how JobManagers are reached: service-dns (inside the cluster), api-proxy (from outside), auto',
  },
  ...SPARK_OPTIONS,
  ...METRICS_OPTIONS,
  probeTransition: {
    flag: '--probe-interval-transition',
    argument: 'duration',
    env: 'WEIR_PROBE_INTERVAL_TRANSITION',
    default: '250ms',
    describe: 'how often a JobManager is asked while its job is changing',
  },
  probeRest: {
    flag: '--probe-interval-rest',
    argument: 'duration',
    env: 'WEIR_PROBE_INTERVAL_REST',
    default: '10s',
    describe: 'how often a JobManager is asked while its job runs quietly',
  },
  probeTimeout: {
    flag: '--probe-timeout',
    argument: 'duration',
    env: 'WEIR_PROBE_TIMEOUT',
    option: PROCESS_OPTIONS.clientTimeout,
    default: '10s',
    describe: 'how long a JobManager may take to answer',
  },
  submissionTimeout: {
    flag: '--submission-timeout',
    argument: 'duration',
    env: 'WEIR_SUBMISSION_TIMEOUT',
    option: PROCESS_OPTIONS.submissionTimeout,
    default: '10min',
    describe: 'how long submitting a session job may take: its jar is fetched and uploaded, and its main method runs',
  },
  drainDeadline: {
    flag: '--drain-deadline',
    argument: 'duration',
    env: 'WEIR_DRAIN_DEADLINE',
    option: PROCESS_OPTIONS.drainDeadline,
    default: '20s',
    describe: 'how long a stop waits for reconcile passes that are under way',
  },
  ...WEBHOOK_OPTIONS,
};

/** Where option values come from, weakest last: command line, environment, keys of the mounted configuration. */
export interface OptionSources {
  /** By option name, as the command line gave them. */
  readonly flags: Readonly<Partial<Record<OptionName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configuration: Readonly<Record<string, string>>;
}

/** The value of one option and where it came from. An empty environment variable counts as not set, a flag never does. */
export function pickOption(name: OptionName, sources: OptionSources): GivenOption | undefined {
  const { flag, env, envFirst, option, default: fallback } = OPTIONS[name];
  const fromFlag = given(flag, sources.flags[name]);
  const fromEnv = given(env, sources.env[env] || undefined);
  const first = envFirst ? (fromEnv ?? fromFlag) : (fromFlag ?? fromEnv);
  return first ?? fromFile(sources.configuration, option) ?? given(flag, fallback);
}

/** An option's value in the mounted configuration, by its key or else an old name. Blank text counts as not set. */
function fromFile(
  configuration: OptionSources['configuration'],
  option: OptionInfo['option'],
): GivenOption | undefined {
  const names = option === undefined ? [] : [option.key, ...option.oldNames];
  const key = names.find((name) => (configuration[name] ?? '').trim() !== '');
  return key === undefined ? undefined : given(key, configuration[key]?.trim());
}

/** All options, as parseConfig takes them. */
export function pickOptions(sources: OptionSources): GivenOptions {
  const names = Object.keys(OPTIONS) as OptionName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const option = pickOption(name, sources);
      return option === undefined ? [] : [[name, option]];
    }),
  );
}

function given(source: string, text: string | undefined): GivenOption | undefined {
  return text === undefined ? undefined : { source, text };
}
