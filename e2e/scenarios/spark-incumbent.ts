import { join } from 'node:path';
import type { ScheduledSparkApplicationStatus } from '../../src/spark/schedule/schema.ts';
import type { ApplicationState } from '../../src/spark/status-schema.ts';
import { describeSpark, readSpark, sparkApplication, sparkTarget, weirJob } from '../kit/spark.ts';
import { installSparkOperator, type SparkOperator } from '../kit/spark-operator.ts';
import { podsOf } from './release.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { deleteSpark, untilState, watchDrivers } from './spark-life.ts';

const crds = join(import.meta.dirname, '../../charts/weir/crds');

/** The incumbent itself, run and then replaced: what it left goes on, and nothing of it runs a second time. */
export const sparkIncumbent: Scenario = {
  name: 'spark-incumbent',
  summary:
    'Spark 3.5: what the Kubeflow Spark Operator 2.5.1 itself has begun, ended, failed, suspended and lost sight of is taken over from it',
  images: ['spark-3.5.9'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { operator, stage, namespace } = context;
    let left: Left | undefined;
    await operator.whileStopped(async () => {
      const incumbent = await installSparkOperator(stage, namespace);
      try {
        await begin(context);
        await loseSight(context, incumbent);
      } finally {
        await incumbent.uninstall();
        await stage.run('kubectl', ['apply', '--server-side', '--force-conflicts', '-f', crds]);
      }
      left = await look(context);
    });
    expectEqual('what is left', await taken(context), left);
    await resume(context);
    for (const { name } of APPLICATIONS) await deleteSpark(context, name);
  },
};

interface Application {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** What the incumbent says of it in the end. */
  readonly state: ApplicationState;
  /** What Weir says of it, where that is another state. */
  readonly becomes?: ApplicationState;
}

const stays = weirJob('Inspect', '--stay', '1800');
const fails = weirJob('Fails', '--exit', '3');
const aDay = 86_400;
const retried = { type: 'OnFailure', onFailureRetries: 3, onFailureRetryInterval: aDay };
const submittedAgain = { type: 'OnFailure', onSubmissionFailureRetries: 3, onSubmissionFailureRetryInterval: aDay };

const LOST: Application = {
  name: 'lost',
  spec: { ...stays, restartPolicy: submittedAgain },
  state: 'SUBMISSION_FAILED',
  becomes: 'RUNNING',
};
const SUSPENDED: Application = {
  name: 'suspended',
  spec: { ...weirJob('Inspect', '--stay', '1'), suspend: true },
  state: 'SUSPENDED',
};
const APPLICATIONS: readonly Application[] = [
  SUSPENDED,
  { name: 'runs', spec: stays, state: 'RUNNING' },
  { name: 'ended', spec: weirJob('Inspect', '--stay', '1'), state: 'COMPLETED' },
  { name: 'failed', spec: fails, state: 'FAILED' },
  { name: 'failing', spec: { ...fails, restartPolicy: retried }, state: 'FAILING' },
  LOST,
];

const schedule = { plural: 'scheduledsparkapplications', name: 'report' } as const;

/** All but one are what the incumbent makes of them by itself. */
async function begin(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  const { spec: template } = wish(context, SUSPENDED);
  await kube.apply({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'ScheduledSparkApplication',
    metadata: { namespace, name: schedule.name },
    spec: { schedule: '0 3 1 1 *', timeZone: 'UTC', template },
  });
  // One after the other: each takes a Java virtual machine to submit.
  for (const application of APPLICATIONS.filter((each) => each !== LOST)) {
    await kube.apply(wish(context, application));
    await untilLeft(context, application);
  }
}

function wish(context: ScenarioContext, { name, spec }: Application) {
  const { namespace } = context;
  return sparkApplication({ name, namespace, image: context.sparkImage('3.5.9'), sparkVersion: '3.5.9', spec });
}

async function untilLeft({ kube, namespace, until }: ScenarioContext, { name, state }: Application): Promise<void> {
  await until(`${name} to be ${state} under the old operator`, async () => {
    const seen = await readSpark(kube, namespace, name);
    return seen?.status.applicationState?.state === state ? { done: true } : { not: describeSpark(seen) };
  });
}

const policy = 'weir-e2e-no-status';

/** Its first status cannot be written: the driver is there, it submits once more, and says that the submission failed. */
async function loseSight(context: ScenarioContext, incumbent: SparkOperator): Promise<void> {
  const { kube, namespace, stage } = context;
  context.say(`refuse every status of ${LOST.name}`);
  await stage.run('kubectl', ['apply', '-f', '-'], JSON.stringify(refusal()));
  try {
    await context.until('statuses to be refused', async () => {
      const change = ['--subresource=status', '--type=merge', '-p', '{"status":{"sparkApplicationId":"x"}}'];
      const target = ['-n', namespace, 'patch', 'sparkapplication', SUSPENDED.name, '--dry-run=server'];
      const answer = await stage.run('kubectl', [...target, ...change]).catch(String);
      return answer.includes(policy) ? { done: true } : { not: answer };
    });
    await kube.apply(wish(context, LOST));
    await context.until('the old operator to be refused', async () => {
      const log = await incumbent.log();
      return log.includes(policy) ? { done: true } : { not: log.slice(-500) };
    });
    const driver = await kube.get({ plural: 'pods', namespace, name: `${LOST.name}-driver` });
    expect(driver !== undefined, 'the status that was refused is not of a submission');
  } finally {
    for (const { kind, metadata } of refusal().items) {
      await stage.run('kubectl', ['delete', kind.toLowerCase(), metadata.name, '--ignore-not-found']);
    }
  }
  await untilLeft(context, LOST);
}

/** A policy of the API server's own. That of the suspended one, which is settled, shows when it holds. */
function refusal() {
  const rule = {
    apiGroups: ['sparkoperator.k8s.io'],
    apiVersions: ['*'],
    operations: ['UPDATE'],
    resources: ['sparkapplications/status'],
    resourceNames: [LOST.name, SUSPENDED.name],
  };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const spec = {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: 'false', message: 'not now' }],
  };
  const binding = { policyName: policy, validationActions: ['Deny'] };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name: policy }, spec },
      { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: policy }, spec: binding },
    ],
  };
}

/** What must be the same before and after: driver pods, and what is planned. */
interface Left {
  readonly drivers: readonly unknown[];
  readonly nextRun: unknown;
}

async function look(context: ScenarioContext): Promise<Left> {
  const { kube, namespace } = context;
  const found = await kube.get({ ...schedule, namespace });
  const { nextRun } = (found?.status ?? {}) as ScheduledSparkApplicationStatus;
  return { drivers: await podsOf(context, 'spark-role=driver'), nextRun };
}

async function taken(context: ScenarioContext): Promise<Left> {
  for (const { name, state, becomes = state } of APPLICATIONS) await untilState(context, name, becomes);
  const lost = await readSpark(context.kube, context.namespace, LOST.name);
  expectEqual(`executors of ${LOST.name} that run`, lost?.status.executors?.running, 1);
  return look(context);
}

/** What was suspended runs once it may, and then there is one driver more. */
async function resume(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  const drivers = await watchDrivers(context, SUSPENDED.name);
  context.say(`resume ${SUSPENDED.name}`);
  await kube.patch(sparkTarget(namespace, SUSPENDED.name), { spec: { suspend: false } });
  await untilState(context, SUSPENDED.name, 'COMPLETED');
  expectEqual('its drivers', drivers.all(), 1);
  drivers.stop();
}
