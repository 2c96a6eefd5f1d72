import type { KubeObject, ObjectMeta } from '../../../kube/object.ts';
import { decideSchedule } from '../../../spark/schedule/decide.ts';
import { type ScheduleObserved, UNSEEN } from '../../../spark/schedule/observed.ts';
import {
  RUN_NOW_ANNOTATION,
  SCHEDULE_STATES,
  type ScheduledSparkApplicationSpec,
  type ScheduledSparkApplicationStatus,
} from '../../../spark/schedule/schema.ts';
import { scheduleSituation } from '../../../spark/schedule/situation.ts';
import { aRun, aSchedule } from '../../../spark/schedule/testing.ts';
import { GENERATION, type Line, rowsOf, type Table, written } from './standing.ts';

const NOW = new Date('2026-01-05T10:00:30Z');
const batch = { enabled: false, kubeSchedulers: [], fallback: undefined };
const SETTINGS = { precision: 'nanos', localTimeZone: 'UTC', batch } as const;

interface Pass {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<ScheduledSparkApplicationSpec>;
  readonly status?: ScheduledSparkApplicationStatus;
  readonly observed?: Partial<ScheduleObserved>;
}

function pass({ metadata, spec, status, observed }: Pass): KubeObject {
  const schedule = aSchedule({
    metadata: { generation: GENERATION, ...metadata },
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  });
  const decided = decideSchedule(scheduleSituation(schedule, { ...UNSEEN, ...observed }, SETTINGS, NOW));
  return written(schedule, decided.status);
}

/** A status whose next run was planned by the schedule of `aSchedule`. */
function planned(nextRun: string): ScheduledSparkApplicationStatus {
  return { scheduleState: 'Scheduled', nextRun, observedSchedule: '*/2 * * * * UTC', observedGeneration: GENERATION };
}

const later = planned('2026-01-05T10:02:00Z');
const due = planned('2026-01-05T10:00:00Z');
const busy = { runs: [aRun('report-1', 'RUNNING')] };
const failed = { runs: [aRun('report-1', 'FAILED')] };
const asked = { annotations: { [RUN_NOW_ANNOTATION]: 'monday' } };

const LINES: readonly Line<Pass>[] = [
  ['new', {}, 'Current', 'Healthy'],
  ['waiting for the next run', { status: later }, 'Current', 'Healthy'],
  ['with a run under way', { status: later, observed: busy }, 'Current', 'Healthy'],
  ['whose last run failed', { status: later, observed: failed }, 'Current', 'Healthy'],
  ['with a run that is due', { status: due }, 'InProgress', 'Progressing'],
  [
    'with a run that is skipped',
    { spec: { concurrencyPolicy: 'Forbid' }, status: due, observed: busy },
    'Current',
    'Healthy',
  ],
  [
    'with a run that replaces another',
    { spec: { concurrencyPolicy: 'Replace' }, status: due, observed: busy },
    'InProgress',
    'Progressing',
  ],
  ['asked for a run', { metadata: asked, status: later }, 'InProgress', 'Progressing'],
  [
    'asked for a run that has to wait',
    { metadata: asked, spec: { concurrencyPolicy: 'Forbid' }, status: later, observed: busy },
    'InProgress',
    'Progressing',
  ],
  ['suspended', { spec: { suspend: true } }, 'Current', 'Suspended'],
  ['without a time that is to come', { spec: { schedule: '0 0 30 2 *' } }, 'Failed', 'Degraded'],
  ['refused', { spec: { schedule: 'soon' } }, 'Failed', 'Degraded'],
  ['refused while a run goes on', { spec: { schedule: 'soon' }, status: later, observed: busy }, 'Failed', 'Degraded'],
  [
    'being deleted',
    { metadata: { deletionTimestamp: '2026-01-05T10:00:00Z' }, status: later },
    'Terminating',
    'Progressing',
  ],
];

/** ScheduledSparkApplications. */
export const SCHEDULES: Table = {
  kind: 'ScheduledSparkApplication',
  stateOf: ({ status }) => (status as ScheduledSparkApplicationStatus).scheduleState,
  states: SCHEDULE_STATES,
  never: {},
  rows: rowsOf(LINES, pass),
};
