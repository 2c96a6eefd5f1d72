import { sentences } from '../../flink/notice.ts';
import { snapshotNotices } from '../../flink/snapshot/notices.ts';
import { type FlinkStateSnapshotStatus, parseSnapshotSpec } from '../../flink/snapshot/schema.ts';
import { refusalOf } from '../../flink/snapshot/situation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { changedFields } from './changes.ts';
import { asStored, type FlinkSubject, plannedIssue } from './flink.ts';
import { WITHOUT_OBJECTS } from './flink-size.ts';
import type { ResourcePlan } from './report.ts';

/** What the operator would do with a FlinkStateSnapshot, by the operator's own rules. */
export function planSnapshot(subject: FlinkSubject): ResourcePlan {
  const resource = asStored(subject);
  const { name, namespace = 'default' } = resource.metadata;
  return {
    ...WITHOUT_OBJECTS,
    kind: resource.kind,
    namespace,
    name,
    source: subject.source,
    ...verdictOf(resource),
    changes: changedFields(subject.wanted, subject.live),
    warnings: sentences(snapshotNotices(resource)),
    issues: (refusalOf(resource)?.issues ?? []).map(plannedIssue),
  };
}

function verdictOf(resource: KubeObject): Pick<ResourcePlan, 'decision' | 'reason' | 'message'> {
  const refusal = refusalOf(resource);
  const spec = parseSnapshotSpec(resource.spec);
  if (refusal !== undefined || !spec.ok) {
    return { decision: 'refuse', reason: refusal?.reason ?? 'Error', message: refusal?.message ?? 'it cannot be read' };
  }
  const { state = 'TRIGGER_PENDING' } = (resource.status ?? {}) as FlinkStateSnapshotStatus;
  if (state !== 'TRIGGER_PENDING') {
    return { decision: 'no-op', reason: state, message: 'it is taken once, whatever changes in the spec' };
  }
  const { jobReference, savepoint, checkpoint } = spec.value;
  const of = `${jobReference?.kind} ${jobReference?.name}`;
  if (savepoint?.alreadyExists === true) {
    return {
      decision: 'create',
      reason: 'TRIGGER_PENDING',
      message: `${savepoint.path} is recorded, nothing is taken`,
    };
  }
  const what = checkpoint === undefined ? 'savepoint' : 'checkpoint';
  return { decision: 'create', reason: 'TRIGGER_PENDING', message: `a ${what} of ${of} is taken once its job runs` };
}
