import type { KubeObject } from '../../src/kube/object.ts';
import { driverLog, weirJob } from '../kit/spark.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, deleteSpark, untilState } from './spark-life.ts';

const name = 'scratch';
const volume = 'spark-local-dir-1';
const path = '/scratch';

/** Claims on demand: Weir's for the driver, Spark's own for executors, for local data that outlives no pod. */
export const sparkClaims: Scenario = {
  name: 'spark-claims',
  summary:
    'Spark 4.3: driver and executor keep local data in claims made on demand, which are bound and go with their pods',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    const image = context.sparkImage('4.3.0');
    await applySpark(context, {
      name,
      spec: weirJob('Inspect', '--stay', '10'),
      driver: { initContainers: [opens(image)] },
      executor: { initContainers: [opens(image)] },
      sparkConf: { ...onDemand('driver'), ...onDemand('executor') },
    });
    await used(context);
    checkEnded(await untilState(context, name, 'COMPLETED'), { runs: 1 });
    await deleteSpark(context, name);
    await context.until('the claims to be gone', async () => {
      const left = await claims(context);
      return left.length === 0 ? { done: true } : { not: left.map(({ metadata }) => metadata.name).join(', ') };
    });
  },
};

function onDemand(role: 'driver' | 'executor'): Readonly<Record<string, string>> {
  const key = `spark.kubernetes.${role}.volumes.persistentVolumeClaim.${volume}`;
  return {
    [`${key}.options.claimName`]: 'OnDemand',
    [`${key}.options.storageClass`]: 'standard',
    [`${key}.options.sizeLimit`]: '64Mi',
    [`${key}.mount.path`]: path,
    [`${key}.label.weir.dev/e2e`]: role,
  };
}

/** The folder of a new volume belongs to root, and Spark is another user. */
function opens(image: string): object {
  return {
    name: 'opens',
    image,
    command: ['chmod', '1777', path],
    securityContext: { runAsUser: 0 },
    volumeMounts: [{ name: volume, mountPath: path }],
  };
}

/** Those of the application: `state` is everybody's here. */
async function claims({ kube, namespace }: ScenarioContext): Promise<readonly KubeObject[]> {
  return kube.list('persistentvolumeclaims', namespace, 'weir.dev/e2e');
}

/** A claim of each is bound, belongs to a pod, and is where the process keeps its local data. */
async function used(context: ScenarioContext): Promise<void> {
  const { status } = await untilState(context, name, 'RUNNING');
  const pod = status.driverInfo?.podName ?? '';
  const folders = await context.until('driver and executor to say where their local data is', async () => {
    const lines = (await driverLog(context.kube, context.namespace, pod)).split('\n');
    const said = lines.filter((line) => line.startsWith('weir: {')).map((line) => line.slice('weir: '.length));
    const seen = said.map((line) => JSON.parse(line) as { localDirs: readonly string[] });
    return seen.length === 2
      ? { done: seen.flatMap(({ localDirs }) => localDirs) }
      : { not: lines.slice(-3).join('; ') };
  });
  expectEqual(
    'local folders',
    folders.map((folder) => folder.split(' ')[0]),
    [path, path],
  );
  const found = await claims(context);
  expectEqual('claims', found.map(({ metadata: { labels } }) => labels?.['weir.dev/e2e']).sort(), [
    'driver',
    'executor',
  ]);
  for (const { metadata, status: bound } of found) {
    expectEqual(`phase of ${metadata.name}`, (bound as { phase?: string }).phase, 'Bound');
    const owner = metadata.ownerReferences?.[0];
    expect(owner?.kind === 'Pod', `${metadata.name} belongs to no pod`);
  }
}
