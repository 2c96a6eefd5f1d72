import { type GivenOption, type GivenOptions, LOG_LEVELS, type OptionName } from '../config.ts';

/** How one option is named outside, and what it is for. Flag before environment before configuration key, unless `envFirst`. */
export interface OptionInfo {
  readonly flag: string;
  /** Placeholder of the value in help texts; absent for switches. */
  readonly argument?: string;
  readonly env: string;
  readonly envFirst?: boolean;
  /** The key of the incumbent's operator configuration that means the same. */
  readonly configKey?: string;
  readonly default: string | undefined;
  readonly describe: string;
}

const LEADER_KEY = 'kubernetes.operator.leader-election';

/** Every option of `weir run`, in the order help texts show them. */
export const OPTIONS: Readonly<Record<OptionName, OptionInfo>> = {
  watchNamespaces: {
    flag: '--watch-namespaces',
    argument: 'list',
    env: 'WATCH_NAMESPACES',
    envFirst: true,
    configKey: 'kubernetes.operator.watched.namespaces',
    default: '',
    describe: 'namespaces to look at, comma-separated; empty means all (the environment variable wins over the flag)',
  },
  leaderElection: {
    flag: '--leader-election',
    argument: 'true|false',
    env: 'WEIR_LEADER_ELECTION',
    configKey: `${LEADER_KEY}.enabled`,
    default: 'true',
    describe: 'act only while holding a Lease, so that two replicas never act at once',
  },
  leaseName: {
    flag: '--lease-name',
    argument: 'name',
    env: 'WEIR_LEASE_NAME',
    configKey: `${LEADER_KEY}.lease-name`,
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
    configKey: `${LEADER_KEY}.lease-duration`,
    default: '15s',
    describe: 'how long others wait for a leader that stopped renewing',
  },
  renewDeadline: {
    flag: '--lease-renew-deadline',
    argument: 'duration',
    env: 'WEIR_LEASE_RENEW_DEADLINE',
    configKey: `${LEADER_KEY}.renew-deadline`,
    default: '10s',
    describe: 'a leader that could not renew for this long stops acting; shorter than the lease duration',
  },
  retryPeriod: {
    flag: '--lease-retry-period',
    argument: 'duration',
    env: 'WEIR_LEASE_RETRY_PERIOD',
    configKey: `${LEADER_KEY}.retry-period`,
    default: '2s',
    describe: 'how often the Lease is tried or renewed; shorter than the renew deadline',
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
    default: '8080',
    describe: 'port of /healthz, /readyz and /metrics; 0 takes any free one',
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
    default: '50',
    describe: 'how many resources are reconciled at the same time',
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
  flinkRest: {
    flag: '--flink-rest',
    argument: 'way',
    env: 'WEIR_FLINK_REST',
    default: 'auto',
    describe: 'how JobManagers are reached: service-dns (inside the cluster), api-proxy (from outside), auto',
  },
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
    configKey: 'kubernetes.operator.flink.client.timeout',
    default: '10s',
    describe: 'how long a JobManager may take to answer',
  },
  drainDeadline: {
    flag: '--drain-deadline',
    argument: 'duration',
    env: 'WEIR_DRAIN_DEADLINE',
    default: '20s',
    describe: 'how long a stop waits for reconcile passes that are under way',
  },
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
  const { flag, env, envFirst, configKey, default: fallback } = OPTIONS[name];
  const fromFlag = given(flag, sources.flags[name]);
  const fromEnv = given(env, sources.env[env] || undefined);
  const fromFile = configKey === undefined ? undefined : given(configKey, sources.configuration[configKey]);
  const first = envFirst ? (fromEnv ?? fromFlag) : (fromFlag ?? fromEnv);
  return first ?? fromFile ?? given(flag, fallback);
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
