import { type Issue, shownValue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { isTrue } from '../core/properties.ts';
import { fieldPath } from '../kube/parse.ts';
import type { SparkConf } from './conf/entry.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { specConf } from './spec-conf.ts';

/**
 * Every rule of spark-submit that the spec breaks. It starts the driver in its container, and a driver it refuses ends at
 * once (SparkSubmitCommandBuilder.checkJavaOptions and SparkSubmitArguments.validateSubmitArguments, Spark 3.3 to 4.3).
 */
export function validateLaunch(spec: SparkApplicationSpec): readonly Issue[] {
  const conf = specConf(spec);
  return [...heapIssues(conf), ...principalIssues(spec, conf), ...executorIssues(conf)];
}

/** Before Spark 4 the letters Xmx anywhere were enough; only what every version refuses is refused here. */
const HEAP_OPTION = /(^|[\s"'])-Xmx/;

function heapIssues(conf: SparkConf): readonly Issue[] {
  return ['spark.driver.defaultJavaOptions', 'spark.driver.extraJavaOptions'].flatMap((key) => {
    const options = conf.get(key);
    if (options === undefined || !HEAP_OPTION.test(options.value)) return [];
    const rule = 'have no -Xmx, which spark-submit refuses: the heap is set by spec.driver.memory';
    return [{ path: options.because, value: shownValue(options.value), rule }];
  });
}

function principalIssues({ proxyUser }: SparkApplicationSpec, conf: SparkConf): readonly Issue[] {
  const key = ['spark.kerberos.principal', 'spark.yarn.principal'].find((name) => conf.has(name));
  if (proxyUser === undefined || key === undefined) return [];
  const rule = `not be set beside ${fieldPath(['spec', 'sparkConf', key])}: spark-submit takes only one of them`;
  return [issueAt(['spec', 'proxyUser'], proxyUser, rule)];
}

/** The rule for the number of executors where Spark does not ask for them itself. */
export const SOME_EXECUTORS = 'be at least 1 unless dynamicAllocation is enabled: spark-submit refuses none';

/** The field spec.executor.instances has a rule of its own. */
function executorIssues(conf: SparkConf): readonly Issue[] {
  const { because = '', value } = conf.get('spark.executor.instances') ?? {};
  const none = because.startsWith('spec.sparkConf') && /^\s*0+\s*$/.test(value ?? '');
  if (!none || isTrue(conf, 'spark.dynamicAllocation.enabled', false)) return [];
  return [{ path: because, value: shownValue(value), rule: SOME_EXECUTORS }];
}
