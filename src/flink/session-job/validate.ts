import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { FLINK_CLUSTER_ID_RULE, isFlinkClusterId } from '../../kube/names.ts';
import { autoscalerIssues } from '../autoscaler/settings.ts';
import { atLeast, flinkVersionOf } from '../conf/versions.ts';
import { type FlatConfiguration, flattenConfiguration } from '../configuration.ts';
import { optionIssues } from '../options.ts';
import type { FlinkDeploymentSpec } from '../schema.ts';
import {
  FORBIDDEN_OPTIONS,
  longKeys,
  validateChange,
  validateDirectories,
  validateParallelism,
  validateSize,
} from '../validate.ts';
import { type JarRules, jarIssues, jarSourceOf } from './jar.ts';
import type { FlinkSessionJobSpec } from './schema.ts';

/** Flink loses `pipeline.classpaths` of a submission before this version (FLINK-34580). */
const CLASSPATHS_SINCE = 'v1_20';

/** Every rule a spec breaks by itself, whether its session is there or not; empty when it can be acted on. */
export function validateSessionJob(spec: FlinkSessionJobSpec, rules: JarRules): readonly Issue[] {
  return [
    ...validateSize(spec),
    ...validateSessionName(spec.deploymentName),
    ...validateOwnOptions(spec),
    ...(spec.job === undefined
      ? [issueAt(['spec', 'job'], undefined, 'say what runs on the session')]
      : jarIssues(spec.job, rules)),
  ];
}

/**
 * Every rule a spec breaks on this session. `conf` is what holds for the job: the session's configuration overlaid with
 * its own. Expects a spec without issues of its own.
 */
export function validateOnSession(
  spec: FlinkSessionJobSpec,
  session: FlinkDeploymentSpec,
  conf: FlatConfiguration,
): readonly Issue[] {
  const { job, deploymentName } = spec;
  if ((session.job ?? undefined) !== undefined) {
    const rule = `name a session cluster; FlinkDeployment ${deploymentName} has spec.job, so it is an application cluster`;
    return [issueAt(['spec', 'deploymentName'], deploymentName, rule)];
  }
  if (job === undefined) return [];
  const own = flattenConfiguration(spec.flinkConfiguration);
  const issues = [
    ...validateParallelism(job, { spec: {}, conf }),
    ...validateDirectories(job, conf),
    ...autoscalerIssues(own, conf),
  ];
  if (jarSourceOf(job).kind === 'image' && !atLeast(flinkVersionOf(session), CLASSPATHS_SINCE)) {
    const rule = `be a URL that the operator fetches (https, s3), since a session runs jars of its image from Flink 1.20 on and this one is ${session.flinkVersion}`;
    issues.push(issueAt(['spec', 'job', 'jarURI'], job.jarURI, rule));
  }
  return issues;
}

/** Every rule the step from the spec last acted on to a new one breaks; empty when the change can be made. */
export function validateSessionJobChange(before: FlinkSessionJobSpec, after: FlinkSessionJobSpec): readonly Issue[] {
  const moved =
    before.deploymentName === after.deploymentName
      ? []
      : [
          issueAt(
            ['spec', 'deploymentName'],
            after.deploymentName,
            `stay ${before.deploymentName}; delete the session job and create it again to move it`,
          ),
        ];
  return [...moved, ...validateChange(before, after)];
}

function validateSessionName(name: string | undefined): readonly Issue[] {
  if (name === undefined) return [issueAt(['spec', 'deploymentName'], undefined, 'name the session cluster')];
  return isFlinkClusterId(name) ? [] : [issueAt(['spec', 'deploymentName'], name, FLINK_CLUSTER_ID_RULE)];
}

function validateOwnOptions(spec: FlinkSessionJobSpec): readonly Issue[] {
  const own = flattenConfiguration(spec.flinkConfiguration);
  const forbidden = FORBIDDEN_OPTIONS.filter((key) => own.has(key)).map((key) =>
    issueAt(['spec', 'flinkConfiguration', key], own.get(key), 'not be set, since the session decides it'),
  );
  return [...forbidden, ...longKeys(own), ...optionIssues(own)];
}
