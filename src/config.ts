import * as z from 'zod';
import { type MetricsConfig, metricsConfigOf, metricsFields } from './config-metrics.ts';
import { defaultSchedulerRule, type SparkConfig, sparkConfigOf, sparkOptions } from './config-spark.ts';
import { type TracingConfig, tracingConfigOf, tracingFields } from './config-tracing.ts';
import { dnsLabel, duration, labelSelector, namespaces, oneOf, trueOrFalse, wholeNumber } from './config-values.ts';
import { missingForWebhook, type WebhookConfig, webhookConfigOf, webhookFields } from './config-webhook.ts';
import { err, ok, type Result } from './lib/result.ts';

/** Who may act when several replicas run: held by a Lease. */
export interface LeaderElectionConfig {
  readonly leaseName: string;
  readonly leaseNamespace: string;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** The engines there are, each with its own kinds, controllers and rights. */
export const ENGINES = ['flink', 'spark'] as const;

/** One engine. */
export type Engine = (typeof ENGINES)[number];

/** Everything `weir run` can be told, parsed and checked once at start. */
export interface OperatorConfig {
  /** Engines whose resources are looked after, in the order of ENGINES; the kinds of others are not even watched. */
  readonly engines: readonly Engine[];
  /** Namespaces whose resources are looked at; empty means all of them. */
  readonly watchNamespaces: readonly string[];
  /** Label selector of the namespaces whose resources are looked at, in place of a list; undefined where there is none. */
  readonly watchNamespaceSelector: string | undefined;
  /** Label selector of the resources that are looked at; undefined means all of them. */
  readonly labelSelector: string | undefined;
  /** Undefined when leader election is switched off. */
  readonly leaderElection: LeaderElectionConfig | undefined;
  /** Name of this replica, as it appears in the Lease and in events. */
  readonly identity: string;
  /** Port of /healthz, /readyz and /metrics; 0 takes any free one. */
  readonly httpPort: number;
  /** Whether /debug/profile is served there too. */
  readonly profiling: boolean;
  readonly logLevel: LogLevel;
  /** How many resources are reconciled at the same time. */
  readonly workers: number;
  /** Where the API server is found; both undefined means in-cluster, then the default kubeconfig. */
  readonly kube: { readonly kubeconfig: string | undefined; readonly context: string | undefined };
  readonly flink: FlinkConfig;
  readonly spark: SparkConfig;
  readonly metrics: MetricsConfig;
  /** Undefined when nobody is told of passes. */
  readonly tracing: TracingConfig | undefined;
  /** Undefined when there is no admission webhook. */
  readonly webhook: WebhookConfig | undefined;
  /** How long a stop waits for passes that are under way. */
  readonly drainMs: number;
}

/** What concerns Flink only. */
export interface FlinkConfig {
  readonly restAccess: RestAccess;
  /** Flat keys of the mounted default configuration as it was at start, `kubernetes.operator.*` among them. */
  readonly configuration: Readonly<Record<string, string>>;
  /** The folder it is read from again, and how often at least; undefined when it holds for good. */
  readonly reload: { readonly folder: string; readonly intervalMs: number } | undefined;
  /** Folder with the certificates for JobManagers that answer over TLS. */
  readonly tlsFolder: string | undefined;
  readonly probe: {
    /** How often a JobManager is asked while something is changing, and when it is at rest. */
    readonly transitionMs: number;
    readonly restMs: number;
    /** How long one answer may take. */
    readonly timeoutMs: number;
  };
  /** How long submitting a session job may take, its main method included. */
  readonly submissionTimeoutMs: number;
}

/** All levels, least severe first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const REST_ACCESS = ['auto', 'service-dns', 'api-proxy'] as const;

/** Least severe line that is written. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How JobManagers are reached: by Service name (inside the cluster), through the API server, or whichever fits. */
export type RestAccess = (typeof REST_ACCESS)[number];

/** A setting that cannot be used. */
export interface ConfigProblem {
  /** The flag, environment variable or configuration key that carried the value. */
  readonly source: string;
  readonly value: string | undefined;
  /** The rule that was broken, as it would follow "must". */
  readonly rule: string;
}

const ENGINES_RULE = `be a comma-separated list of ${ENGINES.join(', ')}`;
/** What the incumbent's own settings say for "as many workers as there is work". */
const UNBOUNDED = '-1';

const engines = z
  .string()
  .transform((text) => new Set(text.split(',').map((name) => name.trim())))
  .refine((names) => [...names].every((name) => (ENGINES as readonly string[]).includes(name)), ENGINES_RULE)
  .transform((names) => ENGINES.filter((engine) => names.has(engine)));

const schema = z.object({
  engines,
  watchNamespaces: namespaces,
  watchNamespaceSelector: labelSelector.optional(),
  labelSelector: labelSelector.optional(),
  leaderElection: trueOrFalse,
  leaseName: dnsLabel,
  leaseNamespace: dnsLabel.optional(),
  leaseDuration: duration,
  renewDeadline: duration,
  retryPeriod: duration,
  identity: z.string().min(1, 'not be empty').optional(),
  httpPort: wholeNumber(0, 65_535),
  profiling: trueOrFalse,
  logLevel: oneOf(LOG_LEVELS),
  workers: z
    .string()
    .transform((text) => (text === UNBOUNDED ? '1000' : text))
    .pipe(wholeNumber(1, 1000)),
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  flinkConfDir: z.string().optional(),
  flinkTlsDir: z.string().optional(),
  flinkConfReload: trueOrFalse,
  flinkConfCheckInterval: duration,
  flinkRest: oneOf(REST_ACCESS),
  ...sparkOptions,
  ...metricsFields,
  ...tracingFields,
  probeTransition: duration,
  probeRest: duration,
  probeTimeout: duration,
  submissionTimeout: duration,
  drainDeadline: duration,
  ...webhookFields,
});

type Values = z.output<typeof schema>;

/** A name an option has inside the program. */
export type OptionName = keyof Values;

/** One value as it was given, and the flag, environment variable or configuration key that carried it. */
export interface GivenOption {
  readonly source: string;
  readonly text: string;
}

/** What is given for each option, defaults included; absent where there is neither. */
export type GivenOptions = { readonly [name in OptionName]?: GivenOption };

/** What parsing needs besides the options. */
export interface ConfigSurroundings {
  readonly hostname: string;
  /** Flat keys read from the folder that `flinkConfDir` names. */
  readonly flinkConfiguration: Readonly<Record<string, string>>;
  /** Properties read from the folder that `sparkConfDir` names. */
  readonly sparkDefaults: Readonly<Record<string, string>>;
}

/** The engines a comma-separated list names, or the problem with it; `source` is what carried the list. */
export function parseEngines(source: string, text: string): Result<readonly Engine[], ConfigProblem> {
  const parsed = engines.safeParse(text);
  return parsed.success ? ok(parsed.data) : err({ source, value: text, rule: ENGINES_RULE });
}

/** The configuration, or every problem at once. */
export function parseConfig(
  given: GivenOptions,
  surroundings: ConfigSurroundings,
): Result<OperatorConfig, readonly ConfigProblem[]> {
  const texts = Object.fromEntries(Object.entries(given).map(([name, option]) => [name, option.text]));
  const parsed = schema.safeParse(texts);
  if (!parsed.success) return err(parsed.error.issues.map((issue) => problemOf(given, issue)));
  const problems = [
    ...leaderElectionProblems(parsed.data, given),
    ...scopeProblems(parsed.data, given),
    ...batchProblems(parsed.data, given),
    ...webhookProblems(parsed.data),
  ];
  return problems.length > 0 ? err(problems) : ok(configOf(parsed.data, surroundings));
}

/** One line naming source, value and rule: `--workers: "0" is not valid, it must be a whole number from 1 to 1000`. */
export function describeProblem({ source, value, rule }: ConfigProblem): string {
  return value === undefined
    ? `${source}: is missing, it must ${rule}`
    : `${source}: "${value}" is not valid, it must ${rule}`;
}

function problemOf(given: GivenOptions, issue: z.core.$ZodIssue): ConfigProblem {
  const name = String(issue.path[0]) as OptionName;
  return { source: given[name]?.source ?? name, value: given[name]?.text, rule: issue.message };
}

function leaderElectionProblems(values: Values, given: GivenOptions): ConfigProblem[] {
  if (!values.leaderElection) return [];
  const problem = (name: OptionName, rule: string): ConfigProblem => ({
    source: given[name]?.source ?? name,
    value: given[name]?.text,
    rule,
  });
  const rules: [broken: boolean, problem: ConfigProblem][] = [
    [values.renewDeadline >= values.leaseDuration, problem('renewDeadline', 'be shorter than the lease duration')],
    [values.retryPeriod >= values.renewDeadline, problem('retryPeriod', 'be shorter than the renew deadline')],
    [
      values.leaseNamespace === undefined,
      {
        source: '--lease-namespace',
        value: undefined,
        rule: 'be given outside a cluster, unless --leader-election=false',
      },
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, found]) => found);
}

