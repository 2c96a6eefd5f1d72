import { FLINK_VERSIONS, type FlinkDeploymentSpec, type FlinkVersion } from '../schema.ts';

/** Whether a Flink version is `minimum` or newer. */
export function atLeast(version: FlinkVersion, minimum: FlinkVersion): boolean {
  return FLINK_VERSIONS.indexOf(version) >= FLINK_VERSIONS.indexOf(minimum);
}

/** spec.flinkVersion; a spec without one (validation refuses it) counts as 1.20, the oldest line still maintained. */
export function flinkVersionOf(spec: FlinkDeploymentSpec): FlinkVersion {
  return spec.flinkVersion ?? 'v1_20';
}

/** The official image of a Flink version, for a spec that names none: `v2_3` → `flink:2.3`. */
export function defaultImage(version: FlinkVersion): string {
  return `flink:${version.slice(1).replace('_', '.')}`;
}

/**
 * Packages Flink reaches into that Java 17 keeps closed: Flink's own default (its conf/config.yaml) less the compiler
 * packages only its build needs. What a Java version lacks it warns about and ignores.
 */
const EXPORTED = [
  'java.base/sun.net.util',
  'java.rmi/sun.rmi.registry',
  'java.security.jgss/sun.security.krb5',
] as const;
const OPENED = [
  'lang',
  'net',
  'io',
  'nio',
  'lang.reflect',
  'text',
  'time',
  'util',
  'util.concurrent',
  'util.concurrent.atomic',
  'util.concurrent.locks',
] as const;

/** The flags with which a Java 17 starts Flink 1.18 and newer. */
export const JAVA_MODULE_FLAGS: string = [
  ...EXPORTED.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
].join(' ');
