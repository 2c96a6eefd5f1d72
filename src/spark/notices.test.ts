import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../core/testing/merged.ts';
import { notAppliedWarnings } from './notices.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';
import { aSparkApplication } from './testing.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

function warnings(spec: Spec, settings: Partial<SparkSettings> = {}): readonly string[] {
  return notAppliedWarnings(aSparkApplication({ spec }).spec, { ...DEFAULT_SETTINGS, ...settings });
}

const PROMETHEUS = { jmxExporterJar: '/prometheus/agent.jar' };
const DYNAMIC = 'spark.dynamicAllocation.enabled';
const TRACKED = 'spark.dynamicAllocation.shuffleTracking.enabled';
const KEPT = `Spark refuses it when it starts: dynamic allocation needs ${TRACKED}, a shuffle service or spark.storage.decommission.shuffleBlocks.enabled`;

describe('what an application has in vain is named', () => {
  it.each<[string, Spec, string]>([
    [
      'retries under the names of old',
      { failureRetries: 3, retryInterval: 10 },
      'spec.failureRetries, spec.retryInterval: nothing is done with them: what failed is repeated as spec.restartPolicy says',
    ],
    [
      'retries that no type asks for',
      { restartPolicy: { type: 'Never', onFailureRetries: 3, onFailureRetryInterval: 10 } },
      'spec.restartPolicy.onFailureRetries, spec.restartPolicy.onFailureRetryInterval: nothing is done with them: only with spec.restartPolicy.type OnFailure',
    ],
    [
      'retries of no type',
      { restartPolicy: { onSubmissionFailureRetries: 3 } },
      'spec.restartPolicy.onSubmissionFailureRetries: nothing is done with it: only with spec.restartPolicy.type OnFailure',
    ],
    [
      'an end of what has none',
      { restartPolicy: { type: 'Always', onFailureRetries: 3, onFailureRetryInterval: 10 } },
      'spec.restartPolicy.onFailureRetries: nothing is done with it: with spec.restartPolicy.type Always there is no end of it',
    ],
    [
      'OnFailure of no retries',
      { restartPolicy: { type: 'OnFailure', onFailureRetryInterval: 10 } },
      'spec.restartPolicy.type: nothing is done with it: what failed is repeated spec.restartPolicy.onFailureRetries times, which is not set',
    ],
    [
      'an interval of no retries',
      { restartPolicy: { type: 'OnFailure', onFailureRetries: 1, onSubmissionFailureRetryInterval: 10 } },
      'spec.restartPolicy.onSubmissionFailureRetryInterval: nothing is done with it: spec.restartPolicy.onSubmissionFailureRetries is not set',
    ],
    [
      'a time after an end that never comes',
      { restartPolicy: { type: 'Always' }, timeToLiveSeconds: 60 },
      'spec.timeToLiveSeconds: nothing is done with it: with spec.restartPolicy.type Always the application never is over',
    ],
    [
      'Python 2',
      { pythonVersion: '2' },
      'spec.pythonVersion: nothing is done with it: Spark 3.1 and newer run Python 3 only',
    ],
    [
      'the class of a Python program',
      { mainApplicationFile: 'local:///opt/job.py', mainClass: 'org.example.Job' },
      'spec.mainClass: nothing is done with it: programs in Python and R have no class',
    ],
    [
      'metrics of no exporter',
      { monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: false, metricsProperties: 'x=y' } },
      'spec.monitoring.exposeDriverMetrics, spec.monitoring.metricsProperties: nothing is done with them: only the exporter of spec.monitoring.prometheus uses it',
    ],
    [
      'an exporter of no pod',
      { monitoring: { prometheus: PROMETHEUS } },
      'spec.monitoring.prometheus: no pod has the exporter: neither exposeDriverMetrics nor exposeExecutorMetrics is true',
    ],
    [
      'properties beside their file',
      {
        monitoring: {
          exposeDriverMetrics: true,
          metricsProperties: 'x=y',
          metricsPropertiesFile: '/m.properties',
          prometheus: PROMETHEUS,
        },
      },
      'spec.monitoring.metricsProperties: nothing is done with it: spec.monitoring.metricsPropertiesFile wins over it',
    ],
    [
      'a configuration beside its file',
      {
        monitoring: {
          exposeDriverMetrics: true,
          prometheus: { ...PROMETHEUS, configFile: '/p.yaml', configuration: 'rules: []' },
        },
      },
      'spec.monitoring.prometheus.configuration: nothing is done with it: spec.monitoring.prometheus.configFile wins over it',
    ],
    [
      "the exporter's own properties",
      {
        monitoring: { exposeDriverMetrics: true, prometheus: PROMETHEUS },
        sparkConf: { 'spark.metrics.namespace': 'mine' },
      },
      'spec.sparkConf["spark.metrics.namespace"]: nothing is done with it: spec.monitoring.prometheus sets it',
    ],
    [
      'numbers of a dynamic allocation that is not on',
      { dynamicAllocation: { maxExecutors: 5 } },
      'spec.dynamicAllocation.maxExecutors: nothing is done with it: spec.dynamicAllocation.enabled is not set',
    ],
    [
      'numbers beside a property that switches it on',
      { dynamicAllocation: { enabled: false, maxExecutors: 5 }, sparkConf: { [DYNAMIC]: 'true' } },
      'spec.dynamicAllocation.maxExecutors: nothing is done with it: the properties of spec.sparkConf count, since spec.dynamicAllocation.enabled is not true',
    ],
    [
      'a time of no tracking',
      {
        dynamicAllocation: { enabled: true, shuffleTrackingEnabled: false, shuffleTrackingTimeout: 1000 },
        sparkConf: { 'spark.shuffle.service.enabled': 'true' },
      },
      'spec.dynamicAllocation.shuffleTrackingTimeout: nothing is done with it: spec.dynamicAllocation.shuffleTrackingEnabled is false',
    ],
    [
      'a property that a field wins over',
      { sparkConf: { 'spark.executor.memory': '8g' } },
      'spec.sparkConf["spark.executor.memory"]: nothing is done with it: spec.executor.memory wins over it',
    ],
    [
      'a field that a property wins over',
      { memoryOverheadFactor: '0.3', sparkConf: { 'spark.kubernetes.memoryOverheadFactor': '0.1' } },
      'spec.memoryOverheadFactor: nothing is done with it: spec.sparkConf["spark.kubernetes.memoryOverheadFactor"] wins over it',
    ],
    [
      'a key of Hadoop with what is put before it',
      { hadoopConf: { 'spark.hadoop.fs.s3a.endpoint': 'http://minio:9000' } },
      'spec.hadoopConf["spark.hadoop.fs.s3a.endpoint"]: nothing is done with it: no key of Hadoop starts with spark.hadoop., which is put before it',
    ],
    [
      'a Service of no UI',
      { sparkUIOptions: { serviceType: 'NodePort' }, sparkConf: { 'spark.ui.enabled': 'false' } },
      'spec.sparkUIOptions: the Service leads nowhere, since spark.ui.enabled is false',
    ],
    [
      'an Ingress of no address',
      { driverIngressOptions: [{ servicePort: 8080, ingressAnnotations: { a: 'b' } }] },
      'spec.driverIngressOptions[0].ingressAnnotations: nothing is done with it: without spec.driverIngressOptions[0].ingressURLFormat there is no Ingress',
    ],
    [
      'another scheduler beside the batch scheduler',
      { batchScheduler: 'volcano', driver: { schedulerName: 'mine' } },
      'spec.driver.schedulerName: nothing is done with it: the batch scheduler volcano places the pods',
    ],
    [
      'what a batch scheduler is not told of',
      { batchScheduler: 'yunikorn', batchSchedulerOptions: { queue: 'root.a', priorityClassName: 'high' } },
      'spec.batchSchedulerOptions.priorityClassName: nothing is done with it: yunikorn is not told of it',
    ],
    [
      'an image of a template',
      { driver: { template: { spec: { containers: [{ name: 'spark-kubernetes-driver', image: 'mine:1' }] } } } },
      'spec.driver.template.spec.containers[0].image: nothing is done with it: spec.image wins over it',
    ],
    [
      'sizes of a template',
      {
        executor: {
          template: {
            spec: {
              containers: [
                { name: 'log', image: 'log:1', resources: { requests: { cpu: '1' } } },
                {
                  name: 'spark-kubernetes-executor',
                  resources: {
                    requests: { memory: '8Gi', 'ephemeral-storage': '1Gi' },
                    limits: { cpu: '2', 'nvidia.com/gpu': '1' },
                  },
                },
              ],
            },
          },
        },
      },
      'spec.executor.template.spec.containers[1].resources.requests.memory: nothing is done with it: cores, memory and memoryOverhead of spec.executor say how large the pod is',
    ],
    [
      'restarts of a template',
      { driver: { template: { spec: { containers: [], restartPolicy: 'OnFailure' } } } },
      'spec.driver.template.spec.restartPolicy: nothing is done with it: spec.restartPolicy says when it is run again',
    ],
    [
      'a heap of executors among options',
      { executor: { javaOptions: '-XX:+UseG1GC -Xmx4g' } },
      'spec.executor.javaOptions: Spark refuses it when it starts: the heap of executors is set by spec.executor.memory, not by -Xmx',
    ],
    [
      'properties among options',
      { sparkConf: { 'spark.executor.extraJavaOptions': '-Dspark.ui.port=1' } },
      'spec.sparkConf["spark.executor.extraJavaOptions"]: Spark refuses it when it starts: properties of Spark go into spec.sparkConf, not into -Dspark',
    ],
    [
      'shuffle data that nobody keeps',
      { dynamicAllocation: { enabled: true, shuffleTrackingEnabled: false } },
      `spec.dynamicAllocation.shuffleTrackingEnabled: ${KEPT}`,
    ],
    [
      'shuffle data that Spark 3.3 does not keep unasked',
      { sparkVersion: '3.3.4', sparkConf: { [DYNAMIC]: 'true' } },
      `spec.sparkConf["${DYNAMIC}"]: ${KEPT}`,
    ],
    [
      'tasks too large for executors',
      { sparkConf: { 'spark.task.cpus': '2' } },
      'spec.sparkConf["spark.task.cpus"]: Spark refuses it when it starts: an executor has only 1 of spark.executor.cores',
    ],
    [
      'encryption among strangers',
      { sparkConf: { 'spark.network.crypto.enabled': 'true' } },
      'spec.sparkConf["spark.network.crypto.enabled"]: Spark refuses it when it starts: encryption needs spark.authenticate',
    ],
  ])('%s', (_what, spec, sentence) => {
    expect(warnings(spec)).toEqual([sentence]);
  });

  it('as far as it is known what the operator does', () => {
    const options: Spec = { batchSchedulerOptions: { queue: 'a' } };
    const batch = { enabled: true, kubeSchedulers: [], fallback: undefined };
    expect(warnings(options)).toEqual([]);
    expect(warnings(options, { batch: { ...batch, fallback: 'volcano' } })).toEqual([]);
    expect(warnings(options, { batch })).toEqual([
      'spec.batchSchedulerOptions.queue: nothing is done with it: there is no spec.batchScheduler',
    ]);
    const ui: Spec = { sparkUIOptions: { servicePort: 80 } };
    expect(warnings(ui)).toEqual([]);
    expect(warnings(ui, { uiService: false })).toEqual([
      'spec.sparkUIOptions: nothing is done with it: the operator makes no Services for UIs',
    ]);
  });
});

