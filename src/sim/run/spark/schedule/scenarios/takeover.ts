import type { ScheduleScenario } from '../scenario.ts';
import type { ScheduleStage } from '../stage.ts';
import { create, life, wait } from './steps.ts';

/** What the Kubeflow Spark Operator 2.5 left behind: a status with the run of 00:00, which is gone, and the next one. */
const taken = (nextRun: string) => ({
  name: 'taken over',
  act: (stage: ScheduleStage) => {
    create.act(stage);
    stage.writeStatus({
      lastRun: '2026-01-01T00:00:00Z',
      lastRunName: 'report-1767225600000000000',
      nextRun: `2026-01-01T${nextRun}:00Z`,
      scheduleState: 'Scheduled',
    });
  },
});

/** A schedule that another operator looked after before. */
export const SCHEDULE_TAKEOVER_LIVES: readonly ScheduleScenario[] = [
  life('taken over between two times', {
    entries: [
      ['00:08', taken('00:10')],
      ['00:12', wait],
    ],
    runs: ['00:10'],
    kept: ['00:10'],
    next: '00:20',
  }),
  life('taken over after a time that nobody minded', {
    entries: [
      ['00:13', taken('00:10')],
      ['00:15', wait],
    ],
    runs: ['00:10'],
    kept: ['00:10'],
    next: '00:20',
  }),
];
