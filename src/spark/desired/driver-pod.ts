import { optionOf } from '../../core/properties.ts';
import type { KubeObject } from '../../kube/object.ts';
import { batchScheduler } from '../conf/batch.ts';
import { prefixed } from '../conf/entry.ts';
import { driverMemory, limitQuantity } from '../conf/memory.ts';
import { sparkContainerOf } from '../conf/pod-templates.ts';
import { driverPodName } from '../conf/submission.ts';
import { sparkAtLeast } from '../conf/versions.ts';
import { type Language, languageOf, NO_RESOURCE } from '../language.ts';
import { type Build, type Fields, mapOf, metadataOf, sparkLabels } from './names.ts';
import { rolePod } from './role-pod.ts';
import { driverPorts } from './service.ts';
import { CONF_DIR, driverMounts, fieldMounts, localDirs, PROPERTIES_KEY } from './volumes.ts';

/**
 * The driver pod as a submission in cluster mode makes it (Spark 3.3 to 4.3, KubernetesDriverBuilder), with the fields of
 * spec.driver put into it. Names its image's entry point as `driver`, which starts Spark in client mode inside.
 */
export function driverPod(build: Build): KubeObject {
  const { application } = build;
  const given = [...fieldMounts(build, 'driver').map(({ mount }) => mount), ...templateMounts(build)];
  const mounts = driverMounts(build);
  const local = localDirs(build, [...given, ...mounts.map(({ mount }) => mount)]);
  const pod = rolePod(build, 'driver', {
    env: driverEnv(build, local.paths),
    mounts: [...mounts, ...local.mounts],
    ports: driverPorts(build).map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
    container: driverContainer(build),
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(build, driverPodName(application), {
      labels: { ...pod.labels, ...mapOf(build, 'spark.kubernetes.driver.label.'), ...sparkLabels(build) },
      annotations: { ...pod.annotations, ...mapOf(build, 'spark.kubernetes.driver.annotation.') },
    }),
    spec: { ...pod.spec, ...podSettings(build, pod.spec), restartPolicy: 'Never' },
  };
}

function templateMounts({ application }: Build): readonly Fields[] {
  const containers = application.spec.driver?.template?.spec?.containers ?? [];
  return containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map((mount) => ({ ...mount })));
}

/** What properties say of the pod; fields of spec.driver win. */
function podSettings(build: Build, spec: Fields): Fields {
  const { conf, application } = build;
  const account = optionOf(conf, 'spark.kubernetes.authenticate.driver.serviceAccountName');
  const scheduler =
    batchScheduler(application.spec, build.settings)?.name ??
    application.spec.driver?.schedulerName ??
    optionOf(conf, 'spark.kubernetes.driver.scheduler.name', 'spark.kubernetes.scheduler.name');
  const secrets = listed(optionOf(conf, 'spark.kubernetes.container.image.pullSecrets')).map((name) => ({ name }));
  const template = application.spec.driver?.template?.spec ?? {};
  const selector = {
    ...template.nodeSelector,
    ...mapOf(build, 'spark.kubernetes.node.selector.'),
    ...mapOf(build, 'spark.kubernetes.driver.node.selector.'),
    ...application.spec.driver?.nodeSelector,
  };
  return {
    ...(account === undefined ? {} : { serviceAccountName: account }),
    ...(scheduler === undefined ? {} : { schedulerName: scheduler }),
    ...(secrets.length === 0 ? {} : { imagePullSecrets: [...(template.imagePullSecrets ?? []), ...secrets] }),
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    // What each Service of a namespace adds to the environment would in the end be too much for a program to start.
    enableServiceLinks: spec.enableServiceLinks ?? false,
  };
}

function driverContainer(build: Build): Fields {
  const { conf, application } = build;
  const before = sparkContainerOf('driver', application.spec.driver?.template);
  // Spark itself says it of executors too (4.3.0, as recorded by e2e/spark-submit).
  const secure = sparkAtLeast(application.spec.sparkVersion, 4, 3)
    ? { securityContext: { allowPrivilegeEscalation: false, ...before?.securityContext } }
    : {};
  return {
    ...secure,
    image: driverImage(build),
    imagePullPolicy: optionOf(conf, 'spark.kubernetes.container.image.pullPolicy') ?? 'IfNotPresent',
    args: driverArgs(build),
    // So that the status of a driver that failed has the end of its log.
    terminationMessagePolicy: before?.terminationMessagePolicy ?? 'FallbackToLogsOnError',
    resources: driverResources(build),
  };
}

