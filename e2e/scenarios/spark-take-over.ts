import { type KubeObject, ownerReference } from '../../src/kube/object.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import { javaOptions } from '../kit/java.ts';
import { driverLog, sparkApplication, sparkTarget, weirJob } from '../kit/spark.ts';
import { startRecorder } from '../spark-submit/recorder.ts';
import { sparkSubmit } from '../spark-submit/submit.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { expectStates, leaveStates, type Seen } from './spark-left.ts';
import { checkEnded, deleteSpark, untilState } from './spark-life.ts';
import { writeStatus } from './take-over.ts';

const name = 'left';

/** The id of the submission, as the incumbent draws them. */
export const submissionID = '0b7e7a0c-5a0f-4d6e-9a55-7d0f4f5b1c11';

/** What the incumbent leaves goes on from there in every state: a run that counts is followed to its end, never begun again. */
export const sparkTakeOver: Scenario = {
  name: 'spark-take-over',
  summary:
    'Spark 4.3: a driver made by spark-submit, and drivers and statuses as the Kubeflow operator leaves them in every state, are taken over and not run again',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    let left: KubeObject | undefined;
    let states: readonly Seen[] = [];
    await context.operator.whileStopped(async () => {
      states = await leaveStates(context);
      left = await leaveSpark(context, { name, stay: 45 });
    });
    await expectStates(context, states);
    const taken = await untilState(context, name, 'RUNNING');
    expectEqual('the submission', taken.status.submissionID, submissionID);
    expectEqual('executors by name', Object.keys(taken.status.executorState ?? {}).length, 1);
    checkEnded(await untilState(context, name, 'COMPLETED'), { runs: 1 });
    const drivers = await context.kube.list(
      'pods',
      context.namespace,
      `spark-role=driver,${SPARK_LABELS.appName}=${name}`,
    );
    expectEqual(
      'drivers',
      drivers.map(({ metadata }) => metadata.uid),
      [left?.metadata.uid],
    );
    await deleteSpark(context, name);
  },
};

/** An application that is to be left running. */
export interface LeftSpark {
  readonly name: string;
  /** How long its driver stays, in seconds. */
  readonly stay: number;
}

/** Leaves a running application as the incumbent does, and returns its driver pod. No operator may look after it meanwhile. */
export async function leaveSpark(context: ScenarioContext, { name, stay }: LeftSpark): Promise<KubeObject> {
  const { kube, namespace, say } = context;
  const image = context.sparkImage('4.3.0');
  const spec = weirJob('Inspect', '--stay', String(stay));
  const application = await kube.apply(sparkApplication({ name, namespace, image, sparkVersion: '4.3.0', spec }));
  say('spark-submit it as the incumbent does');
  await submitted(context, { name, stay });
  const pod = { plural: 'pods', namespace, name: `${name}-driver` } as const;
  // Its webhook makes the application the owner of the driver.
  await kube.patch(pod, { metadata: { ownerReferences: [ownerReference(application, { controller: true })] } });
  await context.until('the application to run', async () => {
    const log = await driverLog(kube, namespace, pod.name);
    return log.includes('weir: {"role":"executor"') ? { done: true } : { not: log.slice(-200) };
  });
  const driver = await kube.get(pod);
  expect(driver !== undefined, 'the driver is gone');
  const status = {
    applicationState: { state: 'RUNNING' },
    driverInfo: { podName: pod.name },
    executionAttempts: 1,
    submissionAttempts: 1,
    lastSubmissionAttemptTime: driver.metadata.creationTimestamp,
    terminationTime: null,
    sparkApplicationId: driver.metadata.labels?.['spark-app-selector'],
    submissionID,
  };
  await writeStatus(context, sparkTarget(namespace, name), status);
  return driver;
}

async function submitted(context: ScenarioContext, { name, stay }: LeftSpark): Promise<void> {
  const { namespace, stage } = context;
  const labels = {
    [SPARK_LABELS.appName]: name,
    [SPARK_LABELS.launched]: 'true',
    [SPARK_LABELS.submissionId]: submissionID,
  };
  const ofRole = (role: 'driver' | 'executor') => ({
    ...Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`spark.kubernetes.${role}.label.${key}`, value]),
    ),
    [`spark.${role}.memory`]: '512m',
    [`spark.kubernetes.${role}.request.cores`]: '100m',
    [`spark.${role}.extraJavaOptions`]: javaOptions,
  });
  const conf = {
    ...ofRole('driver'),
    ...ofRole('executor'),
    'spark.kubernetes.container.image': context.sparkImage('4.3.0'),
    'spark.kubernetes.authenticate.driver.serviceAccountName': 'spark',
    'spark.executor.instances': '1',
  };
  const flags = Object.entries(conf).flatMap(([key, value]) => ['--conf', `${key}=${value}`]);
  const { mainClass, mainApplicationFile, arguments: args } = weirJob('Inspect', '--stay', String(stay));
  const recorder = await startRecorder(stage.cluster.kubeconfig);
  try {
    const program = ['--class', String(mainClass), String(mainApplicationFile), ...(args as readonly string[])];
    await sparkSubmit({ url: recorder.url, version: '4.3.0', namespace, name, args: [...flags, ...program] });
  } finally {
    await recorder.close();
  }
}
