import { sentences } from '../../flink/notice.ts';
import { runs } from '../../flink/record.ts';
import { sessionJobNotices } from '../../flink/session-job/notices.ts';
import { UNSEEN } from '../../flink/session-job/observed.ts';
import { recordedSessionJobWish, type SessionJobRecord } from '../../flink/session-job/record.ts';
import { sizesInPlace } from '../../flink/session-job/scaling.ts';
import { parseSessionJobSpec, sessionNameOf } from '../../flink/session-job/schema.ts';
import { type Situation, situationOf, type Target } from '../../flink/session-job/situation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { asStored, type FlinkPlanContext, type FlinkSubject, KEEPING, plannedIssue } from './flink.ts';
import { WITHOUT_OBJECTS } from './flink-size.ts';
import type { ResourcePlan } from './report.ts';

/** A FlinkSessionJob beside its session, as far as that was found: in the cluster, else in the same files. */
export interface SessionJobSubject extends FlinkSubject {
  readonly session: KubeObject | undefined;
}

/** What the operator would do with a FlinkSessionJob, by the operator's own rules. It makes no pods: those are the session's. */
export function planSessionJob(subject: SessionJobSubject, { now, defaults }: FlinkPlanContext): ResourcePlan {
  const resource = asStored(subject);
  const situation = situationOf(resource, { ...UNSEEN, session: subject.session }, now, defaults);
  const spec = parseSessionJobSpec(resource.spec);
  const { name, namespace = 'default' } = resource.metadata;
  return {
    ...WITHOUT_OBJECTS,
    kind: resource.kind,
    namespace,
    name,
    source: subject.source,
    ...verdictOf(situation, subject.compared),
    parallelism: spec.ok ? (spec.value.job?.parallelism ?? null) : null,
    changes: situation.record === undefined ? [] : (situation.target?.diff.paths ?? []).map((path) => `spec.${path}`),
    warnings: sentences(sessionJobNotices(resource, subject.session, defaults)),
    issues: (situation.refusal?.issues ?? []).map(plannedIssue),
  };
}

type Verdict = Pick<ResourcePlan, 'decision' | 'reason' | 'message'>;

function verdictOf(situation: Situation, compared: boolean): Verdict {
  const { refusal, record, target } = situation;
  if (refusal !== undefined) return { decision: 'refuse', reason: refusal.reason, message: refusal.message };
  if (target === undefined) return { decision: 'refuse', reason: 'Error', message: 'the resource cannot be read' };
  if (record !== undefined) return changeVerdict(situation, record, target);
  return startVerdict(situation, target, compared);
}

function startVerdict({ resource, observed }: Situation, target: Target, compared: boolean): Verdict {
  if (target.desired === 'suspended') {
    return { decision: 'no-op', reason: 'Suspended', message: 'spec.job.state is "suspended", nothing is started' };
  }
  const name = sessionNameOf(resource) ?? '';
  if (observed.session === undefined) {
    const where = compared ? 'in the cluster or in these files' : 'in these files';
    const message = `it waits for session ${name}, which is not ${where}; what depends on it was not checked`;
    return { decision: 'create', reason: 'SessionNotFound', message };
  }
  return { decision: 'create', reason: 'Submitting', message: `submitted to session ${name} once that is ready` };
}

function changeVerdict(situation: Situation, record: SessionJobRecord, target: Target): Verdict {
  const { kind, paths } = target.diff;
  const fields = paths.map((path) => `spec.${path}`).join(', ');
  if (kind === 'none' || kind === 'ignore') {
    const message =
      kind === 'none' ? 'nothing differs from what was last started' : `what differs restarts nothing (${fields})`;
    return { decision: 'no-op', reason: 'NoDifference', message };
  }
  if (runs(record) && sizesInPlace(situation) !== undefined) {
    return {
      decision: 'scale',
      reason: 'Scaling',
      message: `what runs is scaled, the job is not restarted (${fields})`,
    };
  }
  const wasSuspended = recordedSessionJobWish(record).job?.state === 'suspended';
  if (target.desired === 'suspended') return suspendVerdict(wasSuspended, target, fields);
  if (wasSuspended)
    return { decision: 'resume', reason: 'Submitting', message: `the job is submitted again (${fields})` };
  const from = kind === 'redeploy' ? 'from spec.job.initialSavepointPath' : KEEPING[target.mode];
  return { decision: 'restart', reason: 'SpecChanged', message: `the job is submitted anew, ${from} (${fields})` };
}

function suspendVerdict(wasSuspended: boolean, { mode }: Target, fields: string): Verdict {
  if (wasSuspended) {
    const message = `suspended; what differs counts from the next start (${fields})`;
    return { decision: 'no-op', reason: 'Suspended', message };
  }
  const message = `the job is stopped (${fields}); it will go on ${KEEPING[mode]}`;
  return { decision: 'suspend', reason: 'Suspending', message };
}
