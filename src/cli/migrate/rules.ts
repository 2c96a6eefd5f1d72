import { parseRequirements, type Requirement } from '../../kube/label-selector.ts';

/** The chart that values were written for. */
export type Incumbent = 'flink' | 'spark';

/** What becomes of one value of another chart: the same value elsewhere, or a reason why there is none. */
export type Rule =
  /** Moved to this path; `as` changes it, and answers undefined where nothing has to be said. */
  { readonly to: string; readonly as?: (value: unknown) => unknown } | { readonly dropped: string };

/** Rules by path, a rule for a map holding for all below it that has none of its own. */
export type Rules = Readonly<Record<string, Rule>>;

const same = (...paths: readonly string[]): Rules => Object.fromEntries(paths.map((path) => [path, { to: path }]));

/** Numbers of a comma-separated text. */
const numbers = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').flatMap((text) => (text.trim() === '' ? [] : Number(text))) : value;

const OTHER_IMAGE = 'is the image of the other operator';
const NO_JVM = 'Weir is no JVM';
const LOGS = 'Weir logs JSON lines to standard output; logLevel says how much';
const OWN_PROFILE = 'Weir runs under the restricted profile with a user of its own';
const OLD_ROLE = 'the old release has it under that name; where create is false, name one with what weir rbac prints';
const PROBES = 'Weir has probes of its own';

/** The chart of the Apache Flink Kubernetes Operator (1.10 to 1.15), most of whose values mean the same. */
export const FLINK_RULES: Rules = {
  ...same('watchNamespaces', 'imagePullSecrets', 'nameOverride', 'fullnameOverride', 'replicas', 'strategy'),
  ...same(
    'rbac.create',
    'rbac.operatorRole.create',
    'rbac.operatorRoleBinding.create',
    'rbac.jobRole',
    'rbac.jobRoleBinding',
  ),
  'rbac.operatorRole.name': { dropped: OLD_ROLE },
  'rbac.operatorRoleBinding.name': { dropped: OLD_ROLE },
  'rbac.nodesRule.create': { to: 'rbac.operatorRole.readNodes' },
  ...same('operatorPod', 'operatorServiceAccount', 'jobServiceAccount', 'operatorVolumes', 'operatorVolumeMounts'),
  'operatorPod.webhook': { dropped: 'the webhook is part of the same container' },
  ...same('defaultConfiguration.create', 'defaultConfiguration.config.yaml', 'defaultConfiguration.flink-conf.yaml'),
  'defaultConfiguration.append': { dropped: 'Weir has no configuration that yours would be added to' },
  defaultConfiguration: { dropped: LOGS },
  ...same('operatorHealth.port', 'tls.create', 'tls.secretName', 'webhook.create'),
  operatorHealth: { dropped: PROBES },
  'tls.secretKeyRef': { dropped: 'certificates are read as PEM, without a password' },
  webhook: { dropped: 'Weir makes its certificates itself, without a keystore, and changes no spec' },
  webhookSecurityContext: { dropped: 'the webhook is part of the same container' },
  image: { dropped: OTHER_IMAGE },
  jvmArgs: { dropped: NO_JVM },
  logging: { dropped: LOGS },
  metrics: { dropped: 'metrics are on the port of operatorHealth' },
  postStart: { dropped: 'the image has no shell' },
  podSecurityContext: { dropped: OWN_PROFILE },
  operatorSecurityContext: { dropped: OWN_PROFILE },
};

const POD = 'Weir is one Deployment; what is said for the controller holds';
const THROTTLE = 'Weir is throttled by the API server alone';

const renamed = (from: string, to: string, ...names: readonly string[]): Rules =>
  Object.fromEntries(names.map((name) => [`${from}.${name}`, { to: `${to}.${name}` }]));

/** An empty name among them says all namespaces, whatever stands beside it. */
const namespaces = (value: unknown): unknown => (Array.isArray(value) && value.includes('') ? [] : value);

/** A label selector in its text form as a map; blank text is none. What is no selector stays, for the chart to refuse. */
const selector = (value: unknown): unknown => {
  const requirements = typeof value === 'string' ? parseRequirements(value) : undefined;
  if (requirements === undefined) return value;
  return requirements.length === 0 ? undefined : { matchExpressions: requirements.map(withoutEmptyValues) };
};

const withoutEmptyValues = ({ values, ...rest }: Requirement): object =>
  values.length === 0 ? rest : { ...rest, values };

const LEVELS: ReadonlySet<unknown> = new Set(['trace', 'debug', 'info', 'warn', 'error']);

/** The volumes of the other chart's defaults are of no use: its /tmp, and its webhook's certificates. */
const volumes = (value: unknown): unknown => {
  const own = Array.isArray(value) ? value.filter(({ name }: { name?: unknown }) => name !== 'tmp') : [];
  return own.length === 0 ? undefined : own;
};

