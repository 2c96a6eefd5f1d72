import type { KubeObject } from '../../kube/object.ts';
import { fieldPath } from '../../kube/parse.ts';
import { atLeast, flinkVersionOf } from '../conf/versions.ts';
import { flattenConfiguration } from '../configuration.ts';
import type { OperatorDefaults } from '../flink-conf.ts';
import { lostFolderWarnings } from '../lost-folders.ts';
import { type Notice, noticesOf } from '../notice.ts';
import { specNotices } from '../notices.ts';
import { OPERATOR_PREFIX } from '../options/types.ts';
import { type FlinkDeploymentSpec, specOf } from '../schema.ts';
import { refusalOf as sessionRefusalOf } from '../situation.ts';
import { startedCluster } from '../started-cluster.ts';
import { jobConf } from './job-conf.ts';
import { type FlinkSessionJobSpec, parseSessionJobSpec } from './schema.ts';
import { refusalOf } from './situation.ts';

/**
 * What a FlinkSessionJob has that works but should be looked at, on its session as far as that is known; never throws,
 * whatever the resources hold.
 */
export function sessionJobNotices(
  resource: KubeObject,
  session: KubeObject | undefined,
  defaults: OperatorDefaults,
): readonly Notice[] {
  const parsed = parseSessionJobSpec(resource.spec);
  if (!parsed.ok) return [];
  const spec = parsed.value;
  if (refusalOf(resource, session, defaults) !== undefined) return specNotices(spec);
  return [
    ...specNotices(spec),
    ...noticesOf('FieldNotApplied', [...ofTheSession(spec), ...overruled(spec)]),
    ...onSession({ resource, spec, defaults }, session),
  ];
}

/** Options that a process of Flink reads when it starts, or the operator when it makes one. */
const OF_PROCESSES =
  /^(kubernetes\.(?!operator\.)|high-availability($|\.)|env\.|jobmanager\.memory\.|taskmanager\.memory\.(?!managed\.consumer-weights$)|taskmanager\.numberOfTaskSlots$)/;

/** Options of the operator about the cluster, behind their common beginning. */
const OF_CLUSTERS = [
  'cluster.health-check.',
  'ingress.',
  'jm-deployment-recovery.',
  'jm-deployment.',
  'job.upgrade.last-state.job-cancel.',
  'pod-template.',
  'session.',
] as const;

/** A sentence about options that only the session can have. */
function ofTheSession({ flinkConfiguration, deploymentName }: FlinkSessionJobSpec): readonly string[] {
  const keys = [...flattenConfiguration(flinkConfiguration).keys()].filter(
    (key) => OF_PROCESSES.test(key) || OF_CLUSTERS.some((name) => key.startsWith(`${OPERATOR_PREFIX}${name}`)),
  );
  if (keys.length === 0) return [];
  return [
    `spec.flinkConfiguration has keys that have an effect only in FlinkDeployment ${deploymentName}, which is the session: ${keys.join(', ')}`,
  ];
}

function overruled({ flinkConfiguration, job }: FlinkSessionJobSpec): readonly string[] {
  const key = 'parallelism.default';
  const value = flattenConfiguration(flinkConfiguration).get(key)?.trim() ?? '';
  const wanted = job?.parallelism ?? 0;
  if (wanted <= 0 || value === '' || Number(value) === wanted) return [];
  return [`${fieldPath(['spec', 'flinkConfiguration', key])} has no effect: spec.job.parallelism wins over it`];
}

interface Asked {
  readonly resource: KubeObject;
  readonly spec: FlinkSessionJobSpec;
  readonly defaults: OperatorDefaults;
}

function onSession({ resource, spec, defaults }: Asked, session: KubeObject | undefined): readonly Notice[] {
  const cluster = session === undefined ? undefined : clusterOf(session, defaults);
  if (session === undefined || cluster === undefined) return [];
  const conf = jobConf(resource.metadata.name, spec, session, defaults);
  return [
    ...noticesOf('FieldNotApplied', unread(spec, cluster)),
    ...noticesOf('SpecWarning', lostFolderWarnings({ ...cluster, job: spec.job }, conf)),
  ];
}

/** The spec that a session was started with, or will be. */
function clusterOf(session: KubeObject, defaults: OperatorDefaults): FlinkDeploymentSpec | undefined {
  const started = startedCluster(session, defaults)?.record.spec;
  if (started !== undefined) return started;
  const parsed = specOf(session);
  return parsed.ok && sessionRefusalOf(session, defaults) === undefined ? parsed.value : undefined;
}

/** Flink reads a configuration sent with a job from this version on. */
const CONFIGURATION_SINCE = 'v1_17';

function unread({ flinkConfiguration }: FlinkSessionJobSpec, cluster: FlinkDeploymentSpec): readonly string[] {
  const version = flinkVersionOf(cluster);
  const keys = [...flattenConfiguration(flinkConfiguration).keys()].filter((key) => !key.startsWith(OPERATOR_PREFIX));
  if (keys.length === 0 || atLeast(version, CONFIGURATION_SINCE)) return [];
  return [
    `spec.flinkConfiguration has no effect but for ${OPERATOR_PREFIX}*: sessions take options of a job from Flink 1.17 on, and this one is ${version}`,
  ];
}