/** The placeholder of Spark 4.1 and newer (BasicDriverFeatureStep); executors have it filled in by their driver. */
function driverImage({ conf, application: { spec } }: Build): string | undefined {
  const image = optionOf(conf, 'spark.kubernetes.driver.container.image');
  return sparkAtLeast(spec.sparkVersion, 4, 1)
    ? image?.replaceAll('{{SPARK_VERSION}}', spec.sparkVersion ?? '')
    : image;
}

/** What starts Python and R programs (DriverCommandFeatureStep). */
const RUNNERS: Readonly<Partial<Record<Language, string>>> = {
  python: 'org.apache.spark.deploy.PythonRunner',
  r: 'org.apache.spark.deploy.RRunner',
};

function driverArgs({ application }: Build): readonly string[] {
  const { spec } = application;
  const mainClass = RUNNERS[languageOf(spec)] ?? spec.mainClass;
  return [
    'driver',
    ...(spec.proxyUser === undefined ? [] : ['--proxy-user', spec.proxyUser]),
    '--properties-file',
    `${CONF_DIR}/${PROPERTIES_KEY}`,
    ...(mainClass === undefined ? [] : ['--class', mainClass]),
    spec.mainApplicationFile ?? NO_RESOURCE,
    ...(spec.arguments ?? []),
  ];
}

/** Requests and limits: memory is both, cpu has a limit only where one is asked for; GPUs are limits. */
function driverResources({ conf, application }: Build): Fields {
  const memory = `${driverMemory(conf, application.spec.sparkVersion).totalMib}Mi`;
  const cpu = optionOf(conf, 'spark.kubernetes.driver.request.cores', 'spark.driver.cores') ?? '1';
  const limit = optionOf(conf, 'spark.kubernetes.driver.limit.cores');
  const asLimit = application.spec.driver?.memoryLimit;
  const devices = prefixed(conf, 'spark.driver.resource.').flatMap(([key, amount]) => {
    const name = /^(.+)\.amount$/.exec(key)?.[1];
    const vendor = name === undefined ? undefined : optionOf(conf, `spark.driver.resource.${name}.vendor`);
    return vendor === undefined || Number(amount) === 0 ? [] : [[`${vendor}/${name}`, amount] as const];
  });
  return {
    requests: { cpu, memory },
    limits: {
      ...(limit === undefined ? {} : { cpu: limit }),
      memory: asLimit === undefined ? memory : limitQuantity(asLimit),
      ...Object.fromEntries(devices),
    },
  };
}

/** Who runs the application where no proxy user is given: the user of Spark's images. */
const IMAGE_USER = 'spark';

/** Variables in Spark's order, those the user gives by property in their place. */
function driverEnv({ conf, application, submission }: Build, paths: readonly string[]): readonly Fields[] {
  const python = languageOf(application.spec) === 'python';
  const anyPython = optionOf(conf, 'spark.pyspark.python');
  const hadoop = optionOf(conf, 'spark.kubernetes.hadoop.configMapName');
  return [
    { name: 'SPARK_USER', value: application.spec.proxyUser ?? IMAGE_USER },
    { name: 'SPARK_APPLICATION_ID', value: submission.applicationId },
    ...prefixed(conf, 'spark.kubernetes.driverEnv.').map(([name, value]) => ({ name, value })),
    { name: 'SPARK_DRIVER_BIND_ADDRESS', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ...prefixed(conf, 'spark.kubernetes.driver.secretKeyRef.').map(([name, reference]) => ({
      name,
      valueFrom: { secretKeyRef: secretKey(reference) },
    })),
    ...(python ? variable('PYSPARK_PYTHON', anyPython) : []),
    ...(python ? variable('PYSPARK_DRIVER_PYTHON', optionOf(conf, 'spark.pyspark.driver.python') ?? anyPython) : []),
    ...variable('HADOOP_CONF_DIR', hadoop === undefined ? undefined : '/opt/hadoop/conf'),
    { name: 'SPARK_LOCAL_DIRS', value: paths.join(',') },
    { name: 'SPARK_CONF_DIR', value: CONF_DIR },
  ];
}

function variable(name: string, value: string | undefined): readonly Fields[] {
  return value === undefined ? [] : [{ name, value }];
}

function secretKey(reference: string): Fields {
  const colon = reference.indexOf(':');
  return { name: reference.slice(0, colon), key: reference.slice(colon + 1) };
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
