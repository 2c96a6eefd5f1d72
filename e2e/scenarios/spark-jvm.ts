import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import type { SparkApplicationStatus } from '../../src/spark/status-schema.ts';
import { driverLog, weirJob } from '../kit/spark.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, deleteSpark, untilState, watchStatus } from './spark-life.ts';

/** What pods are given is seen by the application itself, in its driver and in an executor. */
export const sparkJvm: Scenario = {
  name: 'spark-jvm',
  summary:
    'Spark 4.3: a JVM application sees volumes, secrets, variables, local folders, cores and memory in driver and executor; UI; 1 → 3 → 1 executors',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    await inspect(context);
    await waves(context);
  },
};

/** What the application says of the process it looked at; see images/jobs/spark, Surroundings.java. */
interface Surroundings {
  readonly role: 'driver' | 'executor';
  readonly env: Readonly<Record<string, string | null>>;
  readonly files: Readonly<Record<string, string>>;
  readonly localDirs: readonly string[];
  readonly heapMib: number;
  readonly containerMib: number;
  readonly processors: number;
  readonly slots: string | null;
}

const inspected = 'inspect';
const variables = ['PLAIN', 'MAPPED', 'FROM_FIELD', 'FROM_SECRET', 'SECRET_KEY', 'ALL_greeting'];
const files = ['/etc/settings/greeting', '/etc/volume/greeting', '/etc/keys/password'];

