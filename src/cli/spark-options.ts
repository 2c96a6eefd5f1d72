import { RUN_NAME_PRECISIONS } from '../config-spark.ts';
import type { OptionInfo } from './option-info.ts';

/** Options that concern Spark only, by the flags of the incumbent (Kubeflow Spark Operator 2.5). */
export const SPARK_OPTIONS = {
  sparkConfDir: {
    flag: '--spark-conf-dir',
    argument: 'folder',
    env: 'WEIR_SPARK_CONF_DIR',
    default: undefined,
    describe:
      'folder with spark-defaults.conf: properties of every Spark application submitted from then on that says nothing else; read again when it changes',
  },
  enableUiService: {
    flag: '--enable-ui-service',
    argument: 'true|false',
    env: 'WEIR_ENABLE_UI_SERVICE',
    default: 'true',
    describe: 'make a Service for the UI of each Spark application',
  },
  ingressUrlFormat: {
    flag: '--ingress-url-format',
    argument: 'url',
    env: 'WEIR_INGRESS_URL_FORMAT',
    default: undefined,
    describe:
      'address of Spark UIs outside the cluster, with {{$appName}}, {{$appNamespace}} and {{$appId}}: each application gets an Ingress',
  },
  ingressClassName: {
    flag: '--ingress-class-name',
    argument: 'name',
    env: 'WEIR_INGRESS_CLASS_NAME',
    default: undefined,
    describe: 'class of the Ingresses of Spark applications',
  },
  ingressTls: {
    flag: '--ingress-tls',
    argument: 'json',
    env: 'WEIR_INGRESS_TLS',
    default: '[]',
    describe: 'TLS of the Ingresses of Spark applications, as in spec.tls of an Ingress; a resource may say otherwise',
  },
  ingressAnnotations: {
    flag: '--ingress-annotations',
    argument: 'json',
    env: 'WEIR_INGRESS_ANNOTATIONS',
    default: '{}',
    describe: 'annotations of the Ingresses of Spark applications; a resource may say otherwise',
  },
  metricsLabels: {
    flag: '--metrics-labels',
    argument: 'list',
    env: 'WEIR_METRICS_LABELS',
    default: '',
    describe: 'labels of a SparkApplication that its metrics have too, comma-separated; namespace is its namespace',
  },
  metricsPrefix: {
    flag: '--metrics-prefix',
    argument: 'text',
    env: 'WEIR_METRICS_PREFIX',
    default: '',
    describe: 'text before the names of metrics of Spark applications',
  },
  submitLatencyBuckets: {
    flag: '--metrics-job-submit-latency-buckets',
    argument: 'list',
    env: 'WEIR_METRICS_JOB_SUBMIT_LATENCY_BUCKETS',
    default: '0.5,1,2,4,8,16,32,64,128,256',
    describe: 'upper bounds of the buckets of spark_application_submit_latency_seconds_histogram, in seconds',
  },
  startLatencyBuckets: {
    flag: '--metrics-job-start-latency-buckets',
    argument: 'list',
    env: 'WEIR_METRICS_JOB_START_LATENCY_BUCKETS',
    default: '30,60,90,120,150,180,210,240,270,300',
    describe: 'upper bounds of the buckets of spark_application_start_latency_seconds_histogram, in seconds',
  },
  enableBatchScheduler: {
    flag: '--enable-batch-scheduler',
    argument: 'true|false',
    env: 'WEIR_ENABLE_BATCH_SCHEDULER',
    default: 'false',
    describe: 'let Spark applications name a batch scheduler: volcano, yunikorn, or one of --kube-scheduler-names',
  },
  kubeSchedulerNames: {
    flag: '--kube-scheduler-names',
    argument: 'list',
    env: 'WEIR_KUBE_SCHEDULER_NAMES',
    default: '',
    describe: 'schedulers with the coscheduling of scheduler-plugins, comma-separated',
  },
  defaultBatchScheduler: {
    flag: '--default-batch-scheduler',
    argument: 'name',
    env: 'WEIR_DEFAULT_BATCH_SCHEDULER',
    default: undefined,
    describe: 'batch scheduler of Spark applications that name none',
  },
  defaultTimeToLiveSeconds: {
    flag: '--default-time-to-live-seconds',
    argument: 'count',
    env: 'WEIR_DEFAULT_TIME_TO_LIVE_SECONDS',
    default: '0',
    describe: 'delete SparkApplications without timeToLiveSeconds so long after their end; 0 never does',
  },
  partialRestart: {
    flag: '--partial-restart',
    argument: 'true|false',
    env: 'WEIR_PARTIAL_RESTART',
    default: 'false',
    describe:
      'leave Spark runs alone when only priorityClassName, nodeSelector, tolerations, affinity or schedulerName of executors change; new executors follow',
  },
  runNamePrecision: {
    flag: '--scheduled-spark-application-timestamp-precision',
    argument: 'precision',
    env: 'WEIR_SCHEDULED_SPARK_APPLICATION_TIMESTAMP_PRECISION',
    default: 'nanos',
    describe: `how finely the names of scheduled Spark runs tell the time: ${RUN_NAME_PRECISIONS.join(', ')}`,
  },
} as const satisfies Readonly<Record<string, OptionInfo>>;
