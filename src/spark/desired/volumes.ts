import { isTrue, optionOf } from '../../core/properties.ts';
import { isDnsLabel } from '../../kube/names.ts';
import { hashHex } from '../../lib/hash.ts';
import { prefixed, type SparkConf } from '../conf/entry.ts';
import { exporterMapName, exporterOf } from '../conf/monitoring.ts';
import { needsExecutorTemplate, TEMPLATE_DIR } from '../conf/pod-templates.ts';
import { confMapName, templateMapName } from '../conf/submission.ts';
import type { SparkApplication } from '../schema.ts';
import type { Build, Fields } from './names.ts';
import { type Mount, mounted, propertyMounts } from './property-volumes.ts';

/** Key of the properties in the conf folder. */
export const PROPERTIES_KEY = 'spark.properties';
/** Where the driver's conf folder is (Spark, Constants.scala, 3.3 to 4.3); it hides the image's own. */
export const CONF_DIR = '/opt/spark/conf';
/** Key of the executors' pod template. */
export const TEMPLATE_KEY = 'pod-spec-template.yml';

/** Local data is on volumes of this name; Spark makes none of its own where there is one. */
const LOCAL_DIR = 'spark-local-dir-';

/** Volumes Spark's submission gives a driver: conf folder, executor template, Secrets, volumes of sparkConf. */
export function driverMounts(build: Build): readonly Mount[] {
  const { conf, submission, application } = build;
  const template = needsExecutorTemplate(application.spec)
    ? [
        mounted('pod-template-volume', mapSource(templateMapName(submission), TEMPLATE_KEY), {
          mountPath: TEMPLATE_DIR,
        }),
      ]
    : [];
  return [
    ...prefixed(conf, 'spark.kubernetes.driver.secrets.').map(([secretName, mountPath]) =>
      mounted(volumeName(secretName, 'volume'), { secret: { secretName } }, { mountPath }),
    ),
    ...propertyMounts(build),
    ...hadoopMount(conf),
    ...template,
    mounted('spark-conf-volume-driver', mapSource(confMapName(submission), PROPERTIES_KEY), { mountPath: CONF_DIR }),
  ];
}

function mapSource(name: string, key: string): Fields {
  return { configMap: { name, items: [{ key, path: key, mode: 0o644 }] } };
}

function hadoopMount(conf: SparkConf): readonly Mount[] {
  const name = optionOf(conf, 'spark.kubernetes.hadoop.configMapName');
  if (name === undefined) return [];
  return [mounted('hadoop-properties', { configMap: { name } }, { mountPath: '/opt/hadoop/conf' })];
}

/** Where local data goes (LocalDirsFeatureStep): volumes the user gave for it, else an emptyDir for each folder. */
export function localDirs(
  { conf, submission }: Build,
  mounts: readonly Fields[],
): { readonly paths: readonly string[]; readonly mounts: readonly Mount[] } {
  const given = mounts
    .filter(({ name }) => String(name).startsWith(LOCAL_DIR))
    .map(({ mountPath }) => String(mountPath));
  if (given.length > 0) return { paths: given, mounts: [] };
  const paths = (optionOf(conf, 'spark.local.dir') ?? `/var/data/spark-${submission.submissionId}`).split(',');
  const medium = isTrue(conf, 'spark.kubernetes.local.dirs.tmpfs', false) ? { medium: 'Memory' } : {};
  const made = paths.map((path, index) =>
    mounted(`${LOCAL_DIR}${index + 1}`, { emptyDir: medium }, { mountPath: path.trim() }),
  );
  return { paths: paths.map((path) => path.trim()), mounts: made };
}

/** What a role's fields and the ConfigMaps of the spec mount (Kubeflow Spark Operator 2.5, its pod webhook). */
export function fieldMounts({ application }: Build, role: 'driver' | 'executor'): readonly Mount[] {
  const { sparkConfigMap, hadoopConfigMap, volumes = [], ...spec } = application.spec;
  const { configMaps = [], volumeMounts = [] } = spec[role] ?? {};
  const named = new Map<string, Fields>(volumes.map((volume) => [volume.name, { ...volume }]));
  return [
    ...filesMount('hadoop-configmap-volume', hadoopConfigMap, '/etc/hadoop/conf'),
    ...filesMount('spark-configmap-volume', sparkConfigMap, '/etc/spark/conf'),
    ...configMaps.map(({ name = '', path = '' }) =>
      mounted(volumeName(name, 'vol'), { configMap: { name } }, { mountPath: path, readOnly: true }),
    ),
    ...exporterMounts(application, role),
    ...volumeMounts.map((mount) => ({ volume: named.get(mount.name) ?? { name: mount.name }, mount: { ...mount } })),
  ];
}

/** The exporter's files, where it runs and does not have them in the image. */
function exporterMounts(application: SparkApplication, role: 'driver' | 'executor'): readonly Mount[] {
  const { mountPath, roles = [] } = exporterOf(application.spec) ?? {};
  if (mountPath === undefined || !roles.includes(role)) return [];
  const name = exporterMapName(application);
  return [mounted(volumeName(name, 'vol'), { configMap: { name } }, { mountPath })];
}

/**
 * Variables that go with these mounts. Executors find the files of sparkConfigMap in /opt/spark/conf too, where their
 * driver puts what is in its own conf folder.
 */
export function fieldEnv({ application }: Build, role: 'driver' | 'executor'): readonly Fields[] {
  const { sparkConfigMap, hadoopConfigMap } = application.spec;
  const conf = role === 'driver' && sparkConfigMap !== undefined;
  return [
    ...(hadoopConfigMap === undefined ? [] : [{ name: 'HADOOP_CONF_DIR', value: '/etc/hadoop/conf' }]),
    ...(conf ? [{ name: 'SPARK_CONF_DIR', value: '/etc/spark/conf' }] : []),
  ];
}

function filesMount(volume: string, name: string | undefined, mountPath: string): readonly Mount[] {
  return name === undefined ? [] : [mounted(volume, { configMap: { name } }, { mountPath, readOnly: true })];
}

/** A volume's name for an object of that name: as the incumbent forms it, with a hash where that would be no name. */
function volumeName(name: string, suffix: string): string {
  const plain = `${name}-${suffix}`;
  if (isDnsLabel(plain)) return plain;
  const hash = hashHex(name, 8);
  const start = name.replaceAll('.', '-').slice(0, 63 - hash.length - suffix.length - 2);
  return `${start.replace(/-+$/, '')}-${hash}-${suffix}`;
}
