import type { KubeObject } from '../../src/kube/object.ts';
import type { SparkConnectStatus } from '../../src/spark/connect/schema.ts';
import { javaOptions } from '../kit/java.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { leftOf } from './spark-life.ts';

const name = 'query';

/** A Spark Connect server answers a client in another pod, is replaced for another spec, and leaves nothing. */
export const sparkConnect: Scenario = {
  name: 'spark-connect',
  summary:
    'Spark 4.3: a Spark Connect server answers a query of a client pod, before and after an edit; deleting it leaves nothing',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    const { kube } = context;
    context.say(`apply SparkConnect ${name}`);
    await kube.apply(server(context));
    const first = await untilReady(context);
    expectEqual('the Service', first.status.server?.serviceName, `${name}-server`);
    await query(context, 'first');
    context.say('edit its properties: another server takes its place');
    await kube.patch(target(context), { spec: { sparkConf: { 'spark.sql.session.timeZone': 'UTC' } } });
    const second = await untilReady(context);
    const runs = [first, second].map(({ status }) => status.run?.submissionID);
    expect(runs[0] !== runs[1], 'the server was not replaced');
    await query(context, 'second');
    await kube.delete(target(context));
    await context.until('the server and all that belongs to it to be gone', async () => {
      const left = await leftOf(context, name);
      return left.length === 0 ? { done: true } : { not: left.join(', ') };
    });
  },
};

function target({ namespace }: ScenarioContext) {
  return { plural: 'sparkconnects', namespace, name } as const;
}

function server(context: ScenarioContext): KubeObject {
  const role = { cores: 1, memory: '512m' };
  return {
    apiVersion: 'sparkoperator.k8s.io/v1alpha1',
    kind: 'SparkConnect',
    metadata: { name, namespace: context.namespace },
    spec: {
      sparkVersion: '4.3.0',
      image: context.sparkImage('4.3.0'),
      sparkConf: {
        'spark.kubernetes.driver.request.cores': '100m',
        'spark.kubernetes.executor.request.cores': '100m',
        'spark.driver.extraJavaOptions': javaOptions,
        'spark.executor.extraJavaOptions': javaOptions,
      },
      server: { ...role, serviceAccount: 'spark' },
      executor: { ...role, instances: 1 },
    },
  };
}

async function untilReady(context: ScenarioContext): Promise<{ readonly status: SparkConnectStatus }> {
  return context.until(`${name} to be Ready with an executor`, async () => {
    const object = await context.kube.get(target(context));
    const status = (object?.status ?? {}) as SparkConnectStatus;
    const current = status.observedGeneration === object?.metadata.generation;
    const done = current && status.state === 'Ready' && status.executors?.running === 1;
    return done ? { done: { status } } : { not: JSON.stringify(status) };
  });
}

/** Runs a client in a pod of its own. It must not see the server's own classes, which are in the same image. */
async function query(context: ScenarioContext, pod: string): Promise<void> {
  const { kube, namespace } = context;
  const script = [
    'cd /opt/spark',
    "others=$(ls jars/*.jar | grep -Ev '/spark-(sql|connect|catalyst)' | tr '\\n' ':')",
    'path="examples/weir/weir-jobs.jar:$(ls jars/connect-repl/spark-connect-client-jvm*.jar):$others"',
    'exec java --add-opens=java.base/java.nio=ALL-UNNAMED -cp "$path" dev.weir.spark.Query',
  ];
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'client',
          image: context.sparkImage('4.3.0'),
          command: ['bash', '-ec', script.join('\n')],
          env: [{ name: 'SPARK_REMOTE', value: `sc://${name}-server:15002` }],
        },
      ],
    },
  });
  await context.until(`the ${pod} client to have its answer`, async () => {
    const log = await kube.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log`);
    const done = log.includes('weir: 500 of 1000 are even, says Spark 4.3.0');
    return done ? { done } : { not: log.slice(-500) };
  });
}