function scopeProblems({ watchNamespaces, watchNamespaceSelector }: Values, given: GivenOptions): ConfigProblem[] {
  if (watchNamespaces.length === 0 || watchNamespaceSelector === undefined) return [];
  const { source = 'watchNamespaceSelector', text: value } = given.watchNamespaceSelector ?? {};
  const { source: list, text: names } = given.watchNamespaces ?? {};
  return [{ source, value, rule: `not be given beside a list of namespaces (${list}: "${names}")` }];
}

function webhookProblems(values: Values): ConfigProblem[] {
  const rule = 'be given with --webhook-port, unless --webhook-cert-dir is';
  return missingForWebhook(values).map((source) => ({ source, value: undefined, rule }));
}

function batchProblems(values: Values, given: GivenOptions): ConfigProblem[] {
  const rule = defaultSchedulerRule(values);
  if (rule === undefined) return [];
  const { source = 'defaultBatchScheduler', text: value } = given.defaultBatchScheduler ?? {};
  return [{ source, value, rule }];
}

function configOf(values: Values, surroundings: ConfigSurroundings): OperatorConfig {
  const { leaseName, leaseNamespace, leaseDuration, renewDeadline, retryPeriod } = values;
  return {
    engines: values.engines,
    watchNamespaces: values.watchNamespaces,
    watchNamespaceSelector: values.watchNamespaceSelector,
    labelSelector: values.labelSelector,
    leaderElection:
      values.leaderElection && leaseNamespace !== undefined
        ? {
            leaseName,
            leaseNamespace,
            leaseDurationMs: leaseDuration,
            renewDeadlineMs: renewDeadline,
            retryPeriodMs: retryPeriod,
          }
        : undefined,
    identity: values.identity ?? surroundings.hostname,
    httpPort: values.httpPort,
    profiling: values.profiling,
    logLevel: values.logLevel,
    workers: values.workers,
    kube: { kubeconfig: values.kubeconfig, context: values.context },
    flink: {
      restAccess: values.flinkRest,
      configuration: surroundings.flinkConfiguration,
      reload:
        values.flinkConfReload && values.flinkConfDir !== undefined
          ? { folder: values.flinkConfDir, intervalMs: values.flinkConfCheckInterval }
          : undefined,
      tlsFolder: values.flinkTlsDir,
      probe: { transitionMs: values.probeTransition, restMs: values.probeRest, timeoutMs: values.probeTimeout },
      submissionTimeoutMs: values.submissionTimeout,
    },
    spark: sparkConfigOf(values, surroundings.sparkDefaults),
    metrics: metricsConfigOf(values),
    tracing: tracingConfigOf(values),
    webhook: webhookConfigOf(values),
    drainMs: values.drainDeadline,
  };
}
