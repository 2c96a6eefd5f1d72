import { isTrue, optionOf } from '../conf/entry.ts';
import { TASK_MANAGER_TEMPLATE_DIR, TASK_MANAGER_TEMPLATE_KEY } from '../conf/pod-templates.ts';
import { confFileName } from '../conf/render.ts';
import { mapListOption, mapOption } from '../conf/values.ts';
import { flinkVersionOf } from '../conf/versions.ts';
import { LOG_FILES } from './logging.ts';
import type { Cluster } from './names.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A volume with its place in the main container. */
export interface Mount {
  readonly volume: Fields;
  readonly mount: Fields;
}

/** Name of the ConfigMap with the conf folder (Flink Constants.CONFIG_MAP_PREFIX). */
export function confMapName(clusterName: string): string {
  return `flink-config-${clusterName}`;
}

/** Name of the ConfigMap with the TaskManager template (Flink Constants.POD_TEMPLATE_CONFIG_MAP_PREFIX). */
export function templateMapName(clusterName: string): string {
  return `pod-template-${clusterName}`;
}

/** The conf folder (Flink FlinkConfMountDecorator). */
export function confMount(cluster: Cluster): Mount {
  const keys = [confFileName(flinkVersionOf(cluster.deployment.spec)), ...LOG_FILES];
  const configMap = { name: confMapName(cluster.name), items: keys.map((key) => ({ key, path: key })) };
  const mountPath = optionOf(cluster.conf, 'kubernetes.flink.conf.dir') ?? '/opt/flink/conf';
  return mounted('flink-config-volume', { configMap }, mountPath);
}

/** Where a native JobManager reads the template of its TaskManager pods (Flink PodTemplateMountDecorator). */
export function templateMount(cluster: Cluster): Mount {
  const items = [{ key: TASK_MANAGER_TEMPLATE_KEY, path: TASK_MANAGER_TEMPLATE_KEY }];
  const configMap = { name: templateMapName(cluster.name), items };
  return mounted('pod-template-volume', { configMap }, TASK_MANAGER_TEMPLATE_DIR);
}

/** The folder the JobManager downloads jars to (Flink InitJobManagerDecorator). */
export function artifactsMount({ conf }: Cluster): Mount {
  return mounted(
    'user-artifacts-volume',
    { emptyDir: {} },
    optionOf(conf, 'user.artifacts.base-dir') ?? '/opt/flink/artifacts',
  );
}

/** A folder without which a standalone JobManager takes nothing but its own classpath (incumbent UserLibMountDecorator). */
export function userLibMount(): Mount {
  return mounted('user-lib-dir', { emptyDir: {} }, '/opt/flink/usrlib');
}

/** Secrets, claims and Hadoop configuration that options ask for, for every component. */
export function optionMounts({ conf }: Cluster): readonly Mount[] {
  const readOnly = isTrue(conf, 'kubernetes.persistent-volume-claim-read-only', false);
  const hadoop = optionOf(conf, 'kubernetes.hadoop.conf.config-map.name');
  return [
    ...[...mapOption(conf, 'kubernetes.secrets')].map(([secretName, path]) =>
      mounted(`${volumeName(secretName)}-volume`, { secret: { secretName } }, path),
    ),
    ...[...mapOption(conf, 'kubernetes.persistent-volume-claims')].map(([claimName, path]) =>
      mounted(
        `${volumeName(claimName)}-pvc`,
        { persistentVolumeClaim: { claimName, ...(readOnly ? { readOnly } : {}) } },
        path,
      ),
    ),
    ...(hadoop === undefined
      ? []
      : [mounted('hadoop-config-volume', { configMap: { name: hadoop } }, '/opt/hadoop/conf')]),
  ];
}

/** Environment that options ask for, for every component (Flink EnvSecretsDecorator and others). */
export function optionEnv({ conf }: Cluster): readonly Fields[] {
  const logDir = optionOf(conf, 'kubernetes.flink.log.dir');
  const hadoop = optionOf(conf, 'kubernetes.hadoop.conf.config-map.name');
  return [
    ...(logDir === undefined ? [] : [{ name: 'FLINK_LOG_DIR', value: logDir }]),
    ...mapListOption(conf, 'kubernetes.env.secretKeyRef').map((ref) => ({
      name: ref.get('env') ?? '',
      valueFrom: { secretKeyRef: { name: ref.get('secret') ?? '', key: ref.get('key') ?? '' } },
    })),
    ...(hadoop === undefined ? [] : [{ name: 'HADOOP_CONF_DIR', value: '/opt/hadoop/conf' }]),
  ];
}

function mounted(name: string, source: Fields, mountPath: string): Mount {
  const claim = source.persistentVolumeClaim as { readOnly?: boolean } | undefined;
  return {
    volume: { name, ...source },
    mount: { name, mountPath, ...(claim?.readOnly === true ? { readOnly: true } : {}) },
  };
}

/** A volume's name may not hold the dots an object's name may. */
function volumeName(name: string): string {
  return name.replaceAll('.', '-');
}
