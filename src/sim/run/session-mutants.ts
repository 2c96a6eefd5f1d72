import type { SessionJobReconciler } from '../../flink/session-job/controller.ts';
import type { SessionJobPlan } from '../../flink/session-job/decide.ts';
import { type FlinkSessionJobStatus, SESSION_JOB_FINALIZER } from '../../flink/session-job/schema.ts';
import type { SessionJobEffect } from '../../flink/session-job/situation.ts';
import type { Mutant } from './mutations.ts';

type Seen = Parameters<SessionJobReconciler['decide']>;

/** Changes every plan for a job on a session. */
function withPlan(change: (plan: SessionJobPlan, seen: Seen) => SessionJobPlan) {
  return (reconciler: SessionJobReconciler): SessionJobReconciler => ({
    ...reconciler,
    decide: (...seen) => change(reconciler.decide(...seen), seen),
  });
}

/** Changes everything that is asked of a session. */
function withEffects(change: (effect: SessionJobEffect) => SessionJobEffect) {
  return (reconciler: SessionJobReconciler): SessionJobReconciler => ({
    ...reconciler,
    perform: (resource, effect, signal) => reconciler.perform(resource, change(effect), signal),
  });
}

const withoutState = withEffects((effect) => {
  if (effect.kind !== 'submit') return effect;
  const { savepointPath: _path, ...run } = effect.submission.run;
  return { ...effect, submission: { ...effect.submission, run } };
});

const careless = withPlan((plan, [{ metadata }]) => {
  if (metadata.deletionTimestamp === undefined) return plan;
  const finalizer = { kind: 'finalizer', op: 'remove', finalizer: SESSION_JOB_FINALIZER, because: 'planted' } as const;
  return { because: plan.because, status: undefined, actions: [finalizer], events: [] };
});

/** Records no path of a savepoint, in the status or as a resource. */
const forgetful = withPlan((plan) => {
  const actions = plan.actions.filter((action) => !('object' in action && action.object.kind === 'FlinkStateSnapshot'));
  if (plan.status === undefined) return { ...plan, actions };
  const text = JSON.stringify(plan.status).replace(/s3:[^"\\ ]*savepoint-[^"\\ ]*/g, 's3://state/savepoints/lost');
  return { ...plan, actions, status: JSON.parse(text) as NonNullable<SessionJobPlan['status']> };
});

/** Lets every start drop state. */
const generous = withEffects((effect) => {
  if (effect.kind !== 'submit') return effect;
  const run = { ...effect.submission.run, allowNonRestoredState: true };
  return { ...effect, submission: { ...effect.submission, run } };
});

/** Takes every submission under way for one that was begun long ago. */
function hasty(reconciler: SessionJobReconciler): SessionJobReconciler {
  return {
    ...reconciler,
    decide(resource, observed, now) {
      const status = resource.status as FlinkSessionJobStatus | undefined;
      if (status?.reconciliationStatus?.state !== 'UPGRADING') return reconciler.decide(resource, observed, now);
      const reconciliationStatus = { ...status.reconciliationStatus, reconciliationTimestamp: 0 };
      return reconciler.decide({ ...resource, status: { ...status, reconciliationStatus } }, observed, now);
    },
  };
}

/** Stops the job that was submitted last, whosever it is. */
function mistaken(reconciler: SessionJobReconciler): SessionJobReconciler {
  let last: string | undefined;
  return withEffects((effect) => {
    if (effect.kind === 'submit') last = effect.submission.run.jobId;
    return effect.kind === 'stop-with-savepoint' ? { ...effect, jobId: last ?? effect.jobId } : effect;
  })(reconciler);
}

/** Fetches the jar it fetched first, whatever the URL is by now. */
function faithful(reconciler: SessionJobReconciler): SessionJobReconciler {
  let first: string | undefined;
  return withEffects((effect) => {
    if (effect.kind !== 'submit' || effect.submission.jar.artifact === undefined) return effect;
    const { jar } = effect.submission;
    first ??= jar.artifact?.url;
    const artifact = { ...effect.submission.jar.artifact, url: first ?? '' };
    return { ...effect, submission: { ...effect.submission, jar: { ...jar, name: `${jar.prefix}.jar`, artifact } } };
  })(reconciler);
}

/** Bugs in what is done with jobs on sessions. */
export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    name: 'submits a job without its state',
    rule: 'I2',
    scenario: 'session, savepoint: upgrade',
    mutateSessionJob: withoutState,
  },
  {
    name: 'does not record savepoints of jobs on sessions',
    rule: 'I5',
    scenario: 'session, savepoint: upgrade',
    mutateSessionJob: forgetful,
  },
  {
    name: 'lets a job on a session go while it runs',
    rule: 'I6',
    scenario: 'session, last-state: delete',
    mutateSessionJob: careless,
  },
  {
    name: 'drops state of the rejected program in a rollback',
    rule: 'I18',
    scenario: 'session, savepoint: rollback would drop state',
    mutateSessionJob: generous,
  },
  {
    name: 'takes a submission under way for that of a later spec',
    rule: 'I16',
    scenario: 'session, stateless, no HA: edit during upgrade',
    mutateSessionJob: hasty,
  },
  {
    name: 'stops the job of another',
    rule: 'I16',
    scenario: 'session, savepoint: upgraded while another job runs on',
    mutateSessionJob: mistaken,
  },
  {
    name: 'runs the jar of before',
    rule: 'I16',
    scenario: 'session, savepoint: another jar by URL',
    mutateSessionJob: faithful,
  },
];
