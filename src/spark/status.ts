import { sparkConditions } from './conditions.ts';
import { executorStatus } from './executors.ts';
import { recordedStatus, type SparkRecord } from './record.ts';
import type { ApplicationState, SparkApplicationStatus } from './schema.ts';
import type { Intent, Situation } from './situation.ts';
import { uiStatus } from './ui-status.ts';

/** States in which nothing of a run is there, so that nothing is said of one. */
const WITHOUT_RUN: ReadonlySet<ApplicationState> = new Set([
  '',
  'PENDING_RERUN',
  'SUSPENDED',
  'RESUMING',
  'SUBMISSION_FAILED',
]);

/** The whole status that follows from what is known and what was decided. */
export function sparkStatus(situation: Situation, intent: Intent): SparkApplicationStatus {
  const { status, resource, observed, specHash } = situation;
  // A status of the incumbent does not say which spec it is about: the present one, so that taking over starts nothing.
  const record: SparkRecord = { specHash, ...defined(intent.record ?? situation.record) };
  const sameRun = record.submission?.submissionId === situation.record.submission?.submissionId;
  const { driverInfo, ...recorded } = recordedStatus(record);
  const without = WITHOUT_RUN.has(record.state);
  // A UI that nothing serves yet is not worth a write of its own.
  const ui = record.seen ? uiStatus(situation, record) : {};
  return {
    ...recorded,
    ...(without
      ? {}
      : {
          driverInfo: { ...(sameRun ? status?.driverInfo : {}), ...ui, ...driverInfo },
          ...executorStatus(observed.executors, record, sameRun ? status?.executorState : {}),
        }),
    observedGeneration: resource.metadata.generation ?? 0,
    conditions: sparkConditions(situation, intent),
  };
}

function defined(record: SparkRecord): Omit<SparkRecord, 'specHash'> & { specHash?: string } {
  const { specHash, ...rest } = record;
  return specHash === undefined ? rest : { ...rest, specHash };
}

/** The status after a pass that failed: only the conditions say so, the rest stays as it is. */
export function failedStatus(situation: Situation, intent: Intent): SparkApplicationStatus {
  return { ...situation.status, conditions: sparkConditions(situation, intent) };
}
