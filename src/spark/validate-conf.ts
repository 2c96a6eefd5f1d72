import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import type { ObjectMeta } from '../kube/object.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { isPort } from './conf/around.ts';
import { ON_DEMAND } from './desired/property-volumes.ts';
import { schemeOf } from './language.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { amountIssues } from './validate-amounts.ts';

/** What a rule needs to know of the resource beside its spec. */
export type Named = Pick<ObjectMeta, 'name' | 'namespace' | 'labels'>;

const BY_OPERATOR = 'not be set, since the operator sets it';
const BY_TOKEN = 'not be set: driver and executors use the token of their service account';
const BY_DNS = "not be set, since executors reach the driver by its Service's name";
const BY_SUBMITTER = 'not be set, since it works only where a JVM submits the application';

/** Properties that decide whose rights, image or cluster is used (Kubeflow Spark Operator 2.5, its deny list), and Spark's own. */
const DENIED: ReadonlyMap<string, string> = new Map([
  ['spark.master', BY_OPERATOR],
  ['spark.kubernetes.driver.master', 'not be set; use spec.driver.kubernetesMaster'],
  ['spark.kubernetes.container.image', 'not be set; use spec.image'],
  ['spark.kubernetes.driver.container.image', 'not be set; use spec.driver.image'],
  ['spark.kubernetes.executor.container.image', 'not be set; use spec.executor.image'],
  ['spark.kubernetes.authenticate.driver.serviceAccountName', 'not be set; use spec.driver.serviceAccount'],
  ['spark.kubernetes.authenticate.executor.serviceAccountName', 'not be set; use spec.executor.serviceAccount'],
  ['spark.driver.host', BY_DNS],
  ['spark.driver.bindAddress', BY_DNS],
  ['spark.kubernetes.driver.podTemplateFile', 'not be set; use spec.driver.template'],
  ['spark.kubernetes.executor.podTemplateFile', 'not be set; use spec.executor.template'],
  ['spark.kubernetes.driver.podTemplateContainerName', 'not be set; use spec.driver.template'],
  ['spark.kubernetes.executor.podTemplateContainerName', 'not be set; use spec.executor.template'],
  ['spark.kubernetes.driver.pod.featureSteps', BY_SUBMITTER],
  ['spark.kubernetes.driver.pod.excludedFeatureSteps', BY_SUBMITTER],
  ['spark.kubernetes.kerberos.krb5.path', BY_SUBMITTER],
  ['spark.kubernetes.kerberos.krb5.configMapName', 'not be set; mount it with spec.driver.configMaps'],
  ['spark.kubernetes.kerberos.tokenSecret.name', 'not be set; use spec.driver.secrets with HadoopDelegationToken'],
  ['spark.kubernetes.kerberos.tokenSecret.itemKey', 'not be set; use spec.driver.secrets with HadoopDelegationToken'],
]);

/** Credentials by file or text, of the submission, the driver or executors. */
const CREDENTIALS =
  /^spark\.kubernetes\.authenticate\.(submission\.|driver\.|executor\.)?(oauthToken|oauthTokenFile|caCertFile|clientKeyFile|clientCertFile)$/;

/** Labels Spark gives its pods and tells them by (KubernetesConf, 3.3 to 4.3). */
export const RESERVED_LABELS: ReadonlySet<string> = new Set([
  'spark-version',
  'spark-app-selector',
  'spark-app-name',
  'spark-role',
  'spark-exec-id',
  'spark-exec-resourceprofile-id',
]);

/** Every rule sparkConf and hadoopConf break. */
export function validateConf(metadata: Named, spec: SparkApplicationSpec): readonly Issue[] {
  const conf = Object.entries(spec.sparkConf ?? {});
  const hadoop = Object.keys(spec.hadoopConf ?? {});
  return [
    ...conf.flatMap(([key, value]) => keyIssues(['spec', 'sparkConf', key], key, value)),
    ...hadoop.flatMap((key) => spelling(['spec', 'hadoopConf', key], key)),
    ...namespaceIssues(metadata, spec),
    ...claimIssues(['spec', 'sparkConf'], spec.sparkConf),
    ...amountIssues(spec),
  ];
}

