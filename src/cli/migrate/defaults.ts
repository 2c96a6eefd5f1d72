import { deepEqual, isRecord } from '../../lib/json.ts';
import type { Incumbent } from './rules.ts';

/** A map of default values, as a chart nests them. */
interface Defaults {
  readonly [name: string]: unknown;
}

/** Says of a value that whatever stands there, nobody chose it: it changes with every version of the chart. */
const ANY = Symbol('any value');

const IMAGE = { tag: ANY, pullPolicy: 'IfNotPresent' };

/** What the chart of the Apache Flink Kubernetes Operator (1.10 to 1.15) has where its user says nothing, of the values that have no place in Weir's. */
const FLINK_DEFAULTS: Defaults = {
  image: { ...IMAGE, repository: 'ghcr.io/apache/flink-kubernetes-operator' },
  rbac: { operatorRole: { name: 'flink-operator' }, operatorRoleBinding: { name: 'flink-operator-role-binding' } },
  defaultConfiguration: { append: true },
  operatorHealth: {
    livenessProbe: { periodSeconds: 10, initialDelaySeconds: 30 },
    startupProbe: { periodSeconds: 10, failureThreshold: 30 },
  },
  podSecurityContext: { runAsUser: 9999, runAsGroup: 9999 },
  webhook: { keystore: { useDefaultPassword: true } },
  logging: { framework: 'log4j2' },
  tls: { secretKeyRef: { name: 'operator-certificate-password', key: 'password' } },
};

const RESTRICTED = {
  readOnlyRootFilesystem: true,
  privileged: false,
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** What the controller and the webhook of that chart both have. */
const SPARK_POD = {
  replicas: 1,
  revisionHistoryLimit: 10,
  leaderElection: { enable: true, leaseDuration: '15s', renewDeadline: '10s', retryPeriod: '2s' },
  logLevel: 'info',
  logEncoder: 'console',
  kubeAPIQPS: 20,
  kubeAPIBurst: 30,
  serviceAccount: { create: true, automountServiceAccountToken: true },
  rbac: { create: true },
  podSecurityContext: { fsGroup: 185 },
  securityContext: RESTRICTED,
  podDisruptionBudget: { enable: false, minAvailable: 1 },
};

/** What the chart of the Kubeflow Spark Operator (2.x) has where its user says nothing, of the values that have no place in Weir's. */
const SPARK_DEFAULTS: Defaults = {
  image: {
    ...IMAGE,
    registry: 'ghcr.io',
    repository: 'kubeflow/spark-operator/controller',
  },
  hook: {
    image: { ...IMAGE, registry: 'ghcr.io', repository: 'kubeflow/spark-operator/kubectl' },
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
  },
  controller: {
    ...SPARK_POD,
    featureGates: { PartialRestart: false, LoadSparkDefaults: false, RestSubmitter: false, DefaultTimeToLive: false },
    driverPodCreationGracePeriod: '10s',
    maxTrackedExecutorPerApp: 1000,
    driverPodDisruptionBudget: { enable: false },
    uiIngress: { enable: false },
    pprof: { enable: false, port: 6060, portName: 'pprof' },
    workqueueRateLimiter: { bucketQPS: 50, bucketSize: 500, maxDelay: { enable: true, duration: '6h' } },
  },
  submitter: {
    serviceUrl: ANY,
    requestTimeout: '2m',
    startupTimeout: '5m',
    maxRetries: 3,
    initialBackoff: '2s',
    startupProbe: { periodSeconds: 5, failureThreshold: 60 },
  },
  webhook: {
    ...SPARK_POD,
    portName: 'webhook',
    resourceQuotaEnforcement: { enable: false },
    volumes: [{ name: 'serving-certs', emptyDir: { sizeLimit: '500Mi' } }],
    volumeMounts: [
      {
        name: 'serving-certs',
        mountPath: '/etc/k8s-webhook-server/serving-certs',
        subPath: 'serving-certs',
        readOnly: false,
      },
    ],
  },
  spark: { serviceAccount: { automountServiceAccountToken: true } },
  prometheus: {
    metrics: { enable: true, portName: 'metrics', endpoint: '/metrics' },
    podMonitor: { jobLabel: 'spark-operator-podmonitor', podMetricsEndpoint: { scheme: 'http' } },
  },
};

/** By chart; the second of Spark has what was otherwise in 2.0 and 2.1. */
const DEFAULTS: Readonly<Record<Incumbent, readonly Defaults[]>> = {
  flink: [FLINK_DEFAULTS],
  spark: [SPARK_DEFAULTS, { image: { registry: 'docker.io', repository: 'kubeflow/spark-operator' } }],
};

/**
 * Whether a value that has no place in Weir's chart says nothing of its user's: it is empty, nothing but comments, or what the other chart has
 * anyway. Values files are often copies of all that a chart has.
 */
export function isDefault(from: Incumbent, path: readonly string[], value: unknown): boolean {
  const known = DEFAULTS[from].map((defaults) => defaultAt(defaults, path));
  return isEmpty(value) || known.some((one) => one === ANY || (one !== undefined && deepEqual(one, value)));
}

function defaultAt(defaults: Defaults, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (map, name) => (isRecord(map) && Object.hasOwn(map, name) ? map[name] : undefined),
    defaults,
  );
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.split('\n').every((line) => /^\s*(#|$)/.test(line));
  return value === null || value === undefined || deepEqual(value, []) || deepEqual(value, {});
}
