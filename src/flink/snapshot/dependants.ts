import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { withoutTrailingSlashes } from '../../lib/text.ts';
import type { FlinkDeploymentStatus } from '../status-schema.ts';

/** A resource that needs a savepoint's files, and the field that says so. */
export interface Dependant {
  /** `FlinkDeployment orders`. */
  readonly who: string;
  /** `status.jobStatus.upgradeSavepointPath`. */
  readonly field: string;
}

/**
 * Which of these FlinkDeployments and FlinkSessionJobs need the snapshot at `path`: what a run started from, or what a
 * later start would go on from. Folders count as the same with and without a trailing slash.
 */
export function dependantsOf(path: string, resources: readonly KubeObject[]): readonly Dependant[] {
  const wanted = plainPath(path);
  return resources.flatMap((resource) =>
    pathsNeeded(resource)
      .filter(([, needed]) => plainPath(needed) === wanted)
      .map(([field]) => ({ who: `${resource.kind} ${resource.metadata.name}`, field })),
  );
}

/** `FlinkDeployment orders (spec.job.initialSavepointPath)`, several separated by commas. */
export function describeDependants(dependants: readonly Dependant[]): string {
  return dependants.map(({ who, field }) => `${who} (${field})`).join(', ');
}

/** Every path a FlinkDeployment or FlinkSessionJob goes on from, or started from, by the field that names it. */
export function pathsNeeded({ spec, status }: KubeObject): readonly (readonly [field: string, path: string])[] {
  const job = isRecord(spec) && isRecord(spec.job) ? spec.job : {};
  const { jobStatus, restore } = (status ?? {}) as FlinkDeploymentStatus & { readonly restore?: unknown };
  const found: readonly (readonly [string, unknown])[] = [
    ['spec.job.initialSavepointPath', job.initialSavepointPath],
    ['status.jobStatus.upgradeSavepointPath', jobStatus?.upgradeSavepointPath],
    ['status.jobStatus.savepointInfo.lastSavepoint.location', jobStatus?.savepointInfo?.lastSavepoint?.location],
    ['status.restore.path', isRecord(restore) ? restore.path : undefined],
  ];
  return found.filter((entry): entry is readonly [string, string] => typeof entry[1] === 'string' && entry[1] !== '');
}

/** A path as paths are compared: a folder with and without a trailing slash is the same. */
export function plainPath(path: string): string {
  return withoutTrailingSlashes(path.trim());
}
