import { dump } from 'js-yaml';
import type { KubeObject } from '../../kube/object.ts';
import { EXPORTER_KEY, exporterMapName, exporterOf, METRICS_KEY } from '../conf/monitoring.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import { type Build, metadataOf } from './names.ts';

/** The files of the exporter, as far as they are not in the image. */
export function exporterMap(build: Build): readonly KubeObject[] {
  const { monitoring } = build.application.spec;
  const exporter = exporterOf(build.application.spec);
  if (exporter?.mountPath === undefined) return [];
  const mounted = (path: string): boolean => path.startsWith(`${exporter.mountPath}/`);
  const data = {
    ...(mounted(exporter.metricsFile) ? { [METRICS_KEY]: monitoring?.metricsProperties ?? METRICS_PROPERTIES } : {}),
    ...(mounted(exporter.configFile)
      ? { [EXPORTER_KEY]: monitoring?.prometheus?.configuration ?? exporterConfiguration() }
      : {}),
  };
  const labels = { [SPARK_LABELS.created]: 'true' };
  const metadata = metadataOf(build, exporterMapName(build.application), { labels });
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }];
}

/** What Spark reports by JMX where the user says nothing: everything, and of the JVM in driver and executors. */
const METRICS_PROPERTIES = [
  '*.sink.jmx.class=org.apache.spark.metrics.sink.JmxSink',
  'driver.source.jvm.class=org.apache.spark.metrics.source.JvmSource',
  'executor.source.jvm.class=org.apache.spark.metrics.source.JvmSource',
  '',
].join('\n');

/** A kind of Spark's JMX beans: the name after the application's, which attribute counts, and the series it becomes. */
interface Series {
  readonly bean: string;
  readonly of: 'Value' | 'Count';
  readonly name: string;
  /** The label that the third part of the name becomes. */
  readonly label?: string;
}

const COUNTED_IN_DRIVER = ['DAGScheduler', 'HiveExternalCatalog', 'CodeGenerator', 'LiveListenerBus'];
const COUNTED_IN_EXECUTOR = ['HiveExternalCatalog', 'CodeGenerator'];

/** The series of the incumbent's own configuration (Kubeflow Spark Operator 2.5), the first that fits. */
const SERIES: readonly Series[] = [
  { bean: 'driver\\.(BlockManager|DAGScheduler|jvm)\\.(\\S+)', of: 'Value', name: 'driver_$3_$4' },
  { bean: 'driver\\.(\\S+)\\.StreamingMetrics\\.streaming\\.(\\S+)', of: 'Value', name: 'streaming_driver_$4' },
  {
    bean: 'driver\\.spark\\.streaming\\.(\\S+)\\.(\\S+)',
    of: 'Value',
    name: 'structured_streaming_driver_$4',
    label: 'query_name',
  },
  { bean: '(\\S+)\\.executor\\.(\\S+)', of: 'Value', name: 'executor_$4', label: 'executor_id' },
  ...COUNTED_IN_DRIVER.map(
    (source): Series => ({ bean: `driver\\.${source}\\.(.*)`, of: 'Count', name: `driver_${source}_$3_count` }),
  ),
  { bean: 'driver\\.LiveListenerBus\\.(.*)', of: 'Value', name: 'driver_LiveListenerBus_$3' },
  { bean: '(.*)\\.executor\\.(.*)', of: 'Count', name: 'executor_$4_count', label: 'executor_id' },
  {
    bean: '([0-9]+)\\.(jvm|NettyBlockTransfer)\\.(.*)',
    of: 'Value',
    name: 'executor_$4_$5',
    label: 'executor_id',
  },
  ...COUNTED_IN_EXECUTOR.map(
    (source): Series => ({
      bean: `([0-9]+)\\.${source}\\.(.*)`,
      of: 'Count',
      name: `executor_${source}_$4_count`,
      label: 'executor_id',
    }),
  ),
];

/** The exporter's configuration where the user gives none. Beans are named by spark.metrics.namespace: namespace and name. */
function exporterConfiguration(): string {
  const rules = SERIES.map(({ bean, of, name, label }) => ({
    pattern: `metrics<name=(\\S+)\\.(\\S+)\\.${bean}><>${of}`,
    name: `spark_${name}`,
    type: of === 'Count' ? 'COUNTER' : 'GAUGE',
    labels: { app_namespace: '$1', app_id: '$2', ...(label === undefined ? {} : { [label]: '$3' }) },
  }));
  return dump({ lowercaseOutputName: true, attrNameSnakeCase: true, rules }, { lineWidth: -1 });
}
