import type { KubeObject } from '../../kube/object.ts';
import { applyRules, type FlinkConf, isSet, overlay, type Setting, unlessSet } from '../conf/entry.ts';
import { layeredConf, type OperatorDefaults } from '../conf/layers.ts';
import { encodeList } from '../conf/values.ts';
import { flattenConfiguration } from '../configuration.ts';
import { effectiveConf } from '../flink-conf.ts';
import type { FlinkDeployment } from '../schema.ts';
import { startedCluster } from '../started-cluster.ts';
import { jarSourceOf } from './jar.ts';
import type { FlinkSessionJobSpec } from './schema.ts';

/** Every option that holds for a job on a session: what the session was started with, overlaid with the job's own. */
export function jobConf(
  name: string,
  spec: FlinkSessionJobSpec,
  session: KubeObject | undefined,
  defaults: OperatorDefaults,
): FlinkConf {
  const own = [...flattenConfiguration(spec.flinkConfiguration)].map(
    ([key, value]) => [key, { value, origin: 'user', because: `spec.flinkConfiguration.${key}` }] as const,
  );
  return applyRules(overlay(sessionConf(session, defaults), own), jobRules(name, spec));
}

/** What holds on a session: of one that was not started yet as it would be, without one what holds everywhere. */
function sessionConf(session: KubeObject | undefined, defaults: OperatorDefaults): FlinkConf {
  if (session === undefined) return layeredConf({ metadata: {}, spec: {} } as unknown as FlinkDeployment, defaults);
  return startedCluster(session, defaults)?.conf ?? effectiveConf(session as FlinkDeployment, defaults);
}

/** The same as in an application cluster (incumbent: FlinkConfigBuilder.applyJobConfig). */
function jobRules(name: string, { job }: FlinkSessionJobSpec): readonly Setting[] {
  return [
    unlessSet('pipeline.name', name, 'metadata.name'),
    ...(job?.upgradeMode === 'last-state'
      ? [unlessSet('execution.checkpointing.interval', '5 min', 'upgradeMode last-state lives on checkpoints')]
      : []),
    unlessSet(
      'execution.checkpointing.externalized-checkpoint-retention',
      'RETAIN_ON_CANCELLATION',
      'the newest checkpoint must outlive its job',
    ),
  ];
}

/** Options only the operator reads. */
const NOT_SUBMITTED = /^(kubernetes\.operator|job\.autoscaler)\./;

/**
 * The options a submission carries beyond what the session has anyway: the job's own, what follows from its spec, and the
 * class path of a jar in the session's image.
 */
export function submittedOptions(
  name: string,
  spec: FlinkSessionJobSpec,
  session: KubeObject,
  defaults: OperatorDefaults,
): Readonly<Record<string, string>> {
  const own = [...flattenConfiguration(spec.flinkConfiguration)].filter(([key]) => !NOT_SUBMITTED.test(key));
  const before = overlay(
    sessionConf(session, defaults),
    own.map(([key, value]) => [key, { value, origin: 'user', because: key }]),
  );
  const rules = jobRules(name, spec).filter(({ key }) => !isSet(before, key));
  const source = spec.job === undefined ? undefined : jarSourceOf(spec.job);
  return Object.fromEntries([
    ...own,
    ...rules.map(({ key, source: { value } }) => [key, value] as const),
    ...(source?.kind === 'image' ? [['pipeline.classpaths', encodeList([source.url])] as const] : []),
  ]);
}
