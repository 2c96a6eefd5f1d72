import type { V1Volume } from '@kubernetes/client-node';
import type { z } from 'zod';
import type { Issue } from '../core/issue.ts';
import { issueOf } from '../core/issues.ts';
import type { KubeObject } from '../kube/object.ts';
import { isNestedDeeperThan, schemaProblems, withoutNulls } from '../kube/parse.ts';
import {
  choice,
  field,
  flag,
  group,
  integer,
  kubernetesType,
  list,
  quantityMap,
  text,
  textMap,
} from '../kube/schema-parts.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { podFields } from './pod-schema.ts';
import type { SparkApplicationStatus } from './status-schema.ts';

export * from './status-schema.ts';

/** The API group of all Spark kinds. */
export const SPARK_GROUP = 'sparkoperator.k8s.io';

/** `apiVersion` of SparkApplication and ScheduledSparkApplication. */
export const SPARK_API_VERSION = 'sparkoperator.k8s.io/v1beta2';

/** The kind, as it is watched. */
export const SPARK_APPLICATION_KIND = { apiVersion: SPARK_API_VERSION, kind: 'SparkApplication' } as const;

/** spec.type. */
export const SparkApplicationType = choice(['Java', 'Python', 'Scala', 'R']);
export type SparkApplicationType = z.infer<typeof SparkApplicationType>;

/** spec.driver. */
export const DriverSpec = group({
  ...podFields('driver'),
  podName: field(text(), 'Name of the driver pod.', { fallback: '`<name>-driver`' }),
  kubernetesMaster: field(text(), 'Address of the API server as the driver sees it.', {
    fallback: 'https://kubernetes.default.svc',
  }),
  serviceAnnotations: field(textMap(), "Annotations of the driver's Service."),
  serviceLabels: field(textMap(), "Labels of the driver's Service."),
});
export type DriverSpec = DeepReadonly<z.infer<typeof DriverSpec>>;

/** spec.executor. */
export const ExecutorSpec = group({
  ...podFields('executor'),
  instances: field(integer(), 'Executors.', { fallback: '`spark.executor.instances` of sparkConf, else 1' }),
  deleteOnTermination: field(flag(), 'Whether Spark deletes executor pods that have ended.', { fallback: 'true' }),
});
export type ExecutorSpec = DeepReadonly<z.infer<typeof ExecutorSpec>>;

/** spec.deps. */
export const Dependencies = group({
  jars: field(list(text()), 'Jars for driver and executors, by URI.'),
  files: field(list(text()), 'Files for the working folder of driver and executors.'),
  pyFiles: field(list(text()), 'Python files, zips and eggs.'),
  packages: field(list(text()), 'Maven coordinates; the driver resolves them.'),
  excludePackages: field(list(text()), 'Maven coordinates to leave out.'),
  repositories: field(list(text()), 'Further Maven repositories.'),
  archives: field(list(text()), 'Archives that are unpacked into the working folder.'),
});

/** spec.restartPolicy. */
export const RestartPolicy = group(
  {
    type: field(choice(['Never', 'Always', 'OnFailure']), 'When the application is run again.', { fallback: 'Never' }),
    onSubmissionFailureRetries: field(integer(), 'Further tries to submit.', { fallback: 'none' }),
    onFailureRetries: field(integer(), 'Further runs after a failed one.', { fallback: 'none' }),
    onSubmissionFailureRetryInterval: field(integer(), 'Seconds, times the submissions so far.', { fallback: '5' }),
    onFailureRetryInterval: field(integer(), 'Seconds, times the submissions so far, from the last submission on.', {
      fallback: '5',
    }),
  },
  'be an object with a type, such as {type: OnFailure}',
);
export type RestartPolicy = DeepReadonly<z.infer<typeof RestartPolicy>>;

const tls = () =>
  list(
    group({
      hosts: field(list(text()), 'Hosts the certificate is for.'),
      secretName: field(text(), 'The Secret with the certificate.'),
    }),
  );

