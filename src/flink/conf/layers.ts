import { flattenConfiguration } from '../configuration.ts';
import { FLINK_VERSIONS, type FlinkDeployment, type FlinkVersion } from '../schema.ts';
import { type ConfOrigin, type ConfSource, type FlinkConf, overlay } from './entry.ts';
import { atLeast, flinkVersionOf, JAVA_MODULE_FLAGS } from './versions.ts';

/**
 * What the operator's own configuration says, flat: plain Flink keys are defaults of every cluster, keys below
 * `kubernetes.operator.default-configuration.` of a namespace or Flink version.
 */
export interface OperatorDefaults {
  readonly flinkConfiguration: Readonly<Record<string, string>>;
}

const LAYERED = 'kubernetes.operator.default-configuration.';

/**
 * The layers below what Weir derives, later wins: Java flags the version needs, operator, namespace, `vX_Y+` in
 * ascending order, `vX_Y`, user (incumbent: FlinkConfigManager). The operator's layer definitions are left out.
 */
export function layeredConf(deployment: FlinkDeployment, defaults: OperatorDefaults): FlinkConf {
  const { spec, metadata } = deployment;
  const version = flinkVersionOf(spec);
  const operator = Object.entries(defaults.flinkConfiguration);
  const plain = operator.filter(([key]) => !key.startsWith(LAYERED));
  const layers = [
    javaDefaults(version),
    sources(plain, 'operator default', (key) => `operator configuration ${key}`),
    below(operator, `${LAYERED}namespace.${metadata.namespace ?? 'default'}.`, 'namespace default'),
    ...versionPrefixes(version).flatMap((prefix) => [below(operator, prefix, 'version default')]),
    sources(flattenConfiguration(spec.flinkConfiguration), 'user', (key) => `spec.flinkConfiguration.${key}`),
  ];
  const conf = layers.reduce<FlinkConf>(overlay, new Map());
  return version === 'v1_18' ? withJavaFlags(conf) : conf;
}

/** What holds for a deployment where its own flinkConfiguration says nothing: key to value, for the rules of validate.ts. */
export function defaultOptions(deployment: FlinkDeployment, defaults: OperatorDefaults): ReadonlyMap<string, string> {
  const { flinkConfiguration: _own, ...spec } = deployment.spec;
  return new Map([...layeredConf({ ...deployment, spec }, defaults)].map(([key, { value }]) => [key, value]));
}

type Source = readonly [string, ConfSource];

function sources(
  entries: Iterable<readonly [string, string]>,
  origin: ConfOrigin,
  because: (key: string) => string,
): Source[] {
  return [...entries].map(([key, value]) => [key, { value, origin, because: because(key) }]);
}

function below(entries: readonly (readonly [string, string])[], prefix: string, origin: ConfOrigin): Source[] {
  return entries
    .filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
    .map(([key, value]) => [
      key.slice(prefix.length),
      { value, origin, because: `operator configuration ${key}` } as const,
    ]);
}

function versionPrefixes(version: FlinkVersion): string[] {
  const upTo = FLINK_VERSIONS.filter((other) => atLeast(version, other));
  return [...upTo.map((other) => `${LAYERED}flink-version.${other}+.`), `${LAYERED}flink-version.${version}.`];
}

const JAVA_17 = 'Java 17 keeps packages closed that Flink uses';

/** From 1.19 on Flink's scripts add `env.java.default-opts.all` to what the user sets; 1.18 knows only one key. */
function javaDefaults(version: FlinkVersion): Source[] {
  if (!atLeast(version, 'v1_18')) return [];
  const key = version === 'v1_18' ? 'env.java.opts.all' : 'env.java.default-opts.all';
  return [[key, { value: JAVA_MODULE_FLAGS, origin: 'version default', because: JAVA_17 }]];
}

/** Flink 1.18: keeps the flags beside options set by a user, in the deprecated spelling too, which they would hide. */
function withJavaFlags(conf: FlinkConf): FlinkConf {
  const entry = conf.get('env.java.opts.all');
  const set = entry?.value === JAVA_MODULE_FLAGS ? conf.get('env.java.opts') : entry;
  if (set === undefined || set.value.trim() === '') return conf;
  const value = set.value.includes('--add-opens=java.base/java.lang=')
    ? set.value
    : `${set.value} ${JAVA_MODULE_FLAGS}`;
  return overlay(conf, [['env.java.opts.all', { ...set, value, because: `${set.because}; ${JAVA_17}` }]]);
}
