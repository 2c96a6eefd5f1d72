import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { isServiceName } from '../kube/names.ts';
import { parseSparkVersion } from './conf/versions.ts';
import { languageOf, NO_RESOURCE, schemeOf } from './language.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { validateAround } from './validate-around.ts';
import { type Named, validateConf } from './validate-conf.ts';
import { validateLaunch } from './validate-launch.ts';
import { validateMonitoring } from './validate-monitoring.ts';
import { validatePods } from './validate-pods.ts';

/** Every rule a spec breaks; empty when it can be acted on. */
export function validateSpec(metadata: Named, spec: SparkApplicationSpec): readonly Issue[] {
  return [
    ...validateName(metadata.name),
    ...validateVersion(spec),
    ...validateMain(spec),
    ...validateDependencies(spec),
    ...validateRestartPolicy(spec),
    ...validateDynamicAllocation(spec),
    ...validatePods(metadata, spec),
    ...validateConf(metadata, spec),
    ...validateAround(metadata, spec),
    ...validateMonitoring(spec),
    ...validateLaunch(spec),
  ];
}

const NAME_RULE = "be at most 63 lower-case letters, digits and '-', start with a letter and not end with '-'";

/** The rule for names, which become values of labels: at most 63 characters. */
export function validateName(name: string): readonly Issue[] {
  return isServiceName(name) ? [] : [issueAt(['metadata', 'name'], name, NAME_RULE)];
}

function validateVersion({ sparkVersion, mode }: SparkApplicationSpec): readonly Issue[] {
  const version = parseSparkVersion(sparkVersion ?? '');
  const known = version !== undefined && version.major >= 3;
  const rule = 'be the Spark version in the image, 3.0 or newer, such as 3.5.9';
  return [
    ...(known ? [] : [issueAt(['spec', 'sparkVersion'], sparkVersion, rule)]),
    ...(mode === 'client'
      ? [issueAt(['spec', 'mode'], mode, 'be cluster, since in client mode the driver would run inside the operator')]
      : []),
  ];
}

const READABLE = 'be in the image (local:///…) or a URI that the driver can read (https, s3a, hdfs, …)';

/** Ends of main files that Spark goes by, whatever spec.type says. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['Python', '.py'],
  ['R', '.R'],
]);

function validateMain(spec: SparkApplicationSpec): readonly Issue[] {
  const { mainApplicationFile: file, mainClass } = spec;
  const path = ['spec', 'mainApplicationFile'];
  if (file === undefined || file.trim() === '') return [issueAt(path, file, 'name the jar, Python or R file to run')];
  if (file !== NO_RESOURCE && !isReadable(file)) return [issueAt(path, file, READABLE)];
  return languageOf(spec) === 'java' && (mainClass ?? '').trim() === '' ? validateClassless(spec, file) : [];
}

/** To Spark, a main file of no other language is a jar, whose manifest it reads for the class unless it is in the image. */
function validateClassless({ type = 'Java', mainClass }: SparkApplicationSpec, file: string): readonly Issue[] {
  const end = ENDS.get(type);
  if (end !== undefined) {
    return [issueAt(['spec', 'mainApplicationFile'], file, `end with ${end}, by which Spark tells ${type}`)];
  }
  if (!(file === NO_RESOURCE || schemeOf(file) === 'local')) return [];
  const rule = 'name the main class, which Spark does not look up in a jar of the image';
  return [issueAt(['spec', 'mainClass'], mainClass, rule)];
}

/** Files of the machine that submits mean nothing here: the driver would not find them. */
function isReadable(uri: string): boolean {
  const scheme = schemeOf(uri);
  return scheme !== undefined && scheme !== 'file';
}

function validateDependencies({ deps = {} }: SparkApplicationSpec): readonly Issue[] {
  return (['jars', 'files', 'pyFiles', 'archives'] as const).flatMap((field) =>
    (deps[field] ?? []).flatMap((uri, index) =>
      isReadable(uri) ? [] : [issueAt(['spec', 'deps', field, index], uri, READABLE)],
    ),
  );
}

function validateRestartPolicy({ restartPolicy = {} }: SparkApplicationSpec): readonly Issue[] {
  const minima = {
    onFailureRetries: 0,
    onSubmissionFailureRetries: 0,
    onFailureRetryInterval: 1,
    onSubmissionFailureRetryInterval: 1,
  } as const;
  return (Object.keys(minima) as (keyof typeof minima)[]).flatMap((field) =>
    atLeast(['spec', 'restartPolicy', field], restartPolicy[field], minima[field]),
  );
}

/** Fewer executors at the start than at least are no fault: Spark starts with the least (Utils.getDynamicAllocationInitialExecutors, 3.3 to 4.3). */
function validateDynamicAllocation({ dynamicAllocation }: SparkApplicationSpec): readonly Issue[] {
  if (dynamicAllocation?.enabled !== true) return [];
  const { minExecutors: min, maxExecutors: max, initialExecutors: initial } = dynamicAllocation;
  const path = ['spec', 'dynamicAllocation'];
  const above = (field: string, value: number | undefined, limit: number | undefined, of: string) =>
    value === undefined || limit === undefined || value <= limit
      ? []
      : [issueAt([...path, field], value, `be at most ${of}, which is ${limit}`)];
  return [
    ...atLeast([...path, 'minExecutors'], min, 0),
    ...atLeast([...path, 'initialExecutors'], initial, 0),
    ...atLeast([...path, 'maxExecutors'], max, 1),
    ...above('minExecutors', min, max, 'maxExecutors'),
    ...above('initialExecutors', initial, max, 'maxExecutors'),
  ];
}

/** A number that may be absent and otherwise has a least value. */
export function atLeast(path: readonly PropertyKey[], value: number | undefined, least: number): readonly Issue[] {
  return value === undefined || value >= least ? [] : [issueAt(path, value, `be at least ${least}`)];
}
