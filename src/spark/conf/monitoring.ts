import { optionOf, type PropertySetting } from '../../core/properties.ts';
import type { Monitoring, SparkApplication, SparkApplicationSpec } from '../schema.ts';
import { fromSpec, type SparkConf, type SparkOrigin } from './entry.ts';

type Role = 'driver' | 'executor';

/** The Prometheus JMX exporter, as spec.monitoring asks for it; fallbacks of Kubeflow Spark Operator 2.5. */
export interface Exporter {
  readonly jar: string;
  readonly port: number;
  readonly portName: string;
  /** Its configuration, by path in the container. */
  readonly configFile: string;
  /** metrics.properties, by path in the container. */
  readonly metricsFile: string;
  /** Where the ConfigMap is mounted; undefined where both files are in the image. */
  readonly mountPath: string | undefined;
  readonly roles: readonly Role[];
}

/** Folder of the ConfigMap's files. */
const MOUNT_PATH = '/etc/metrics/conf';
/** Keys of the ConfigMap. */
export const METRICS_KEY = 'metrics.properties';
export const EXPORTER_KEY = 'prometheus.yaml';

/** The exporter of an application; undefined where none is asked for. */
export function exporterOf({ monitoring }: SparkApplicationSpec): Exporter | undefined {
  const prometheus = monitoring?.prometheus;
  if (monitoring === undefined || prometheus === undefined) return undefined;
  const metricsFile = given(monitoring.metricsPropertiesFile);
  const configFile = given(prometheus.configFile);
  return {
    jar: prometheus.jmxExporterJar ?? '',
    port: prometheus.port ?? 8090,
    portName: prometheus.portName ?? 'jmx-exporter',
    configFile: configFile ?? `${MOUNT_PATH}/${EXPORTER_KEY}`,
    metricsFile: metricsFile ?? `${MOUNT_PATH}/${METRICS_KEY}`,
    mountPath: metricsFile === undefined || configFile === undefined ? MOUNT_PATH : undefined,
    roles: rolesOf(monitoring),
  };
}

/** A path that is given; empty text counts as none. */
function given(path: string | undefined): string | undefined {
  return path === '' ? undefined : path;
}

function rolesOf({ exposeDriverMetrics, exposeExecutorMetrics }: Monitoring): readonly Role[] {
  return [
    ...(exposeDriverMetrics === true ? (['driver'] as const) : []),
    ...(exposeExecutorMetrics === true ? (['executor'] as const) : []),
  ];
}

/** Whether the exporter runs in a role. */
export function isExposed(spec: SparkApplicationSpec, role: Role): boolean {
  return exporterOf(spec)?.roles.includes(role) === true;
}

/** Name of the ConfigMap with the exporter's files. */
export function exporterMapName({ metadata }: Pick<SparkApplication, 'metadata'>): string {
  return `${metadata.name}-prom-conf`;
}

/**
 * What Spark is told of the exporter; `conf` is all that is said otherwise. It comes after the Java options there are, be
 * they of a field or of sparkConf.
 */
export function monitoringRules(
  { metadata, spec }: SparkApplication,
  conf: SparkConf,
): readonly PropertySetting<SparkOrigin>[] {
  const exporter = exporterOf(spec);
  if (exporter === undefined) return [];
  const { jar, port, configFile, metricsFile, roles } = exporter;
  const field = 'spec.monitoring';
  return [
    ...fromSpec('spark.metrics.namespace', `${metadata.namespace ?? 'default'}.${metadata.name}`, field),
    ...fromSpec('spark.metrics.conf', metricsFile, field),
    ...roles.flatMap((role) => {
      const options = `spark.${role}.extraJavaOptions`;
      const annotation = `spark.kubernetes.${role}.annotation.prometheus.io`;
      const agent = `-javaagent:${jar}=${port}:${configFile}`;
      return [
        ...fromSpec(options, [optionOf(conf, options), agent].filter((part) => part !== undefined).join(' '), field),
        ...fromSpec(`${annotation}/scrape`, true, field),
        ...fromSpec(`${annotation}/port`, port, field),
        ...fromSpec(`${annotation}/path`, '/metrics', field),
      ];
    }),
  ];
}
