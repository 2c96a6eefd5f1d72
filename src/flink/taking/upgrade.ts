import type { KubeObject } from '../../kube/object.ts';
import { SNAPSHOT_KIND, SNAPSHOT_LABELS } from '../snapshot/schema.ts';
import { SNAPSHOT_FINALIZER } from '../snapshot/situation.ts';
import { withSavepoint } from './in-status.ts';
import type { Subject, Taken } from './subject.ts';

/**
 * Keeps the savepoint that stopped a job among its snapshots: as a FlinkStateSnapshot that says it is there already, or in
 * the status. Done once: after that the record does not say any more that it is to be done.
 */
export function keepUpgradeSavepoint(subject: Subject): Taken {
  const { path, askedAt } = subject.next.restore;
  if (path === undefined || askedAt === undefined) return {};
  const options = subject.options();
  if (options.snapshotResourceEnabled) {
    const object = upgradeSnapshot(subject, path, askedAt);
    const there = subject.snapshots.some(({ metadata }) => metadata.name === object.metadata.name);
    return there
      ? { savepointKept: true }
      : { actions: [{ kind: 'apply', object, because: 'the savepoint that stopped the job' }] };
  }
  const { savepointInfo = {} } = subject.jobStatus;
  if (savepointInfo.savepointHistory?.some(({ location }) => location === path)) return { savepointKept: true };
  const formatType = options.savepointFormat;
  const taken = { timeStamp: askedAt, location: path, triggerType: 'UPGRADE', formatType } as const;
  return { kept: { savepointInfo: withSavepoint(savepointInfo, taken) }, savepointKept: true };
}

function upgradeSnapshot(subject: Subject, path: string, askedAt: number): KubeObject {
  const { resource } = subject;
  const { name, namespace = '' } = resource.metadata;
  const { savepointFormat: formatType, savepointDisposeOnDelete: disposeOnDelete } = subject.options();
  return {
    ...SNAPSHOT_KIND,
    metadata: {
      name: `${name}-savepoint-upgrade-${askedAt}`,
      namespace,
      finalizers: [SNAPSHOT_FINALIZER],
      labels: {
        ...resource.metadata.labels,
        [SNAPSHOT_LABELS.jobKind]: resource.kind,
        [SNAPSHOT_LABELS.jobName]: name,
        [SNAPSHOT_LABELS.type]: 'SAVEPOINT',
        [SNAPSHOT_LABELS.trigger]: 'UPGRADE',
      },
    },
    spec: {
      jobReference: { kind: resource.kind, name },
      savepoint: { path, formatType, disposeOnDelete, alreadyExists: true },
    },
  };
}
