import { type KubeObject, ownerReference } from '../../src/kube/object.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import type { ApplicationState } from '../../src/spark/status-schema.ts';
import { describeSpark, readSpark, sparkApplication, sparkTarget, weirJob } from '../kit/spark.ts';
import { expectEqual, type ScenarioContext } from './scenario.ts';
import { type DriverHistory, watchDrivers } from './spark-life.ts';
import { writeStatus } from './take-over.ts';

/** How a driver that was left stands. It is a pod as spark-submit makes it but for its program, which does nothing. */
type LeftDriver = 'waits' | 'runs' | 'succeeded' | 'failed';

/** An application as the Kubeflow Spark Operator 2.5 leaves it, and what must come of it. */
interface LeftApplication {
  readonly name: string;
  readonly state: ApplicationState;
  readonly driver?: LeftDriver;
  /** The driver is of a submission that the status does not tell of. */
  readonly untold?: boolean;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Anything but the status that one run leaves behind. */
  readonly status?: Readonly<Record<string, unknown>>;
  readonly becomes: readonly ApplicationState[];
  /** Driver pods in all, the one that was left among them. */
  readonly drivers: number;
}

const again = { restartPolicy: { type: 'OnFailure', onFailureRetries: 3, onFailureRetryInterval: 1 } };
const submittedAgain = {
  restartPolicy: { type: 'OnFailure', onSubmissionFailureRetries: 3, onSubmissionFailureRetryInterval: 1 },
};
const later = { restartPolicy: { ...again.restartPolicy, onFailureRetryInterval: 86_400 } };

/** What a run that Weir begins is in, at first. */
const BEGUN = ['SUBMITTED', 'RUNNING'] as const;

/** What the status says no more once a run is given up for another one. */
const forgotten = { sparkApplicationId: undefined, driverInfo: {}, terminationTime: null };
const never = { submissionID: undefined, executionAttempts: 0, submissionAttempts: 0, lastSubmissionAttemptTime: null };

const LEFT: readonly LeftApplication[] = [
  {
    name: 'new',
    state: '',
    driver: 'runs',
    untold: true,
    status: { ...forgotten, ...never },
    becomes: ['RUNNING'],
    drivers: 1,
  },
  { name: 'submitted', state: 'SUBMITTED', driver: 'waits', becomes: ['SUBMITTED'], drivers: 1 },
  { name: 'submitted-runs', state: 'SUBMITTED', driver: 'runs', becomes: ['RUNNING'], drivers: 1 },
  { name: 'running', state: 'RUNNING', driver: 'runs', becomes: ['RUNNING'], drivers: 1 },
  { name: 'running-ended', state: 'RUNNING', driver: 'succeeded', spec: again, becomes: ['COMPLETED'], drivers: 1 },
  { name: 'running-failed', state: 'RUNNING', driver: 'failed', becomes: ['FAILED'], drivers: 1 },
  { name: 'running-gone', state: 'RUNNING', becomes: ['FAILED'], drivers: 0 },
  { name: 'unknown', state: 'UNKNOWN', driver: 'runs', becomes: ['RUNNING'], drivers: 1 },
  { name: 'succeeding', state: 'SUCCEEDING', driver: 'succeeded', becomes: ['COMPLETED'], drivers: 1 },
  { name: 'completed', state: 'COMPLETED', driver: 'succeeded', spec: again, becomes: ['COMPLETED'], drivers: 1 },
  { name: 'failing', state: 'FAILING', driver: 'failed', becomes: ['FAILED'], drivers: 1 },
  { name: 'failing-later', state: 'FAILING', driver: 'failed', spec: later, becomes: ['FAILING'], drivers: 1 },
  { name: 'failing-due', state: 'FAILING', driver: 'failed', spec: again, becomes: BEGUN, drivers: 2 },
  { name: 'failed', state: 'FAILED', driver: 'failed', spec: again, becomes: ['FAILED'], drivers: 1 },
  { name: 'pending', state: 'PENDING_RERUN', status: forgotten, spec: again, becomes: BEGUN, drivers: 1 },
  {
    name: 'pending-untold',
    state: 'PENDING_RERUN',
    driver: 'runs',
    untold: true,
    status: forgotten,
    spec: again,
    becomes: ['RUNNING'],
    drivers: 1,
  },
  { name: 'refused', state: 'SUBMISSION_FAILED', becomes: ['FAILED'], drivers: 0 },
  { name: 'refused-due', state: 'SUBMISSION_FAILED', spec: submittedAgain, becomes: BEGUN, drivers: 1 },
  {
    name: 'refused-untold',
    state: 'SUBMISSION_FAILED',
    driver: 'runs',
    untold: true,
    becomes: ['RUNNING'],
    drivers: 1,
  },
  { name: 'invalidating', state: 'INVALIDATING', driver: 'runs', becomes: BEGUN, drivers: 2 },
  {
    name: 'suspending',
    state: 'SUSPENDING',
    driver: 'runs',
    spec: { suspend: true },
    becomes: ['SUSPENDED'],
    drivers: 1,
  },
  {
    name: 'suspended',
    state: 'SUSPENDED',
    status: forgotten,
    spec: { suspend: true },
    becomes: ['SUSPENDED'],
    drivers: 0,
  },
  { name: 'resuming', state: 'RESUMING', status: forgotten, becomes: BEGUN, drivers: 1 },
];

