import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import type { FlinkDeploymentSpec } from './schema.ts';

/**
 * Every rule the step from the spec last acted on to a new one breaks; empty when the change can be made. The former may
 * hold nulls for absent fields, as the incumbent records them.
 */
export function validateChange(before: FlinkDeploymentSpec, after: FlinkDeploymentSpec): readonly Issue[] {
  return [
    ...sameKind(before, after),
    ...sameMode(before, after),
    ...redeployFrom(before, after),
    ...sameVersionAfterSuspend(before, after),
  ];
}

function sameKind(before: FlinkDeploymentSpec, after: FlinkDeploymentSpec): readonly Issue[] {
  if (isSession(before) === isSession(after)) return [];
  const rule =
    after.job === undefined
      ? 'stay set, since an application cluster cannot become a session cluster'
      : 'stay unset, since a session cluster cannot become an application cluster';
  return [issueAt(['spec', 'job'], after.job, rule)];
}

/** Whether a spec is of a session cluster: one without a job of its own. */
export function isSession(spec: FlinkDeploymentSpec): boolean {
  return (spec.job ?? undefined) === undefined;
}

function sameMode(before: FlinkDeploymentSpec, after: FlinkDeploymentSpec): readonly Issue[] {
  const mode = before.mode ?? 'native';
  if ((after.mode ?? 'native') === mode) return [];
  return [issueAt(['spec', 'mode'], after.mode, `stay ${mode}; delete the resource and create it again to change it`)];
}

function redeployFrom(before: FlinkDeploymentSpec, after: FlinkDeploymentSpec): readonly Issue[] {
  const nonce = after.job?.savepointRedeployNonce;
  if (isSession(before) || nonce === undefined || nonce === before.job?.savepointRedeployNonce) return [];
  const path = after.job?.initialSavepointPath;
  if (path !== undefined && path.trim() !== '') return [];
  return [
    issueAt(
      ['spec', 'job', 'initialSavepointPath'],
      path,
      'name the savepoint to start from, since savepointRedeployNonce changed',
    ),
  ];
}

/** High-availability data can be read only by the Flink version that wrote it. */
function sameVersionAfterSuspend(before: FlinkDeploymentSpec, after: FlinkDeploymentSpec): readonly Issue[] {
  const heldByHa = before.job?.state === 'suspended' && before.job.upgradeMode === 'last-state';
  const usesIt = after.job !== undefined && (after.job.upgradeMode ?? 'stateless') !== 'stateless';
  if (!heldByHa || !usesIt || before.flinkVersion === after.flinkVersion) return [];
  const rule = `stay ${before.flinkVersion} until the job runs again, since it was suspended with last-state`;
  return [issueAt(['spec', 'flinkVersion'], after.flinkVersion, rule)];
}

const DEPRECATED_VERSIONS: readonly (string | undefined)[] = ['v1_15', 'v1_16', 'v1_17', 'v1_18'];

/** What works but will not for ever, one sentence each: for admission warnings and `weir validate`. */
export function deprecations(spec: FlinkDeploymentSpec): readonly string[] {
  const warnings: string[] = [];
  if (DEPRECATED_VERSIONS.includes(spec.flinkVersion)) {
    warnings.push(`spec.flinkVersion: ${spec.flinkVersion} is deprecated, move to v1_19 or later`);
  }
  for (const nonce of ['savepointTriggerNonce', 'checkpointTriggerNonce'] as const) {
    if (spec.job?.[nonce] === undefined) continue;
    warnings.push(`spec.job.${nonce}: is deprecated, create a FlinkStateSnapshot instead`);
  }
  return warnings;
}