describe('nothing is said', () => {
  it.each<[string, Spec]>([
    [
      'of retries that are used',
      { restartPolicy: { type: 'OnFailure', onFailureRetries: 2, onFailureRetryInterval: 5 } },
    ],
    ['of OnFailure with no retries on purpose', { restartPolicy: { type: 'OnFailure', onFailureRetries: 0 } }],
    ['of an interval between endless runs', { restartPolicy: { type: 'Always', onFailureRetryInterval: 5 } }],
    ['of Python 3', { pythonVersion: '3', mainApplicationFile: 'local:///a.py', mainClass: '' }],
    ['of numbers beside a switch that is off', { dynamicAllocation: { enabled: false, minExecutors: 1 } }],
    ['of executors beside dynamic allocation, which begins with them', { dynamicAllocation: { enabled: true } }],
    ['of a property that a field repeats', { sparkConf: { 'spark.executor.memory': '512m' } }],
    [
      'of shuffle data that a service of its own keeps',
      {
        dynamicAllocation: { enabled: true, shuffleTrackingEnabled: false },
        sparkConf: { 'spark.shuffle.manager': 'org.apache.spark.shuffle.celeborn.SparkShuffleManager' },
      },
    ],
    [
      'of shuffle data that is moved away',
      {
        dynamicAllocation: { enabled: true, shuffleTrackingEnabled: false },
        sparkConf: {
          'spark.decommission.enabled': 'true',
          'spark.storage.decommission.shuffleBlocks.enabled': 'true',
        },
      },
    ],
    ['of metrics that are switched off', { monitoring: { exposeDriverMetrics: false, metricsProperties: '' } }],
    [
      'of the template of a pod that says the same',
      {
        driver: {
          template: {
            spec: { restartPolicy: 'Never', containers: [{ name: 'spark-kubernetes-driver', image: 'spark:3.5.9' }] },
          },
        },
      },
    ],
  ])('%s', (_what, spec) => {
    expect(warnings(spec)).toEqual([]);
  });

  it('of templates that are none, which is an error', () => {
    const spec = { driver: { template: { spec: { containers: 'x' } } }, executor: { template: { spec: 7 } } } as object;
    expect(warnings(spec)).toEqual([]);
  });
});
