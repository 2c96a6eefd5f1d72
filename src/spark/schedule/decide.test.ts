import { describe, expect, it } from 'vitest';
import type { Failure } from '../../core/failure.ts';
import { type Condition, findCondition } from '../../kube/conditions.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import { decideSchedule, decideScheduleFailed, type SchedulePlan } from './decide.ts';
import { type ScheduleObserved, UNSEEN } from './observed.ts';
import type { ScheduledSparkApplicationStatus } from './schema.ts';
import { type ScheduleSituation, scheduleSituation } from './situation.ts';
import { aRun, aSchedule, type ScheduleOverrides } from './testing.ts';

const NOW = new Date('2026-01-05T10:00:30Z');
const batch = { enabled: false, kubeSchedulers: [], fallback: undefined };
const SETTINGS = { precision: 'nanos', localTimeZone: 'Europe/Berlin', batch } as const;

interface Given extends ScheduleOverrides {
  readonly observed?: Partial<ScheduleObserved>;
}

function situation({ observed = {}, ...overrides }: Given): ScheduleSituation {
  return scheduleSituation(aSchedule(overrides), { ...UNSEEN, ...observed }, SETTINGS, NOW);
}

const plan = (given: Given): SchedulePlan => decideSchedule(situation(given));

/** A status whose next run was planned by the schedule of `aSchedule`. */
function planned(nextRun: string, more: ScheduledSparkApplicationStatus = {}): ScheduledSparkApplicationStatus {
  return { scheduleState: 'Scheduled', nextRun, observedSchedule: '*/2 * * * * UTC', observedGeneration: 1, ...more };
}

const DUE = planned('2026-01-05T10:00:00Z');
const DUE_NAME = 'report-1767607200000000000';

function actionsOf({ actions }: SchedulePlan): string[] {
  return actions.map((action) => {
    if (action.kind === 'create') return `create ${action.object.metadata.name}`;
    return action.kind === 'delete' ? `delete ${action.ref.name} ${action.propagation}` : action.kind;
  });
}

function createdBy({ actions }: SchedulePlan): KubeObject | undefined {
  return actions.flatMap((action) => (action.kind === 'create' ? [action.object] : []))[0];
}

const condition = ({ status }: SchedulePlan, type: string) =>
  findCondition((status?.conditions ?? []) as readonly Condition[], type);

const eventsOf = ({ events }: SchedulePlan) => events.map(({ reason, message }) => `${reason}: ${message}`);

describe('a new schedule', () => {
  it('plans its first run and waits for it', () => {
    const decided = plan({});
    expect(decided.status).toMatchObject({
      scheduleState: 'Scheduled',
      nextRun: '2026-01-05T10:02:00Z',
      observedSchedule: '*/2 * * * * UTC',
      observedGeneration: 1,
    });
    expect(decided.actions).toEqual([]);
    expect(decided.requeueAfterMs).toBe(90_000);
    expect(condition(decided, 'Ready')).toMatchObject({
      status: 'True',
      reason: 'Scheduled',
      message: 'the next run is due at 2026-01-05T10:02:00Z',
    });
  });

  it('goes by the time zone of the spec, else by that of the operator, else by what stands before the expression', () => {
    const next = (spec: ScheduleOverrides['spec']) =>
      plan({ spec: { schedule: '0 3 * * *', ...spec } }).status?.nextRun;
    expect(next({ timeZone: 'UTC' })).toBe('2026-01-06T03:00:00Z');
    expect(next({ timeZone: 'Asia/Tokyo' })).toBe('2026-01-05T18:00:00Z');
    expect(next({ timeZone: 'Local' })).toBe('2026-01-06T02:00:00Z');
    expect(next({ timeZone: undefined })).toBe('2026-01-06T02:00:00Z');
    expect(next({ timeZone: 'UTC', schedule: 'CRON_TZ=Asia/Tokyo 0 3 * * *' })).toBe('2026-01-05T18:00:00Z');
  });

  it('is looked at again within the hour, however far off the next run is', () => {
    expect(plan({ spec: { schedule: '@yearly' } }).requeueAfterMs).toBe(3_600_000);
  });
});

