import type { PropertySetting } from '../../core/properties.ts';
import type { DriverSpec, ExecutorSpec, SparkApplication, SparkApplicationSpec } from '../schema.ts';
import { fromSpec, type SparkOrigin } from './entry.ts';
import { sparkContainerOf } from './pod-templates.ts';

type Rules = readonly PropertySetting<SparkOrigin>[];

/** Fields that sparkConf wins over (Kubeflow Spark Operator 2.5: they come before it on the command line). */
export function weakRules({
  imagePullPolicy,
  imagePullSecrets,
  pythonVersion,
  memoryOverheadFactor,
}: SparkApplicationSpec): Rules {
  return [
    ...fromSpec('spark.kubernetes.container.image.pullPolicy', imagePullPolicy, 'spec.imagePullPolicy'),
    ...fromSpec('spark.kubernetes.container.image.pullSecrets', joined(imagePullSecrets), 'spec.imagePullSecrets'),
    ...fromSpec('spark.kubernetes.pyspark.pythonVersion', pythonVersion, 'spec.pythonVersion'),
    ...fromSpec('spark.kubernetes.memoryOverheadFactor', memoryOverheadFactor, 'spec.memoryOverheadFactor'),
  ];
}

/** Fields that win over sparkConf. */
export function strongRules({ metadata, spec }: Pick<SparkApplication, 'metadata' | 'spec'>): Rules {
  const { driver = {}, executor = {} } = spec;
  return [
    ...fromSpec('spark.app.name', metadata.name, 'metadata.name'),
    ...dependencyRules(spec),
    ...labelRules(metadata.labels),
    ...driverRules(driver, spec),
    ...executorRules(executor, spec),
    ...mapRules('spark.kubernetes.node.selector.', spec.nodeSelector, 'spec.nodeSelector'),
    ...dynamicAllocationRules(spec),
  ];
}

function dependencyRules({ deps = {} }: SparkApplicationSpec): Rules {
  return [
    ...fromSpec('spark.jars', joined(deps.jars), 'spec.deps.jars'),
    ...fromSpec('spark.files', joined(deps.files), 'spec.deps.files'),
    ...fromSpec('spark.archives', joined(deps.archives), 'spec.deps.archives'),
    ...fromSpec('spark.submit.pyFiles', joined(deps.pyFiles), 'spec.deps.pyFiles'),
    ...fromSpec('spark.jars.packages', joined(deps.packages), 'spec.deps.packages'),
    ...fromSpec('spark.jars.excludes', joined(deps.excludePackages), 'spec.deps.excludePackages'),
    ...fromSpec('spark.jars.repositories', joined(deps.repositories), 'spec.deps.repositories'),
  ];
}

/** Labels of the resource go to its pods, except Kueue's, which would make it queue them one by one. */
function labelRules(labels: Readonly<Record<string, string>> = {}): Rules {
  const passed = Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('kueue.x-k8s.io/')));
  return ['driver', 'executor'].flatMap((role) =>
    mapRules(`spark.kubernetes.${role}.label.`, passed, 'metadata.labels'),
  );
}

function driverRules(driver: DriverSpec, spec: SparkApplicationSpec): Rules {
  return [
    ...roleRules('driver', driver, spec),
    ...fromSpec('spark.kubernetes.driver.master', driver.kubernetesMaster, 'spec.driver.kubernetesMaster'),
    ...mapRules('spark.kubernetes.driver.service.label.', driver.serviceLabels, 'spec.driver.serviceLabels'),
    ...mapRules(
      'spark.kubernetes.driver.service.annotation.',
      driver.serviceAnnotations,
      'spec.driver.serviceAnnotations',
    ),
  ];
}

function executorRules(executor: ExecutorSpec, spec: SparkApplicationSpec): Rules {
  const { instances, deleteOnTermination, terminationGracePeriodSeconds: grace } = executor;
  return [
    ...roleRules('executor', executor, spec),
    ...fromSpec('spark.executor.instances', instances, 'spec.executor.instances'),
    ...fromSpec(
      'spark.kubernetes.executor.deleteOnTermination',
      deleteOnTermination,
      'spec.executor.deleteOnTermination',
    ),
    // From Spark 4.1 on this wins over the pod template.
    ...fromSpec(
      'spark.kubernetes.executor.terminationGracePeriodSeconds',
      grace === undefined ? undefined : `${grace}s`,
      'spec.executor.terminationGracePeriodSeconds',
    ),
  ];
}

