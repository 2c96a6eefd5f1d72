import { isBeingDeleted } from '../../../kube/object.ts';
import {
  all,
  type Mutation,
  recordedByTheNext,
  type SparkMutant,
  statusOf,
  withDrivers,
  withObserved,
  withOwnNames,
  withPlan,
} from './mutations.ts';

const SUBMISSION = 'sparkoperator.k8s.io/submission-id';

/** #2788: the submission is recorded once it has been made, and a driver nobody recorded is nobody's. */
const recordedAfterwards: Mutation = (reconciler) =>
  all(
    withDrivers((driver, resource) => driver.metadata.labels?.[SUBMISSION] === statusOf(resource).submissionID),
    withPlan(recordedByTheNext()),
  )(reconciler);

/** A failure of a pass that is taken for a submission that failed for good. */
function failingFor(kinds: readonly string[]): Mutation {
  return (reconciler) => ({
    ...reconciler,
    failed: (resource, failure, now) => {
      const reason = 'reason' in failure ? failure.reason : failure.kind;
      const { message } = failure;
      const known = kinds.includes(reason) ? ({ kind: 'stalled', reason, message } as const) : failure;
      return reconciler.failed?.(resource, known, now);
    },
  });
}

/** #197: an application that runs is submitted again when its executors come. */
const resubmitting: Mutation = (reconciler) => {
  let done = false;
  return {
    ...reconciler,
    decide: (resource, observed, now) => {
      if (done || statusOf(resource).executors?.running !== 2) return reconciler.decide(resource, observed, now);
      done = true;
      return reconciler.decide({ ...resource, status: undefined }, { ...observed, drivers: [] }, now);
    },
  };
};

/** #446: pods are told apart by the name of their application alone, those of the run before among them. */
const mixing: Mutation = withObserved((observed, resource) => {
  const { submissionID = '', applicationState } = statusOf(resource);
  if (applicationState?.state === 'INVALIDATING' && observed.drivers.every(isBeingDeleted)) {
    return { ...observed, drivers: [] };
  }
  const drivers = observed.drivers.map((driver) => ({
    ...driver,
    metadata: { ...driver.metadata, labels: { ...driver.metadata.labels, [SUBMISSION]: submissionID } },
  }));
  return { ...observed, drivers };
});

/** Stackable #646: what is not seen to run is started once more beside itself. */
const besideItself: Mutation = all(
  withOwnNames(2),
  withDrivers((_driver, resource) => statusOf(resource).applicationState?.state !== 'SUBMITTED'),
  withObserved((observed) => ({ ...observed, supports: [] })),
);

/** The number of the write that creates the driver pod in a life that begins with its creation. */
const CREATE = 5;

/** Bugs the Kubeflow Spark Operator and Stackable's had, by their issues, planted here. */
export const SPARK_REGRESSIONS: readonly SparkMutant[] = [
  {
    name: 'kubeflow #2788: submitted again after a restart',
    rule: 'end',
    scenario: 'spark, Never: success',
    mutate: recordedAfterwards,
    faults: [{ at: 'write', n: CREATE - 1, fault: { kind: 'crash-after' } }],
  },
  {
    name: 'kubeflow #1521: a submission counts as failed although its driver is there',
    rule: 'end',
    scenario: 'spark, Never: success',
    mutate: all(
      withDrivers((_driver, resource) => statusOf(resource).driverSeen !== undefined),
      failingFor(['AlreadyExists']),
    ),
    faults: [{ at: 'write', n: CREATE, fault: { kind: 'lost' } }],
  },
  {
    name: 'kubeflow #2309: a rerun fails because the driver before it is not gone',
    rule: 'end',
    scenario: 'spark, edited while it runs, slow to stop',
    mutate: all(
      withDrivers((driver) => !isBeingDeleted(driver)),
      failingFor(['AlreadyExists']),
    ),
  },
  {
    name: 'kubeflow #197: an application that runs is submitted again',
    rule: 'I5',
    scenario: 'spark, Never: success',
    mutate: resubmitting,
  },
  {
    name: 'kubeflow #446: the driver of the run before is taken for the present one',
    rule: 'starts',
    scenario: 'spark, edited while it runs, slow to stop',
    mutate: mixing,
  },
  {
    name: 'stackable #646: two drivers at once',
    rule: 'I1',
    scenario: 'spark, Never: success',
    mutate: besideItself,
  },
];