/** Applications that were left, with what is seen of their drivers from then on. */
export interface Seen {
  readonly application: LeftApplication;
  readonly drivers: DriverHistory;
}

/** Leaves an application in each state, with the driver pod that it has there. No operator may look after them meanwhile. */
export async function leaveStates(context: ScenarioContext): Promise<readonly Seen[]> {
  context.say(`leave ${LEFT.length} applications, one or more in each state`);
  await Promise.all(LEFT.map((application) => leaveOne(context, application)));
  const waited = LEFT.filter(({ driver }) => driver !== undefined);
  await Promise.all(waited.map((application) => untilDriver(context, application)));
  return Promise.all(
    LEFT.map(async (application) => ({ application, drivers: await watchDrivers(context, application.name) })),
  );
}

async function leaveOne(context: ScenarioContext, left: LeftApplication): Promise<void> {
  const { kube, namespace } = context;
  const { name, state, driver, untold = false } = left;
  const image = context.sparkImage('4.3.0');
  const spec = { ...weirJob('Inspect', '--stay', '1'), ...left.spec };
  const application = await kube.apply(sparkApplication({ name, namespace, image, sparkVersion: '4.3.0', spec }));
  if (driver !== undefined) await kube.apply(driverPod(application, { driver, image, untold }));
  const ended = ['SUCCEEDING', 'COMPLETED', 'FAILING', 'FAILED'].includes(state);
  await writeStatus(context, sparkTarget(namespace, name), {
    applicationState: { state, ...(ended ? { errorMessage: 'as it was left' } : {}) },
    driverInfo: { podName: `${name}-driver` },
    executionAttempts: 1,
    submissionAttempts: 1,
    lastSubmissionAttemptTime: minutesAgo(10),
    terminationTime: ended ? minutesAgo(5) : null,
    sparkApplicationId: `spark-${name}`,
    submissionID: told(name),
    ...left.status,
  });
}

/** The submission that a status tells of. */
function told(name: string): string {
  return `${name}-told`;
}

function minutesAgo(minutes: number): string {
  return `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;
}

const PROGRAMS: Readonly<Record<LeftDriver, string>> = {
  waits: 'exit 0',
  runs: 'sleep 3600',
  succeeded: 'exit 0',
  failed: 'exit 3',
};

interface Made {
  readonly driver: LeftDriver;
  readonly image: string;
  readonly untold: boolean;
}

function driverPod(application: KubeObject, { driver, image, untold }: Made): KubeObject {
  const { name, namespace = '' } = application.metadata;
  const labels = {
    [SPARK_LABELS.appName]: name,
    [SPARK_LABELS.launched]: 'true',
    [SPARK_LABELS.submissionId]: untold ? `${name}-untold` : told(name),
    'spark-app-selector': `spark-${name}`,
    'spark-role': 'driver',
  };
  const command = ['sh', '-c', PROGRAMS[driver]];
  const container = { name: 'spark-kubernetes-driver', image, imagePullPolicy: 'IfNotPresent', command };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-driver`,
      namespace,
      labels,
      ownerReferences: [ownerReference(application, { controller: true })],
    },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [container],
      ...(driver === 'waits' ? { nodeSelector: { 'weir.dev/there-is': 'none' } } : {}),
    },
  };
}

const PHASES: Readonly<Record<LeftDriver, string>> = {
  waits: 'Pending',
  runs: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
};

async function untilDriver({ kube, namespace, until }: ScenarioContext, left: LeftApplication): Promise<void> {
  const { name, driver = 'runs' } = left;
  await until(`the driver of ${name} to be ${PHASES[driver]}`, async () => {
    const pod = await kube.get({ plural: 'pods', namespace, name: `${name}-driver` });
    const { phase = 'none' } = (pod?.status ?? {}) as { phase?: string };
    return phase === PHASES[driver] ? { done: phase } : { not: phase };
  });
}

/** Waits until each is what it must become, and holds them to their drivers: never two at once, and no more than may be. Ends the watches. */
export async function expectStates(context: ScenarioContext, seen: readonly Seen[]): Promise<void> {
  try {
    for (const one of seen) await expectState(context, one);
    for (const { application, drivers } of seen) {
      const { name, drivers: wanted } = application;
      expectEqual(
        `drivers of ${name}, at once at most and in all`,
        [drivers.most(), drivers.all()],
        [Math.min(1, wanted), wanted],
      );
    }
  } finally {
    for (const { drivers } of seen) drivers.stop();
  }
}

async function expectState({ kube, namespace, until }: ScenarioContext, { application, drivers }: Seen): Promise<void> {
  const { name, state, becomes } = application;
  await until(`${name}, left ${state || 'new'}, to be ${becomes.join(' or ')}`, async () => {
    const live = await readSpark(kube, namespace, name);
    const { applicationState, observedGeneration } = live?.status ?? {};
    const settled = observedGeneration === live?.object.metadata.generation && drivers.all() >= application.drivers;
    const done = settled && becomes.some((wanted) => wanted === applicationState?.state);
    return done ? { done } : { not: `${describeSpark(live)}; ${drivers.all()} drivers` };
  });
}
