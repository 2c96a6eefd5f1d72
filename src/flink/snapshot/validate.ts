import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import type { FlinkStateSnapshotSpec, JobReference } from './schema.ts';

/** Everything wrong with a spec that fits the schema; empty when it can be acted on. */
export function validateSnapshot(spec: FlinkStateSnapshotSpec): readonly Issue[] {
  const { savepoint, checkpoint, jobReference } = spec;
  if ((savepoint === undefined) === (checkpoint === undefined)) {
    return [issueAt(['spec'], spec, 'have exactly one of savepoint and checkpoint')];
  }
  if (savepoint?.alreadyExists !== true) return referenceIssues(jobReference);
  if (isText(savepoint.path)) return [];
  return [issueAt(['spec', 'savepoint', 'path'], savepoint.path, 'name the savepoint, since alreadyExists is true')];
}

function referenceIssues(reference: JobReference | undefined): readonly Issue[] {
  const { kind, name } = reference ?? {};
  return [
    ...(kind === undefined
      ? [issueAt(['spec', 'jobReference', 'kind'], kind, 'be one of FlinkDeployment, FlinkSessionJob')]
      : []),
    ...(isText(name) ? [] : [issueAt(['spec', 'jobReference', 'name'], name, 'name the job to take a snapshot of')]),
  ];
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}
