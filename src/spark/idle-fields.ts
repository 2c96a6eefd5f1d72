import { isTrue } from '../core/properties.ts';
import { fieldPath } from '../kube/parse.ts';
import { batchScheduler } from './conf/batch.ts';
import type { SparkConf } from './conf/entry.ts';
import { languageOf } from './language.ts';
import { asked, idle } from './notice.ts';
import type { SparkApplicationSpec } from './schema.ts';
import type { SparkSettings } from './settings.ts';

/** A spec, the properties it alone gives, and what is known of the operator. */
export interface Noticed {
  readonly spec: SparkApplicationSpec;
  readonly conf: SparkConf;
  readonly settings: SparkSettings;
}

/** A sentence about each field that nothing is done with as long as another one is as it is; templates and restarts aside. */
export function idleFields(noticed: Noticed): readonly string[] {
  const { spec, conf } = noticed;
  return [
    ...unread(spec),
    ...monitoringNotices(spec),
    ...allocationNotices(spec, conf),
    ...uiNotices(noticed),
    ...ingressNotices(spec),
    ...batchNotices(noticed),
    ...overruled(conf),
    ...strangeKeys(spec),
  ];
}

function unread(spec: SparkApplicationSpec): readonly string[] {
  const { executor, failureRetries, retryInterval, pythonVersion, mainClass = '', timeToLiveSeconds } = spec;
  const { memoryLimit } = executor ?? {};
  return [
    ...idle(
      asked('spec.executor', { memoryLimit }),
      // BasicExecutorFeatureStep (Spark 3.3 to 4.3) sets both over what a pod template says; the incumbent's pod webhook came after it.
      'the driver makes executors with their request as limit; what they need outside the heap goes into spec.executor.memoryOverhead',
    ),
    ...idle(asked('spec', { failureRetries, retryInterval }), 'what failed is repeated as spec.restartPolicy says'),
    ...idle(pythonVersion === '2' ? ['spec.pythonVersion'] : [], 'Spark 3.1 and newer run Python 3 only'),
    ...idle(languageOf(spec) === 'java' ? [] : asked('spec', { mainClass }), 'programs in Python and R have no class'),
    ...idle(
      spec.restartPolicy?.type === 'Always' ? asked('spec', { timeToLiveSeconds }) : [],
      'with spec.restartPolicy.type Always the application never is over',
    ),
  ];
}

function monitoringNotices({ monitoring, sparkConf = {} }: SparkApplicationSpec): readonly string[] {
  if (monitoring === undefined) return [];
  const at = 'spec.monitoring';
  const { prometheus, ...without } = monitoring;
  if (prometheus === undefined) return idle(asked(at, without), `only the exporter of ${at}.prometheus uses it`);
  const { metricsPropertiesFile, metricsProperties, exposeDriverMetrics, exposeExecutorMetrics } = without;
  const { configFile, configuration } = prometheus;
  const properties = ['spark.metrics.conf', 'spark.metrics.namespace'].filter((key) => sparkConf[key] !== undefined);
  const noRole = exposeDriverMetrics !== true && exposeExecutorMetrics !== true;
  return [
    ...idle(metricsPropertiesFile ? asked(at, { metricsProperties }) : [], `${at}.metricsPropertiesFile wins over it`),
    ...idle(configFile ? asked(`${at}.prometheus`, { configuration }) : [], `${at}.prometheus.configFile wins over it`),
    ...properties.flatMap((key) => idle([fieldPath(['spec', 'sparkConf', key])], `${at}.prometheus sets it`)),
    ...(noRole
      ? [`${at}.prometheus: no pod has the exporter: neither exposeDriverMetrics nor exposeExecutorMetrics is true`]
      : []),
  ];
}

/** An explicit `enabled: false` is a switch, and numbers beside it are there for when it is turned. */
function allocationNotices({ dynamicAllocation = {} }: SparkApplicationSpec, conf: SparkConf): readonly string[] {
  const at = 'spec.dynamicAllocation';
  const { enabled, ...rest } = dynamicAllocation;
  const { shuffleTrackingEnabled, shuffleTrackingTimeout } = rest;
  if (enabled === true) {
    const untracked = shuffleTrackingEnabled === false ? asked(at, { shuffleTrackingTimeout }) : [];
    return idle(untracked, `${at}.shuffleTrackingEnabled is false`);
  }
  const asProperty = isTrue(conf, 'spark.dynamicAllocation.enabled', false);
  const because = asProperty
    ? `the properties of spec.sparkConf count, since ${at}.enabled is not true`
    : `${at}.enabled is not set`;
  return enabled === undefined || asProperty ? idle(asked(at, rest), because) : [];
}

