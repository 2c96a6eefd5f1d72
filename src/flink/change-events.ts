import { CAPACITY_CONDITION } from '../core/capacity/condition.ts';
import { knownValue } from '../core/fact.ts';
import type { EventDraft } from '../core/plan.ts';
import { type Condition, findCondition } from '../kube/conditions.ts';
import { type FlinkReason, normal, warning } from './events.ts';
import { exceptionEvents } from './exception-events.ts';
import { noticeEvents } from './notice.ts';
import { deploymentNotices } from './notices.ts';
import type { JobFacts } from './observed.ts';
import { POD_TROUBLES, type PodTrouble } from './reasons.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import type { Situation } from './situation.ts';
import { confOfRun } from './stability.ts';

/** Events for what this pass found changed against the stored status: once per change, whatever else the pass does. */
export function changeEvents(situation: Situation, status: FlinkDeploymentStatus): EventDraft[] {
  return [
    ...jobStateEvents(situation, status),
    ...conditionEvents(situation, status),
    ...capacityEvents(situation, status),
    ...exceptionEvents(runningJob(situation), () => confOfRun(situation)),
    ...noticeEvents(situation, () => deploymentNotices(situation.resource, situation.defaults)),
  ];
}

function runningJob({ observed, cluster }: Situation): JobFacts | undefined {
  return cluster === 'current' ? knownValue(observed.rest)?.job : undefined;
}

function jobStateEvents(situation: Situation, status: FlinkDeploymentStatus): EventDraft[] {
  const [before, now] = [situation.status?.jobStatus?.state, status.jobStatus?.state];
  if (now === undefined || now === before || now === 'RECONCILING') return [];
  const message = `Job status changed from ${before ?? 'none'} to ${now}`;
  const event =
    now === 'FAILED' ? warning('JobStatusChanged', message, 'Job') : normal('JobStatusChanged', message, 'Job');
  return [{ ...event, dedupe: `${status.jobStatus?.jobId ?? ''}/${message}/${status.jobStatus?.updateTime ?? ''}` }];
}

/** Reasons that deserve a warning when they appear, by the condition that carries them. */
const LOUD: ReadonlySet<string> = new Set<FlinkReason>([
  'ValidationError',
  'UnsupportedFlinkVersion',
  'ManualRestoreRequired',
  'RestoreFailed',
  'JobUnhealthy',
  'RolledBack',
  'SnapshotsNotSupported',
  'ParallelismOverridden',
  ...(Object.keys(POD_TROUBLES) as PodTrouble[]),
]);

function conditionEvents(situation: Situation, status: FlinkDeploymentStatus): EventDraft[] {
  const before = (situation.status?.conditions ?? []) as readonly Condition[];
  const now = (status.conditions ?? []) as readonly Condition[];
  return ['Stalled', 'Reconciling', 'ParallelismOverridden'].flatMap((type) => {
    const condition = findCondition(now, type);
    const old = findCondition(before, type);
    if (condition === undefined || !LOUD.has(condition.reason)) return [];
    if (old?.reason === condition.reason && old.message === condition.message) return [];
    return [warning(condition.reason as FlinkReason, condition.message)];
  });
}

/** Once when a shortage appears or becomes another; its sums change all the time. */
function capacityEvents(situation: Situation, status: FlinkDeploymentStatus): EventDraft[] {
  const old = findCondition((situation.status?.conditions ?? []) as readonly Condition[], CAPACITY_CONDITION);
  const condition = findCondition((status.conditions ?? []) as readonly Condition[], CAPACITY_CONDITION);
  if (condition?.status !== 'False' || (old?.status === 'False' && old.reason === condition.reason)) return [];
  return [warning(condition.reason as FlinkReason, condition.message)];
}