/** spec.monitoring. */
export const Monitoring = group({
  exposeDriverMetrics: field(flag(), 'Whether the driver has the exporter.'),
  exposeExecutorMetrics: field(flag(), 'Whether executors have the exporter.'),
  metricsProperties: field(text(), 'Content of metrics.properties.'),
  metricsPropertiesFile: field(text(), 'A metrics.properties in the image.'),
  prometheus: field(
    group({
      jmxExporterJar: field(text(), 'The JMX exporter in the image.'),
      port: field(integer(), 'Its port.', { fallback: '8090' }),
      portName: field(text(), "Its port's name.", { fallback: 'jmx-exporter' }),
      configFile: field(text(), 'Its configuration in the image.'),
      configuration: field(text(), 'Its configuration.'),
    }),
    'The Prometheus JMX exporter.',
  ),
});
export type Monitoring = DeepReadonly<z.infer<typeof Monitoring>>;

/** spec.sparkUIOptions. */
export const SparkUiOptions = group({
  servicePort: field(integer(), 'Port of the Service.', { fallback: '`spark.ui.port`, else 4040' }),
  servicePortName: field(text(), "The port's name.", { fallback: 'spark-driver-ui-port' }),
  serviceType: field(text(), 'Type of the Service.', { fallback: 'ClusterIP' }),
  serviceAnnotations: field(textMap(), 'Annotations of the Service.'),
  serviceLabels: field(textMap(), 'Labels of the Service.'),
  ingressAnnotations: field(textMap(), 'Annotations of the Ingress.'),
  ingressTLS: field(tls(), 'TLS of the Ingress.'),
});
export type SparkUiOptions = DeepReadonly<z.infer<typeof SparkUiOptions>>;

/** spec.driverIngressOptions[]. */
export const DriverIngressOptions = group({
  servicePort: field(integer(), 'The port.'),
  servicePortName: field(text(), "The port's name."),
  serviceType: field(text(), 'Type of the Service.', { fallback: 'ClusterIP' }),
  serviceAnnotations: field(textMap(), 'Annotations of the Service.'),
  serviceLabels: field(textMap(), 'Labels of the Service.'),
  ingressURLFormat: field(text(), 'Host and path of the Ingress.'),
  ingressAnnotations: field(textMap(), 'Annotations of the Ingress.'),
  ingressTLS: field(tls(), 'TLS of the Ingress.'),
});
export type DriverIngressOptions = DeepReadonly<z.infer<typeof DriverIngressOptions>>;

/** spec.dynamicAllocation. */
export const DynamicAllocation = group({
  enabled: field(flag(), 'Whether Spark asks for executors as it needs them.', { fallback: 'false' }),
  initialExecutors: field(integer(), 'Executors at the start.', { fallback: 'minExecutors' }),
  minExecutors: field(integer(), 'Fewest executors.', { fallback: '0' }),
  maxExecutors: field(integer(), 'Most executors.', { fallback: 'no limit' }),
  shuffleTrackingEnabled: field(flag(), 'Keep executors that hold shuffle data.', { fallback: 'true' }),
  shuffleTrackingTimeout: field(integer(), 'Milliseconds they are kept at most.'),
});
export type DynamicAllocation = DeepReadonly<z.infer<typeof DynamicAllocation>>;