function roleRules(role: 'driver' | 'executor', fields: DriverSpec | ExecutorSpec, spec: SparkApplicationSpec): Rules {
  const at = `spec.${role}`;
  const key = `spark.kubernetes.${role}`;
  const image = fields.image === undefined ? 'spec.image' : `${at}.image`;
  return [
    ...fromSpec(`${key}.container.image`, fields.image ?? spec.image ?? templateImage(role, spec), image),
    ...fromSpec(`spark.${role}.cores`, fields.cores, `${at}.cores`),
    ...fromSpec(`${key}.request.cores`, fields.coreRequest, `${at}.coreRequest`),
    ...fromSpec(`${key}.limit.cores`, fields.coreLimit, `${at}.coreLimit`),
    ...fromSpec(`spark.${role}.memory`, fields.memory, `${at}.memory`),
    ...fromSpec(`spark.${role}.memoryOverhead`, fields.memoryOverhead, `${at}.memoryOverhead`),
    ...fromSpec(
      `spark.kubernetes.authenticate.${role}.serviceAccountName`,
      fields.serviceAccount,
      `${at}.serviceAccount`,
    ),
    ...fromSpec(`spark.${role}.extraJavaOptions`, fields.javaOptions, `${at}.javaOptions`),
    ...mapRules(`${key}.label.`, fields.labels, `${at}.labels`),
    ...mapRules(`${key}.annotation.`, fields.annotations, `${at}.annotations`),
    ...mapRules(envPrefix(role), fields.envVars, `${at}.envVars`),
    ...secretKeyRules(role, fields),
    ...secretRules(role, fields),
  ];
}

function secretKeyRules(role: 'driver' | 'executor', { envSecretKeyRefs = {} }: DriverSpec): Rules {
  return Object.entries(envSecretKeyRefs).flatMap(([env, { name = '', key = '' }]) =>
    fromSpec(`spark.kubernetes.${role}.secretKeyRef.${env}`, `${name}:${key}`, `spec.${role}.envSecretKeyRefs`),
  );
}

/** Files in Secrets that programs find by a variable (Kubeflow Spark Operator 2.5). */
const SECRET_FILES: ReadonlyMap<string, readonly [variable: string, file: string]> = new Map([
  ['GCPServiceAccount', ['GOOGLE_APPLICATION_CREDENTIALS', 'key.json']],
  ['HadoopDelegationToken', ['HADOOP_TOKEN_FILE_LOCATION', 'hadoop.token']],
]);

function secretRules(role: 'driver' | 'executor', { secrets = [] }: DriverSpec): Rules {
  return secrets.flatMap(({ name = '', path = '', secretType = '' }) => {
    const file = SECRET_FILES.get(secretType);
    const because = `spec.${role}.secrets`;
    return [
      ...fromSpec(`spark.kubernetes.${role}.secrets.${name}`, path, because),
      ...(file === undefined
        ? []
        : fromSpec(`${envPrefix(role)}${file[0]}`, `${path.replace(/\/$/, '')}/${file[1]}`, because)),
    ];
  });
}

function envPrefix(role: 'driver' | 'executor'): string {
  return role === 'driver' ? 'spark.kubernetes.driverEnv.' : 'spark.executorEnv.';
}

function templateImage(role: 'driver' | 'executor', spec: SparkApplicationSpec): string | undefined {
  return sparkContainerOf(role, spec[role]?.template)?.image;
}

function dynamicAllocationRules({ dynamicAllocation: dynamic }: SparkApplicationSpec): Rules {
  if (dynamic?.enabled !== true) return [];
  const at = 'spec.dynamicAllocation';
  const key = 'spark.dynamicAllocation';
  const {
    initialExecutors,
    minExecutors,
    maxExecutors,
    shuffleTrackingEnabled = true,
    shuffleTrackingTimeout,
  } = dynamic;
  return [
    ...fromSpec(`${key}.enabled`, true, `${at}.enabled`),
    ...fromSpec(`${key}.initialExecutors`, initialExecutors, `${at}.initialExecutors`),
    ...fromSpec(`${key}.minExecutors`, minExecutors, `${at}.minExecutors`),
    ...fromSpec(`${key}.maxExecutors`, maxExecutors, `${at}.maxExecutors`),
    ...fromSpec(`${key}.shuffleTracking.enabled`, shuffleTrackingEnabled, `${at}.shuffleTrackingEnabled`),
    ...fromSpec(`${key}.shuffleTracking.timeout`, shuffleTrackingTimeout, `${at}.shuffleTrackingTimeout`),
  ];
}

function mapRules(prefix: string, map: Readonly<Record<string, string>> = {}, field: string): Rules {
  return Object.entries(map).flatMap(([key, value]) => fromSpec(`${prefix}${key}`, value, field));
}

function joined(items: readonly string[] | undefined): string | undefined {
  return items === undefined || items.length === 0 ? undefined : items.join(',');
}