function uiNotices({ spec, conf, settings }: Noticed): readonly string[] {
  if (spec.sparkUIOptions === undefined) return [];
  if (!settings.uiService) return idle(['spec.sparkUIOptions'], 'the operator makes no Services for UIs');
  if (isTrue(conf, 'spark.ui.enabled', true)) return [];
  return ['spec.sparkUIOptions: the Service leads nowhere, since spark.ui.enabled is false'];
}

function ingressNotices({ driverIngressOptions = [] }: SparkApplicationSpec): readonly string[] {
  return driverIngressOptions.flatMap(({ ingressURLFormat = '', ingressAnnotations, ingressTLS }, index) => {
    if (ingressURLFormat.trim() !== '') return [];
    const at = fieldPath(['spec', 'driverIngressOptions', index]);
    return idle(asked(at, { ingressAnnotations, ingressTLS }), `without ${at}.ingressURLFormat there is no Ingress`);
  });
}

/** What of batchSchedulerOptions a kind of scheduler is told. */
const TOLD = {
  volcano: ['queue', 'priorityClassName', 'resources'],
  yunikorn: ['queue'],
  'scheduler-plugins': ['resources'],
} as const;

/** Without settings nobody knows whether the operator has a scheduler for those that name none. */
function batchNotices({ spec, settings }: Noticed): readonly string[] {
  const at = 'spec.batchSchedulerOptions';
  const scheduler = batchScheduler(spec, settings);
  const { queue, priorityClassName, resources } = spec.batchSchedulerOptions ?? {};
  const options = { queue, priorityClassName, resources };
  if (scheduler === undefined) {
    return settings.batch === undefined ? [] : idle(asked(at, options), 'there is no spec.batchScheduler');
  }
  const told: readonly string[] = TOLD[scheduler.kind].map((name) => `${at}.${name}`);
  const untold = asked(at, options).filter((path) => !told.includes(path));
  const others = (['driver', 'executor'] as const).flatMap((role) => {
    const { schedulerName } = spec[role] ?? {};
    return schedulerName === scheduler.name ? [] : asked(`spec.${role}`, { schedulerName });
  });
  return [
    ...idle(untold, `${scheduler.name} is not told of it`),
    ...idle(others, `the batch scheduler ${scheduler.name} places the pods`),
  ];
}

/** Properties that a field of another value wins over, and the few fields that a property wins over. */
function overruled(conf: SparkConf): readonly string[] {
  return [...conf].flatMap(([, { value, because, overrides = [] }]) =>
    overrides
      .filter((lower) => lower.value.trim().toLowerCase() !== value.trim().toLowerCase())
      .filter((lower) => lower.origin === 'user' || because.startsWith('spec.sparkConf'))
      .flatMap((lower) => idle([lower.because], `${because} wins over it`)),
  );
}

/** Properties that spark-submit leaves out, too, with a word in its log (SparkSubmitArguments, 3.x and 4.x), and misnamed ones of Hadoop. */
function strangeKeys({ sparkConf = {}, hadoopConf = {} }: SparkApplicationSpec): readonly string[] {
  const ofSpark = Object.keys(sparkConf).filter((key) => !key.startsWith('spark.'));
  const ofHadoop = Object.keys(hadoopConf).filter((key) => key.startsWith('spark.hadoop.'));
  return [
    ...ofSpark.flatMap((key) =>
      idle(
        [fieldPath(['spec', 'sparkConf', key])],
        'Spark reads only keys that start with spark.; those of Hadoop go into spec.hadoopConf',
      ),
    ),
    ...ofHadoop.flatMap((key) =>
      idle(
        [fieldPath(['spec', 'hadoopConf', key])],
        'no key of Hadoop starts with spark.hadoop., which is put before it',
      ),
    ),
  ];
}