describe('a spec that cannot be acted on', () => {
  const cron = 'it must be a cron expression such as 0 3 * * *, @daily or @every 1h30m';
  const zone = 'it must be a time zone such as Europe/Berlin, UTC or Local';
  const long = 'x'.repeat(64);
  it.each<[string, ScheduleOverrides, string]>([
    ['no schedule', { spec: { schedule: undefined } }, `spec.schedule: is missing, ${cron}`],
    [
      'an invalid expression',
      { spec: { schedule: '61 * * * *' } },
      `spec.schedule: "61 * * * *" is not valid, ${cron}: minutes: 61 is not between 0 and 59`,
    ],
    [
      'one that never fires',
      { spec: { schedule: '0 0 30 2 *' } },
      `spec.schedule: "0 0 30 2 *" is not valid, ${cron}: it never fires`,
    ],
    [
      'an unknown time zone',
      { spec: { timeZone: 'Mars/Olympus' } },
      `spec.timeZone: "Mars/Olympus" is not valid, ${zone}`,
    ],
    [
      'an unknown time zone and an invalid expression at once',
      { spec: { schedule: '0 25 * * *', timeZone: 'Mars/Olympus' } },
      `spec.timeZone: "Mars/Olympus" is not valid, ${zone}; spec.schedule: "0 25 * * *" is not valid, ${cron}: hours: 25 is not between 0 and 23`,
    ],
    [
      'an unknown time zone before the expression',
      { spec: { schedule: 'TZ=Mars/Olympus @daily' } },
      `spec.schedule: "TZ=Mars/Olympus @daily" is not valid, ${cron}: the time zone Mars/Olympus is not known`,
    ],
    [
      'a name that is too long',
      { metadata: { name: long } },
      `metadata.name: "${long}" is not valid, it must be at most 63 lower-case letters, digits and '-', start with a letter and not end with '-'`,
    ],
    [
      'an unknown policy and limits below the least',
      { spec: { concurrencyPolicy: 'Queue', failedRunHistoryLimit: -1, startingDeadlineSeconds: 0 } },
      'spec.concurrencyPolicy: "Queue" is not valid, it must be one of Allow, Forbid, Replace; ' +
        'spec.failedRunHistoryLimit: -1 is not valid, it must be at least 0; ' +
        'spec.startingDeadlineSeconds: 0 is not valid, it must be at least 1',
    ],
    [
      'a template that breaks rules',
      { spec: { template: { mode: 'client', driver: { cores: 0 } } } },
      'spec.template.mode: "client" is not valid, it must be cluster, since in client mode the driver would run inside the operator; ' +
        'spec.template.driver.cores: 0 is not valid, it must be a whole number of at least 1',
    ],
    [
      'a batch scheduler that there is not',
      { spec: { template: { batchScheduler: 'volcano' } } },
      'spec.template.batchScheduler: "volcano" is not valid, it must not be set, since the operator runs without --enable-batch-scheduler',
    ],
    [
      'a template of other types',
      { spec: { template: { arguments: 'a' as unknown as string[] } } },
      'spec.template.arguments: "a" is not valid, it must be a list',
    ],
  ])('%s: says so in status, condition and event, and starts nothing', (_name, overrides, message) => {
    const decided = plan({ ...overrides, status: DUE });
    expect(decided.status).toMatchObject({ scheduleState: 'FailedValidation', reason: message });
    expect(decided.status?.nextRun).toBeUndefined();
    expect(condition(decided, 'Stalled')).toMatchObject({ reason: 'ValidationError', message });
    expect(eventsOf(decided)).toEqual([`ValidationError: ${message}`]);
    expect(decided.actions).toEqual([]);
    expect(decided.requeueAfterMs).toBeUndefined();
  });

  it('without a template says everything a SparkApplication lacks', () => {
    const bare = { ...aSchedule(), spec: { schedule: '@daily' } };
    const { message } = scheduleSituation(bare, UNSEEN, SETTINGS, NOW).refusal ?? {};
    expect(message).toBe('spec.template: is missing, it must be an object');
  });

  it('is told once, keeps no run from going on, and is forgotten once it is mended', () => {
    const spec = { schedule: 'soon' };
    const first = plan({ spec });
    const again = plan({ spec, status: first.status ?? {} });
    expect(again.events).toEqual([]);
    const running = plan({ spec, observed: { runs: [aRun('report-1', 'RUNNING'), aRun('report-0', 'FAILED')] } });
    expect(running.actions).toEqual([]);
    const mended = plan({ status: first.status ?? {} });
    expect(mended.status).toMatchObject({ scheduleState: 'Scheduled', nextRun: '2026-01-05T10:02:00Z' });
    expect(mended.status?.reason).toBeUndefined();
    expect(condition(mended, 'Stalled')).toBeUndefined();
  });
});

