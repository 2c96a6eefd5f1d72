import type { KubeObject } from '../../kube/object.ts';
import { type Notice, noticesOf } from '../notice.ts';
import { type FlinkStateSnapshotSpec, parseSnapshotSpec } from './schema.ts';
import { refusalOf } from './situation.ts';

/** What a FlinkStateSnapshot has that nothing is done with; never throws, whatever the resource holds. */
export function snapshotNotices(resource: KubeObject): readonly Notice[] {
  const parsed = parseSnapshotSpec(resource.spec);
  if (!parsed.ok || refusalOf(resource) !== undefined) return [];
  return noticesOf('FieldNotApplied', ofExisting(parsed.value));
}

/** What is there already is not taken, and its files are deleted by the JobManager of a job that has to be named. */
function ofExisting({ savepoint, backoffLimit, jobReference }: FlinkStateSnapshotSpec): readonly string[] {
  if (savepoint?.alreadyExists !== true) return [];
  const named = jobReference?.kind !== undefined && jobReference.name !== undefined;
  return [
    ...(backoffLimit === undefined
      ? []
      : ['spec.backoffLimit has no effect: spec.savepoint.alreadyExists is true, so nothing is taken']),
    ...(named || savepoint.disposeOnDelete !== true
      ? []
      : [
          'spec.savepoint.disposeOnDelete has no effect: spec.jobReference names no job whose JobManager could delete the savepoint',
        ]),
  ];
}
