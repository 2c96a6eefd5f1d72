import { fieldPath } from '../kube/parse.ts';
import { podTemplateWarnings } from '../kube/pod-template-fields.ts';
import type { SparkApplicationSpec } from './schema.ts';

/** A field nothing is done with, and why, so that nobody waits for its effect. */
interface NotApplied {
  readonly field: string;
  asks(spec: SparkApplicationSpec): boolean;
  readonly because: string;
}

const NOT_APPLIED: readonly NotApplied[] = [
  {
    field: 'spec.executor.memoryLimit',
    asks: ({ executor }) => executor?.memoryLimit !== undefined,
    // BasicExecutorFeatureStep (Spark 3.3 to 4.3) sets both over what a pod template says; the incumbent's pod webhook came after it.
    because:
      'the driver makes executors with their request as limit; what they need outside the heap goes into spec.executor.memoryOverhead',
  },
];

/** A sentence about each field a spec sets that nothing is done with, for who writes the spec. */
export function notAppliedWarnings(spec: SparkApplicationSpec): readonly string[] {
  return [
    ...NOT_APPLIED.filter(({ asks }) => asks(spec)).map(
      ({ field, because }) => `${field}: nothing is done with it: ${because}`,
    ),
    ...strangeKeys(spec),
    ...podTemplateWarnings(spec.driver?.template, ['spec', 'driver', 'template']),
    ...podTemplateWarnings(spec.executor?.template, ['spec', 'executor', 'template']),
  ];
}

/** Properties that spark-submit leaves out, too, with a word in its log (SparkSubmitArguments, 3.x and 4.x). */
function strangeKeys({ sparkConf = {} }: SparkApplicationSpec): readonly string[] {
  return Object.keys(sparkConf)
    .filter((key) => !key.startsWith('spark.'))
    .map(
      (key) =>
        `${fieldPath(['spec', 'sparkConf', key])}: nothing is done with it: Spark reads only keys that start with spark.; those of Hadoop go into spec.hadoopConf`,
    );
}