/** The chart of the Kubeflow Spark Operator (2.x). */
export const SPARK_RULES: Rules = {
  ...same('nameOverride', 'fullnameOverride', 'commonLabels'),
  'image.pullSecrets': { to: 'imagePullSecrets' },
  image: { dropped: OTHER_IMAGE },
  'hook.upgradeCrd': { to: 'crds.upgrade' },
  hook: { dropped: 'the hook runs the image of Weir' },
  ...Object.fromEntries(
    ['replicas', 'workers', 'revisionHistoryLimit', 'topologySpreadConstraints'].map((name) => [
      `controller.${name}`,
      { to: name === 'topologySpreadConstraints' ? `operatorPod.${name}` : name },
    ]),
  ),
  'controller.leaderElection.enable': { to: 'leaderElection.enabled' },
  'controller.leaderElection': {
    dropped: 'WEIR_LEASE_DURATION and its like in operatorPod.env say otherwise than 15 s, 10 s, 2 s',
  },
  'controller.logLevel': { to: 'logLevel', as: (level) => (LEVELS.has(level) ? level : undefined) },
  'controller.featureGates.PartialRestart': { to: 'spark.partialRestart' },
  'controller.featureGates.LoadSparkDefaults': {
    dropped: 'spark.defaults has what spark-defaults.conf of the old image said',
  },
  'controller.featureGates.DefaultTimeToLive': { dropped: 'spark.defaultTimeToLiveSeconds above 0 switches it on' },
  'controller.driverPodDisruptionBudget': { dropped: 'Weir always heeds spec.driverPodDisruptionBudget' },
  'controller.pprof.enable': { to: 'operatorHealth.profiling' },
  'controller.pprof': { dropped: 'profiles are on the port of operatorHealth' },
  'controller.uiService.enable': { to: 'spark.uiService.enabled' },
  ...renamed('controller.uiIngress', 'spark.uiIngress', 'urlFormat', 'ingressClassName', 'tls', 'annotations'),
  'controller.uiIngress.enable': { dropped: 'an urlFormat switches it on, and none leaves it off' },
  ...renamed('controller', 'spark', 'batchScheduler', 'scheduledSparkApplicationTimestampPrecision'),
  'controller.defaultTimeToLiveSeconds': { to: 'spark.defaultTimeToLiveSeconds' },
  ...renamed('controller', 'operatorPod', 'annotations', 'labels', 'nodeSelector', 'affinity', 'tolerations'),
  ...renamed('controller', 'operatorPod', 'priorityClassName', 'env', 'envFrom', 'hostUsers'),
  'controller.resources': { dropped: 'Weir needs less; operatorPod.resources says how much' },
  'controller.sidecars': { to: 'operatorPod.sidecarContainers' },
  'controller.volumes': { to: 'operatorVolumes.data', as: volumes },
  'controller.volumeMounts': { to: 'operatorVolumeMounts.data', as: volumes },
  'controller.podDisruptionBudget.enable': { to: 'podDisruptionBudget.enabled' },
  'controller.podDisruptionBudget': { dropped: 'podDisruptionBudget.maxUnavailable says it the other way round' },
  'controller.serviceAccount.create': { to: 'operatorServiceAccount.create' },
  'controller.serviceAccount.name': { to: 'operatorServiceAccount.name' },
  'controller.serviceAccount.annotations': { to: 'operatorServiceAccount.annotations' },
  'controller.rbac.create': { to: 'rbac.create' },
  'controller.podSecurityContext': { dropped: OWN_PROFILE },
  'controller.securityContext': { dropped: OWN_PROFILE },
  'controller.workqueueRateLimiter': { dropped: 'each resource is tried again by its own failures' },
  'controller.kubeAPIQPS': { dropped: THROTTLE },
  'controller.kubeAPIBurst': { dropped: THROTTLE },
  'controller.logEncoder': { dropped: LOGS },
  controller: { dropped: 'Weir has nothing like it' },
  submitter: { dropped: 'Weir makes driver pods itself, without a submitter' },
  'webhook.enable': { to: 'webhook.create' },
  ...same('webhook.failurePolicy', 'webhook.timeoutSeconds', 'webhook.port'),
  'webhook.resourceQuotaEnforcement': {
    dropped: 'the annotation weir.dev/capacity-gate has an application wait for its quota',
  },
  webhook: { dropped: POD },
  'spark.jobNamespaces': { to: 'watchNamespaces', as: namespaces },
  'spark.jobNamespaceSelector': { to: 'watchNamespaceSelector', as: selector },
  ...same('spark.serviceAccount.create', 'spark.serviceAccount.annotations'),
  'spark.serviceAccount.name': { to: 'spark.serviceAccount.name', as: (name) => name || undefined },
  'spark.rbac.create': { to: 'spark.role.create' },
  spark: { dropped: 'Weir has nothing like it' },
  'prometheus.metrics.port': { to: 'operatorHealth.port' },
  'prometheus.metrics.prefix': { to: 'spark.metrics.prefix' },
  'prometheus.metrics.labels': {
    to: 'spark.metrics.labels',
    as: (value) => (typeof value === 'string' ? value.split(',').flatMap((label) => label.trim() || []) : value),
  },
  'prometheus.metrics.enable': {
    dropped: 'metrics are always there; operatorPod.annotations may have prometheus.io/scrape',
  },
  'prometheus.metrics.jobSubmitLatencyBuckets': { to: 'spark.metrics.submitLatencyBuckets', as: numbers },
  'prometheus.metrics.jobStartLatencyBuckets': { to: 'spark.metrics.startLatencyBuckets', as: numbers },
  'prometheus.metrics': { dropped: 'the path is fixed' },
  'prometheus.podMonitor.create': { to: 'metrics.podMonitor.enabled' },
  'prometheus.podMonitor.labels': { to: 'metrics.podMonitor.labels' },
  'prometheus.podMonitor.podMetricsEndpoint.interval': { to: 'metrics.podMonitor.interval' },
  prometheus: { dropped: 'Weir has nothing like it' },
  'certManager.enable': { to: 'webhook.certManager.enabled' },
  'certManager.issuerRef': { to: 'webhook.certManager.issuerRef' },
  certManager: { dropped: 'how long certificates hold is fixed' },
};