async function inspect(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  const core = { apiVersion: 'v1', metadata: { namespace } };
  await kube.apply({
    ...core,
    kind: 'ConfigMap',
    metadata: { namespace, name: 'settings' },
    data: { greeting: 'hello' },
  });
  const stringData = { password: 'open sesame' };
  await kube.apply({ ...core, kind: 'Secret', metadata: { namespace, name: 'keys' }, stringData });
  const asked = [...variables.flatMap((name) => ['--env', name]), ...files.flatMap((path) => ['--file', path])];
  await applySpark(context, {
    name: inspected,
    spec: {
      ...weirJob('Inspect', ...asked, '--stay', '30'),
      volumes: [
        { name: 'settings-volume', configMap: { name: 'settings' } },
        { name: 'spark-local-dir-1', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      ],
    },
    driver: { ...given, coreLimit: '1', memory: '600m', memoryOverhead: '400m' },
    executor: { ...given, cores: 2, coreRequest: '200m', coreLimit: '1', memory: '500m', memoryOverhead: '300m' },
  });
  const live = await untilState(context, inspected, 'RUNNING');
  const pod = live.status.driverInfo?.podName ?? '';
  const told = await context.until('driver and executor to say what they see', async () => {
    const lines = (await driverLog(kube, namespace, pod)).split('\n').filter((line) => line.startsWith('weir: {'));
    const said = lines.map((line) => JSON.parse(line.slice('weir: '.length)) as Surroundings);
    return said.length === 2 ? { done: said } : { not: lines.join('; ') };
  });
  expectEqual(
    'who said something',
    told.map(({ role }) => role),
    ['driver', 'executor'],
  );
  for (const seen of told) checkSurroundings(seen);
  await checkUi(context, (await untilState(context, inspected, 'RUNNING')).status);
  await untilState(context, inspected, 'COMPLETED');
  await deleteSpark(context, inspected);
}

/** The same for driver and executor: every way to give a pod files and variables. */
const given = {
  configMaps: [{ name: 'settings', path: '/etc/settings' }],
  secrets: [{ name: 'keys', path: '/etc/keys', secretType: 'Generic' }],
  volumeMounts: [
    { name: 'settings-volume', mountPath: '/etc/volume' },
    { name: 'spark-local-dir-1', mountPath: '/tmp/spark-local' },
  ],
  envVars: { MAPPED: 'of a map' },
  env: [
    { name: 'PLAIN', value: 'as it is' },
    { name: 'FROM_FIELD', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    { name: 'FROM_SECRET', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
  ],
  envFrom: [{ prefix: 'ALL_', configMapRef: { name: 'settings' } }],
  envSecretKeyRefs: { SECRET_KEY: { name: 'keys', key: 'password' } },
};

function checkSurroundings(seen: Surroundings): void {
  const of = (what: string): string => `${what} of the ${seen.role}`;
  expectEqual(of('variables'), seen.env, {
    PLAIN: 'as it is',
    MAPPED: 'of a map',
    FROM_FIELD: 'e2e-spark-jvm',
    FROM_SECRET: 'open sesame',
    SECRET_KEY: 'open sesame',
    ALL_greeting: 'hello',
  });
  expectEqual(of('files'), Object.values(seen.files), ['hello', 'hello', 'open sesame']);
  expectEqual(of('local folders'), seen.localDirs, ['/tmp/spark-local tmpfs']);
  expectEqual(of('processors'), seen.processors, 1);
  const [heap, container, slots] = seen.role === 'driver' ? [600, 1000, null] : [500, 800, '2'];
  expectEqual(of('container memory'), seen.containerMib, container);
  expectEqual(of('slots'), seen.slots, slots);
  // The JVM does not count one of its survivor spaces.
  expect(seen.heapMib > heap * 0.9 && seen.heapMib <= heap, `${of('heap')}: ${seen.heapMib} MiB of ${heap}`);
}

/** The UI answers at the driver's Service and at its own, and knows the executor as it was asked for. */
async function checkUi(context: ScenarioContext, status: SparkApplicationStatus): Promise<void> {
  const { kube, namespace } = context;
  const { submissionID, sparkApplicationId, driverInfo: { webUIServiceName: own, webUIPort } = {} } = status;
  const services = await kube.list('services', namespace, `${SPARK_LABELS.submissionId}=${submissionID}`);
  const headless = services.find(({ metadata }) => metadata.name.endsWith('-driver-svc'))?.metadata.name;
  for (const service of [`${headless}:4040`, `${own}:${webUIPort}`]) {
    const path = `/api/v1/namespaces/${namespace}/services/http:${service}/proxy/api/v1/applications/${sparkApplicationId}`;
    const executors = await context.until(`the UI to answer at ${service}`, async () => {
      const answer = (await kube.json(`${path}/executors`)) as { id: string; totalCores: number }[];
      return answer.length > 1 ? { done: answer } : { not: JSON.stringify(answer) };
    });
    const slots = executors.filter(({ id }) => id !== 'driver').map(({ totalCores }) => totalCores);
    expectEqual('slots of executors in the UI', slots, [2]);
  }
}

async function waves(context: ScenarioContext): Promise<void> {
  const name = 'waves';
  const history = await watchStatus(context.kube, context.namespace, name);
  try {
    await applySpark(context, {
      name,
      spec: {
        ...weirJob('Waves', '--tasks', '12', '--busy', '6', '--idle', '25'),
        dynamicAllocation: { enabled: true, initialExecutors: 1, minExecutors: 1, maxExecutors: 3 },
      },
      sparkConf: { 'spark.dynamicAllocation.executorIdleTimeout': '5s' },
      executor: { instances: undefined },
    });
    const running = (): number[] =>
      history.statuses
        .map(({ executors }) => executors?.running ?? 0)
        .filter((count, at, all) => count !== all[at - 1]);
    await context.until('three executors to run', async () =>
      running().includes(3) ? { done: true } : { not: running().join(', ') },
    );
    await context.until('one executor to run again', async () => {
      const counts = running();
      return counts.lastIndexOf(1) > counts.indexOf(3) ? { done: true } : { not: counts.join(', ') };
    });
    expect(running().indexOf(1) < running().indexOf(3), `it did not begin with one: ${running().join(', ')}`);
    expectEqual('most executors', Math.max(...running()), 3);
    checkEnded(await untilState(context, name, 'COMPLETED'), { runs: 1 });
  } finally {
    history.stop();
  }
  await deleteSpark(context, name);
}