/** SparkApplication.spec: field names, types and words as the incumbent's CRD has them; never narrower. */
export const SparkApplicationSpec = group({
  suspend: field(flag(), 'Not to run for now: what runs is stopped.', { fallback: 'false' }),
  type: field(SparkApplicationType, 'The language, for people: Spark goes by the end of `mainApplicationFile`.'),
  sparkVersion: field(text(), 'The Spark version in the image.'),
  mode: field(choice(['cluster', 'client']), 'cluster: the driver is a pod. client is not supported.', {
    fallback: 'cluster',
  }),
  proxyUser: field(text(), 'The user the application runs as, for Hadoop.'),
  image: field(text(), 'Image of driver and executors.'),
  imagePullPolicy: field(text(), 'Always, IfNotPresent or Never.', { fallback: 'IfNotPresent' }),
  imagePullSecrets: field(list(text()), 'Secrets to pull images with.'),
  mainClass: field(text(), 'The class with the main method; not for Python and R.'),
  mainApplicationFile: field(
    text(),
    'The jar, Python or R file: local:// and a path in the image, or a URI the driver reads.',
  ),
  arguments: field(list(text()), 'Arguments of the application.'),
  sparkConf: field(textMap(), 'Spark properties. Fields of the spec win over them.'),
  hadoopConf: field(textMap(), 'Hadoop properties, without `spark.hadoop.`.'),
  sparkConfigMap: field(text(), 'A ConfigMap with files for SPARK_CONF_DIR, such as log4j2.properties.'),
  hadoopConfigMap: field(text(), 'A ConfigMap with files for HADOOP_CONF_DIR.'),
  volumes: field(list(kubernetesType<V1Volume>('Volume')), 'Volumes that volumeMounts of driver and executor name.'),
  driver: field(DriverSpec, 'The driver.'),
  executor: field(ExecutorSpec, 'The executors.'),
  deps: field(Dependencies, 'What the application needs beside its main file.'),
  restartPolicy: field(RestartPolicy, 'When the application is run again.', { fallback: 'never' }),
  nodeSelector: field(textMap(), 'Labels a node must have, for driver and executors.'),
  failureRetries: field(integer(), 'Not read, as by the incumbent.'),
  retryInterval: field(integer(), 'Not read, as by the incumbent.'),
  pythonVersion: field(choice(['2', '3']), 'Not read by Spark 3.1 and newer.'),
  memoryOverheadFactor: field(text(), 'Part of the heap that is added to it for everything else.', {
    fallback: '0.1, for Python and R 0.4',
  }),
  monitoring: field(Monitoring, 'Metrics.'),
  batchScheduler: field(text(), 'A batch scheduler.'),
  timeToLiveSeconds: field(integer(), 'Seconds after its end until the resource is deleted.', { fallback: 'never' }),
  batchSchedulerOptions: field(
    group({
      queue: field(text(), 'The queue.'),
      priorityClassName: field(text(), 'The priority class.'),
      resources: field(quantityMap(), 'What the pod group needs.'),
    }),
    'What the batch scheduler is told.',
  ),
  sparkUIOptions: field(SparkUiOptions, 'Service and Ingress of the Spark UI.'),
  driverIngressOptions: field(list(DriverIngressOptions), 'Services and Ingresses of further ports of the driver.'),
  dynamicAllocation: field(DynamicAllocation, 'Executors as they are needed.', { fallback: 'off' }),
  driverPodDisruptionBudget: field(flag(), 'Whether the driver has a PodDisruptionBudget.', { fallback: 'false' }),
});
export type SparkApplicationSpec = DeepReadonly<z.infer<typeof SparkApplicationSpec>>;

/** A SparkApplication whose spec fits the schema. Unknown fields (a newer CRD's) are still there. */
export interface SparkApplication extends KubeObject {
  readonly spec: SparkApplicationSpec;
  readonly status?: SparkApplicationStatus;
}

/** Deepest nesting of a spec: pod templates need about 15 levels, and reading deeper ones would cost the stack. */
export const MAX_DEPTH = 64;

/**
 * Checks a spec against the schema and reports everything that does not fit. What fits is handed on whole: the schema
 * neither fills in nor takes away. Nulls count as absent, in pod templates too: charts write empty fields (`volumes:`).
 */
export function parseSparkApplicationSpec(value: unknown): Result<SparkApplicationSpec, readonly Issue[]> {
  if (isNestedDeeperThan(value, MAX_DEPTH)) {
    return err([{ path: 'spec', value: 'the nesting', rule: `be at most ${MAX_DEPTH} levels deep` }]);
  }
  const spec = withoutNulls(value ?? undefined, new Set());
  const problems = schemaProblems(SparkApplicationSpec, spec, ['spec']);
  return problems.length === 0 ? ok(spec as SparkApplicationSpec) : err(problems.map(issueOf));
}