describe('a run that is due', () => {
  it('is recorded and made with the labels of the schedule, its annotations left out', () => {
    const decided = plan({ status: DUE, metadata: { annotations: { note: 'x' } } });
    expect(decided.status).toMatchObject({
      lastRun: '2026-01-05T10:00:30Z',
      lastRunName: DUE_NAME,
      nextRun: '2026-01-05T10:02:00Z',
    });
    expect(decided.status?.lastRunSeen).toBeUndefined();
    expect(createdBy(decided)).toEqual({
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'SparkApplication',
      metadata: {
        name: DUE_NAME,
        namespace: 'default',
        labels: { team: 'a', 'sparkoperator.k8s.io/scheduled-app-name': 'report' },
        ownerReferences: [
          {
            apiVersion: 'sparkoperator.k8s.io/v1beta2',
            kind: 'ScheduledSparkApplication',
            name: 'report',
            uid: 'schedule-uid',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: aSchedule().spec.template,
    });
    expect(eventsOf(decided)).toEqual([`ScheduledRunStarted: run ${DUE_NAME} is started, due at 2026-01-05T10:00:00Z`]);
  });

  it('is made again under the recorded name until it was seen, whatever the time is by then', () => {
    const status = planned('2026-01-05T09:58:00Z', { lastRunName: 'report-7', lastRunSeen: 'report-6' });
    expect(actionsOf(plan({ status }))).toEqual(['create report-7']);
    expect(plan({ status }).status?.lastRunSeen).toBe('report-6');
    const seen = plan({ status, observed: { last: aRun('report-7', '') } });
    expect(seen.status?.lastRunSeen).toBe('report-7');
  });

  it('is not made again once it was seen, though somebody deleted it', () => {
    const status = planned('2026-01-05T10:02:00Z', { lastRunName: 'report-7', lastRunSeen: 'report-7' });
    expect(plan({ status }).actions).toEqual([]);
  });

  it('counts once, by the newest time, where several have passed', () => {
    const decided = plan({ status: planned('2026-01-05T08:00:00Z') });
    expect(decided.status?.lastRunName).toBe(DUE_NAME);
    expect(actionsOf(decided)).toEqual([`create ${DUE_NAME}`]);
  });

  it('tells of the times before it that were missed, in the status that records it and where it is skipped too', () => {
    const status = planned('2026-01-05T08:00:00Z');
    const missed = 'what was due from 2026-01-05T08:00:00Z on was missed';
    const message = `making SparkApplication ${DUE_NAME}, due at 2026-01-05T10:00:00Z; ${missed}`;
    expect(condition(plan({ status }), 'Ready')).toMatchObject({ message });
    const runs = [aRun('report-1', 'RUNNING')];
    for (const skipping of [{ startingDeadlineSeconds: 29 }, { concurrencyPolicy: 'Forbid' }]) {
      const decided = plan({ spec: skipping, status, observed: { runs } });
      expect(condition(decided, 'Ready')?.message).toMatch(/^the run due at 2026-01-05T10:00:00Z is skipped: /);
      expect(condition(decided, 'Ready')?.message.endsWith(`; ${missed}`)).toBe(true);
      expect(eventsOf(decided)).toEqual([expect.stringMatching(new RegExp(`^ScheduledRunSkipped: .*; ${missed}$`))]);
    }
  });

  it('is skipped after the deadline', () => {
    const decided = plan({ spec: { startingDeadlineSeconds: 29 }, status: DUE });
    expect(decided.actions).toEqual([]);
    expect(decided.status?.nextRun).toBe('2026-01-05T10:02:00Z');
    expect(eventsOf(decided)).toEqual([
      'ScheduledRunSkipped: the run due at 2026-01-05T10:00:00Z is skipped: it could not be started within spec.startingDeadlineSeconds (29 s)',
    ]);
    expect(actionsOf(plan({ spec: { startingDeadlineSeconds: 30 }, status: DUE }))).toEqual([`create ${DUE_NAME}`]);
  });

  it('leaves alone what has its name and is not its own', () => {
    const status = planned('2026-01-05T10:02:00Z', { lastRunName: 'report-7' });
    const last = aRun('report-7', 'RUNNING', { ownerReferences: [] });
    const decided = plan({ status, observed: { last } });
    expect(decided.actions).toEqual([]);
    expect(eventsOf(decided)).toEqual([
      'NameTaken: run report-7 is not started: SparkApplication report-7 is not its own',
    ]);
    expect(plan({ status: decided.status ?? {}, observed: { last } }).events).toEqual([]);
  });
});

describe('another run that is not over', () => {
  const runs = [aRun('report-1', 'RUNNING'), aRun('report-2', 'COMPLETED')];

  it('has company with Allow, which holds where nothing is said', () => {
    for (const concurrencyPolicy of ['Allow', '', undefined]) {
      expect(actionsOf(plan({ spec: { concurrencyPolicy }, status: DUE, observed: { runs } }))).toEqual([
        `create ${DUE_NAME}`,
      ]);
    }
  });

  it('keeps the next one from being started with Forbid: that one is skipped', () => {
    const decided = plan({ spec: { concurrencyPolicy: 'Forbid' }, status: DUE, observed: { runs } });
    expect(decided.actions).toEqual([]);
    expect(decided.status?.nextRun).toBe('2026-01-05T10:02:00Z');
    expect(decided.status?.lastRunName).toBeUndefined();
    expect(eventsOf(decided)).toEqual([
      'ScheduledRunSkipped: the run due at 2026-01-05T10:00:00Z is skipped: run report-1 is not over and spec.concurrencyPolicy is Forbid',
    ]);
  });

  it('is deleted with Replace, and the next one made when it is gone with its driver', () => {
    const spec = { concurrencyPolicy: 'Replace' };
    const decided = plan({ spec, status: DUE, observed: { runs } });
    expect(actionsOf(decided)).toEqual(['delete report-1 Foreground']);
    expect(decided.status?.lastRunName).toBe(DUE_NAME);
    expect(condition(decided, 'Reconciling')).toMatchObject({
      reason: 'WaitingForRun',
      message: `run ${DUE_NAME} waits until run report-1, which it replaces, is gone`,
    });
    const status = decided.status ?? {};
    const going = aRun('report-1', 'RUNNING', { deletionTimestamp: '2026-01-05T10:00:30Z' });
    expect(plan({ spec, status, observed: { runs: [going] } }).actions).toEqual([]);
    expect(actionsOf(plan({ spec, status }))).toEqual([`create ${DUE_NAME}`]);
  });
});

describe('the history', () => {
  const at = (minute: number): Partial<ObjectMeta> => ({ creationTimestamp: `2026-01-05T09:0${minute}:00Z` });
  const runs = [
    aRun('c-1', 'COMPLETED', at(1)),
    aRun('f-2', 'FAILED', at(2)),
    aRun('c-3', 'COMPLETED', at(3)),
    aRun('f-4', 'FAILED', at(4)),
    aRun('c-5', 'COMPLETED', at(5)),
    aRun('r-6', 'RUNNING', at(6)),
  ];

  it('keeps the newest run of each end where nothing is said', () => {
    const decided = plan({ status: planned('2026-01-05T10:02:00Z'), observed: { runs } });
    expect(decided.status).toMatchObject({ pastSuccessfulRunNames: ['c-5'], pastFailedRunNames: ['f-4'] });
    expect(actionsOf(decided)).toEqual(['delete c-3 Foreground', 'delete c-1 Foreground', 'delete f-2 Foreground']);
  });

  it('keeps as many as the spec says, none for 0', () => {
    const spec = { successfulRunHistoryLimit: 2, failedRunHistoryLimit: 0 };
    const decided = plan({ spec, status: planned('2026-01-05T10:02:00Z'), observed: { runs } });
    expect(decided.status).toMatchObject({ pastSuccessfulRunNames: ['c-5', 'c-3'], pastFailedRunNames: [] });
    expect(actionsOf(decided)).toEqual(['delete c-1 Foreground', 'delete f-4 Foreground', 'delete f-2 Foreground']);
  });
});

describe('weir.dev/run-now', () => {
  const metadata = { annotations: { 'weir.dev/run-now': 'monday' } };

  it('starts a run once for each text, and leaves the planned time alone', () => {
    const status = planned('2026-01-05T10:02:00Z');
    const decided = plan({ metadata, status });
    expect(decided.status).toMatchObject({ runNowToken: 'monday', nextRun: '2026-01-05T10:02:00Z' });
    const name = decided.status?.lastRunName ?? '';
    expect(name).toMatch(/^report-now-[0-9a-f]{10}$/);
    expect(actionsOf(decided)).toEqual([`create ${name}`]);
    expect(eventsOf(decided)).toEqual([`ScheduledRunStarted: run ${name} is started, asked for by weir.dev/run-now`]);
    const after = plan({ metadata, status: decided.status ?? {}, observed: { last: aRun(name, 'RUNNING') } });
    expect(after.actions).toEqual([]);
    const other = plan({ metadata: { annotations: { 'weir.dev/run-now': 'tuesday' } }, status });
    expect(other.status?.lastRunName).not.toBe(name);
  });

  it('records a hash of a long text', () => {
    const long = { annotations: { 'weir.dev/run-now': 'x'.repeat(101) } };
    const decided = plan({ metadata: long, status: planned('2026-01-05T10:02:00Z') });
    expect(decided.status?.runNowToken).toMatch(/^[0-9a-f]{32}$/);
    const name = decided.status?.lastRunName ?? '';
    const again = plan({ metadata: long, status: decided.status ?? {}, observed: { last: aRun(name, 'RUNNING') } });
    expect(again.actions).toEqual([]);
  });

  it('waits while another run is not over and Forbid holds', () => {
    const spec = { concurrencyPolicy: 'Forbid' };
    const runs = [aRun('report-1', 'RUNNING')];
    const decided = plan({ metadata, spec, status: planned('2026-01-05T10:02:00Z'), observed: { runs } });
    expect(decided.actions).toEqual([]);
    expect(decided.status?.runNowToken).toBeUndefined();
    expect(condition(decided, 'Reconciling')).toMatchObject({
      reason: 'WaitingForRun',
      message: 'the run asked for by weir.dev/run-now waits until run report-1 is over',
    });
  });
});

describe('suspend, deletion and taking over', () => {
  it('suspend plans nothing, and going on plans the first time after now', () => {
    const suspended = plan({ spec: { suspend: true }, status: DUE });
    expect(suspended.actions).toEqual([]);
    expect(suspended.status?.nextRun).toBeUndefined();
    expect(condition(suspended, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(plan({ status: suspended.status ?? {} }).status?.nextRun).toBe('2026-01-05T10:02:00Z');
  });

  it('another schedule or time zone plans anew', () => {
    expect(plan({ spec: { schedule: '@hourly' }, status: DUE }).status?.nextRun).toBe('2026-01-05T11:00:00Z');
    const spec = { timeZone: 'Asia/Tokyo' };
    expect(plan({ spec, status: DUE }).status).toMatchObject({
      nextRun: '2026-01-05T10:02:00Z',
      observedSchedule: '*/2 * * * * Asia/Tokyo',
    });
  });

  it('does nothing to one that is being deleted: its runs go with it', () => {
    const decided = plan({ metadata: { deletionTimestamp: '2026-01-05T10:00:00Z' }, status: DUE });
    expect(decided).toMatchObject({ because: 'Deleting', status: undefined, actions: [] });
  });

  it('goes on from a status of the incumbent: its last run is not made again, its next run is', () => {
    const status: ScheduledSparkApplicationStatus = {
      scheduleState: 'Scheduled',
      lastRun: '2026-01-05T09:58:00Z',
      lastRunName: 'report-1767607080000000123',
      nextRun: '2026-01-05T10:02:00Z',
    };
    const decided = plan({ status });
    expect(decided.actions).toEqual([]);
    expect(decided.status).toMatchObject({ ...status, lastRunSeen: 'report-1767607080000000123' });
    expect(actionsOf(plan({ status: { ...status, nextRun: '2026-01-05T10:00:00Z' } }))).toEqual([`create ${DUE_NAME}`]);
  });

  it('one that the incumbent gave up for a bad spec goes on once its spec is good', () => {
    const status = { scheduleState: 'FailedValidation', reason: 'expected exactly 5 fields' };
    expect(plan({ status }).status).toMatchObject({ scheduleState: 'Scheduled', nextRun: '2026-01-05T10:02:00Z' });
  });
});

describe('a failed pass', () => {
  it('is told in the conditions, and by nothing else', () => {
    const failure: Failure = { kind: 'stalled', reason: 'Forbidden', message: 'no rights' };
    const decided = decideScheduleFailed(situation({ status: DUE }), failure);
    expect(decided).toMatchObject({ because: 'Forbidden', actions: [], status: { nextRun: DUE.nextRun } });
    expect(decided && condition(decided, 'Stalled')).toMatchObject({ reason: 'Forbidden', message: 'no rights' });
    expect(decideScheduleFailed(situation({}), { kind: 'conflict', message: 'newer' })).toBeUndefined();
  });
});
