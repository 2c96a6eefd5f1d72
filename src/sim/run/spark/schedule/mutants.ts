import { isBeingDeleted, refOf } from '../../../../kube/object.ts';
import type { ScheduledSparkApplicationStatus } from '../../../../spark/schedule/schema.ts';
import type { SparkApplicationStatus } from '../../../../spark/schema.ts';
import { recordedByTheNext } from '../mutations.ts';
import {
  type ScheduleMutant,
  type ScheduleMutation,
  withObserved,
  withPlan,
  withRuns,
  withSpec,
  withStatus,
} from './mutations.ts';

/** Makes a run, and records only afterwards that it was to be made. */
const recordedAfterwards: ScheduleMutation = (reconciler) => withPlan(recordedByTheNext())(reconciler);

/** Names runs by when they are made, and not by when they are due. */
const namedByTheClock: ScheduleMutation = withPlan((plan, [, , now]) => ({
  ...plan,
  actions: plan.actions.map((action) => {
    if (action.kind !== 'create') return action;
    const name = `report-${now.getTime()}000000`;
    return { ...action, object: { ...action.object, metadata: { ...action.object.metadata, name } } };
  }),
}));

/** Deletes what goes on where no run is to be kept. */
const greedy: ScheduleMutation = withPlan((plan, [, { runs }]) => ({
  ...plan,
  actions: [
    ...plan.actions,
    ...runs
      .filter((run) => !isBeingDeleted(run))
      .filter(({ status }) => (status as SparkApplicationStatus | undefined)?.applicationState?.state === 'RUNNING')
      .map((run) => ({
        kind: 'delete' as const,
        ref: refOf(run),
        uid: run.metadata.uid ?? '',
        propagation: 'Background' as const,
        because: 'planted',
      })),
  ],
}));

/** Tells nobody why there is no run. */
const silent: ScheduleMutation = withPlan((plan) => ({
  ...plan,
  events: plan.events.filter(({ reason }) => reason !== 'ScheduledRunSkipped'),
  ...(plan.status === undefined ? {} : { status: withoutMessages(plan.status) }),
}));

function withoutMessages(status: ScheduledSparkApplicationStatus): ScheduledSparkApplicationStatus {
  return { ...status, conditions: (status.conditions ?? []).map((condition) => ({ ...condition, message: '' })) };
}

/** Says when it looked last, and looks every ten seconds. */
const restless: ScheduleMutation = withPlan((plan, [, , now]) => ({
  ...plan,
  ...(plan.status === undefined ? {} : { status: { ...plan.status, reason: `${Math.floor(now.getTime() / 10_000)}` } }),
  requeueAfterMs: 10_000,
}));

/** Takes every run for one that was seen as soon as it is recorded. */
const hasty = withStatus((status) =>
  status.lastRunName === undefined ? status : { ...status, lastRunSeen: status.lastRunName },
);

/** The number of the write that records the run of 00:10 in a life that begins with its creation. */
const RECORDS = 2;

/** One for each of the invariants that guard the runs of a schedule. */
export const SCHEDULE_MUTANTS: readonly ScheduleMutant[] = [
  {
    name: 'does not see that a run goes on',
    rule: 'I1',
    scenario: 'spark schedule, Forbid: the run before is not over',
    mutate: withObserved((observed) => ({ ...observed, runs: [] })),
  },
  {
    name: 'does not wait until the run that is replaced is gone',
    rule: 'I1',
    scenario: 'spark schedule, Replace: the run before is slow to stop',
    mutate: withObserved((observed) => ({ ...observed, runs: observed.runs.filter((run) => !isBeingDeleted(run)) })),
  },
  {
    name: 'makes a run again that is gone',
    rule: 'I5',
    scenario: 'spark schedule, a run is deleted by hand while it goes on',
    mutate: withStatus(({ lastRunSeen: _seen, ...status }) => status),
  },
  {
    name: 'makes two runs for one time after a crash',
    rule: 'starts',
    scenario: 'spark schedule, Allow: one after the other',
    mutate: (reconciler) => namedByTheClock(recordedAfterwards(reconciler)),
    faults: [{ at: 'write', n: RECORDS, fault: { kind: 'crash-after' } }],
  },
  {
    name: 'forgets a run that it recorded',
    rule: 'starts',
    scenario: 'spark schedule, Allow: one after the other',
    mutate: hasty,
    faults: [{ at: 'write', n: RECORDS, fault: { kind: 'crash-after' } }],
  },
  {
    name: 'goes by another time zone',
    rule: 'starts',
    scenario: 'spark schedule, the hour that daylight saving leaves out',
    mutate: withSpec({ timeZone: 'UTC' }),
  },
  {
    name: 'deletes a run that goes on',
    rule: 'I6',
    scenario: 'spark schedule, none is kept, and one goes on for long',
    mutate: greedy,
  },
  {
    name: 'leaves runs without an owner',
    rule: 'I6',
    scenario: 'spark schedule, deleted while a run goes on',
    mutate: withRuns(({ metadata: { ownerReferences: _owners, ...metadata }, ...run }) => ({ ...run, metadata })),
  },
  {
    name: 'keeps what is beyond the limits',
    rule: 'end',
    scenario: 'spark schedule, two of four are kept',
    mutate: withPlan((plan) => ({ ...plan, actions: plan.actions.filter(({ kind }) => kind !== 'delete') })),
  },
  {
    name: 'tells nobody of a time that passed without a run',
    rule: 'I7',
    scenario: 'spark schedule, Forbid: the run before is not over',
    mutate: silent,
  },
  {
    name: 'says it has seen a run before there is one',
    rule: 'I7',
    scenario: 'spark schedule, Allow: one after the other',
    mutate: hasty,
  },
  { name: 'writes without end', rule: 'I9', scenario: 'spark schedule, created suspended', mutate: restless },
  {
    name: 'goes on making runs from an old template',
    rule: 'I16',
    scenario: 'spark schedule, edited between two runs',
    mutate: withRuns((run) => ({ ...run, spec: { ...(run.spec as object), image: 'spark:1' } })),
  },
  {
    name: 'does not hear of a suspension',
    rule: 'starts',
    scenario: 'spark schedule, suspended over a time',
    mutate: withSpec({ suspend: false }),
  },
];
