import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { fieldPath } from '../kube/parse.ts';
import type { SparkApplicationSpec } from './schema.ts';

/**
 * Every rule of spark-submit that the spec breaks. It starts the driver in its container, and a driver it refuses ends at
 * once (SparkSubmitCommandBuilder.checkJavaOptions and SparkSubmitArguments.validateSubmitArguments, Spark 3.3 to 4.3).
 */
export function validateLaunch(spec: SparkApplicationSpec): readonly Issue[] {
  return [...heapIssues(spec), ...principalIssues(spec), ...executorIssues(spec)];
}

/** Before Spark 4 the letters Xmx anywhere were enough; only what every version refuses is refused here. */
const HEAP_OPTION = /(^|[\s"'])-Xmx/;
const HEAP_RULE = 'have no -Xmx, which spark-submit refuses: the heap is set by spec.driver.memory';

const EXTRA_OPTIONS = 'spark.driver.extraJavaOptions';
const DEFAULT_OPTIONS = 'spark.driver.defaultJavaOptions';

/** The field wins over the property. */
function heapIssues({ driver = {}, sparkConf = {} }: SparkApplicationSpec): readonly Issue[] {
  const { javaOptions } = driver;
  const given: readonly (readonly [readonly string[], string | undefined])[] = [
    [['spec', 'driver', 'javaOptions'], javaOptions],
    [['spec', 'sparkConf', EXTRA_OPTIONS], javaOptions === undefined ? sparkConf[EXTRA_OPTIONS] : undefined],
    [['spec', 'sparkConf', DEFAULT_OPTIONS], sparkConf[DEFAULT_OPTIONS]],
  ];
  return given.flatMap(([path, text]) => (HEAP_OPTION.test(text ?? '') ? [issueAt(path, text, HEAP_RULE)] : []));
}

function principalIssues({ proxyUser, sparkConf = {} }: SparkApplicationSpec): readonly Issue[] {
  const key = ['spark.kerberos.principal', 'spark.yarn.principal'].find((name) => sparkConf[name] !== undefined);
  if (proxyUser === undefined || key === undefined) return [];
  const rule = `not be set beside ${fieldPath(['spec', 'sparkConf', key])}: spark-submit takes only one of them`;
  return [issueAt(['spec', 'proxyUser'], proxyUser, rule)];
}

/** The rule for the number of executors where Spark does not ask for them itself. */
export const SOME_EXECUTORS = 'be at least 1 unless dynamicAllocation is enabled: spark-submit refuses none';

/** The field spec.executor.instances has a rule of its own, and wins over the property. */
function executorIssues({ executor, dynamicAllocation, sparkConf = {} }: SparkApplicationSpec): readonly Issue[] {
  const key = 'spark.executor.instances';
  const value = sparkConf[key];
  if (executor?.instances !== undefined || !/^\s*0+\s*$/.test(value ?? '')) return [];
  const asProperty = sparkConf['spark.dynamicAllocation.enabled']?.trim().toLowerCase() === 'true';
  const dynamic = dynamicAllocation?.enabled === true || asProperty;
  return dynamic ? [] : [issueAt(['spec', 'sparkConf', key], value, SOME_EXECUTORS)];
}