const CLAIM_NAME = /^(spark\.kubernetes\.(?:driver|executor)\.volumes\.persistentVolumeClaim\..+\.options\.)claimName$/;

/** A claim that is made for a pod has to have a size: without one, pods would wait for a claim that nobody makes. */
export function claimIssues(
  path: readonly PropertyKey[],
  conf: Readonly<Record<string, string>> = {},
): readonly Issue[] {
  return Object.entries(conf).flatMap(([key, value]) => {
    const options = CLAIM_NAME.exec(key)?.[1];
    if (options === undefined || value !== ON_DEMAND) return [];
    const size = conf[`${options}sizeLimit`];
    if ((parseQuantity(size ?? '') ?? 0) > 0) return [];
    return [issueAt([...path, `${options}sizeLimit`], size, 'be the size of the claim that is made, such as 10Gi')];
  });
}

/** Every rule that one property breaks, whoever gives it; amounts aside. */
export function keyIssues(path: readonly PropertyKey[], key: string, value: string): readonly Issue[] {
  const denied = CREDENTIALS.test(key) ? BY_TOKEN : DENIED.get(key);
  if (denied !== undefined) return [issueAt(path, value, denied)];
  return [...spelling(path, key), ...valueIssues(path, key, value)];
}

/** A key with white space in it could be read as another one; no property has any. */
function spelling(path: readonly PropertyKey[], key: string): readonly Issue[] {
  return /^[\x21-\x7e]+$/.test(key) ? [] : [issueAt(path, key, 'be a key of visible ASCII characters')];
}

function valueIssues(path: readonly PropertyKey[], key: string, value: string): readonly Issue[] {
  const rule = VALUE_RULES.find(({ applies }) => applies(key));
  return rule === undefined || rule.holds(value, key) ? [] : [issueAt(path, value, rule.rule)];
}

interface ValueRule {
  applies(key: string): boolean;
  holds(value: string, key: string): boolean;
  readonly rule: string;
}

/** Ports the driver's container and Services have. */
export const PORTS: ReadonlySet<string> = new Set([
  'spark.driver.port',
  'spark.driver.blockManager.port',
  'spark.ui.port',
  'spark.connect.grpc.binding.port',
]);

const VALUE_RULES: readonly ValueRule[] = [
  {
    applies: (key) => PORTS.has(key),
    holds: (value) => /^\d{1,5}$/.test(value.trim()) && isPort(Number(value)),
    rule: 'be a port from 1 to 65535',
  },
  {
    applies: (key) => /^spark\.kubernetes\.(driver|executor)\.secretKeyRef\./.test(key),
    holds: (value) => /^[^:]+:[^:]+$/.test(value),
    rule: 'be a Secret and its key, with one colon between them',
  },
  {
    applies: (key) => /^spark\.kubernetes\.(driver|executor)\.label\./.test(key),
    holds: (_value, key) => !RESERVED_LABELS.has(key.replace(/^spark\.kubernetes\.(driver|executor)\.label\./, '')),
    rule: 'not be set, since Spark sets this label itself',
  },
  {
    applies: (key) => key === 'spark.kerberos.keytab',
    holds: (value) => schemeOf(value) === 'local',
    rule: 'be in the image or a mounted Secret (local:///…)',
  },
];

/** Executors are made where this says: anywhere else would be outside what the resource's author may touch. */
function namespaceIssues({ namespace = 'default' }: Named, { sparkConf = {} }: SparkApplicationSpec): readonly Issue[] {
  const key = 'spark.kubernetes.namespace';
  const value = sparkConf[key];
  if (value === undefined || value === namespace) return [];
  return [issueAt(['spec', 'sparkConf', key], value, `be the namespace of the resource, ${namespace}`)];
}
