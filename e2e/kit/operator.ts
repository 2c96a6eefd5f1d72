import { join } from 'node:path';
import type { KubeObject } from '../../src/kube/object.ts';
import { step } from '../lib/steps.ts';
import { diagnostics } from './diagnostics.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const chart = join(import.meta.dirname, '../../charts/weir');
const driverAccount = join(import.meta.dirname, '../../deploy/samples/spark/service-account.yaml');
const release = 'weir';

/** The operator as the chart installed it. */
export interface Operator {
  readonly namespace: string;
  /** The one operator pod that is Ready. Waits for it. */
  pod(): Promise<KubeObject>;
  /** The end of its log. */
  log(lines?: number): Promise<string>;
  /** What it answers on its HTTP port, for a path such as /metrics. */
  http(path: string): Promise<string>;
  /** Deletes its pod, as a node drain would, and returns the one that came instead, Ready. */
  restart(): Promise<KubeObject>;
  /** Stops it, does the work once no pod of it is left, and starts it again, whatever became of the work. */
  whileStopped(work: () => Promise<void>): Promise<void>;
}

/** Installs or upgrades the chart with helm, CRDs included, and returns when the operator's pod is Ready. */
export async function installOperator(stage: Stage, namespace: string): Promise<Operator> {
  return step(`install the operator by helm in namespace ${namespace}`, async (handle) => {
    handle.note('CRDs');
    await stage.run('kubectl', ['apply', '--server-side', '--force-conflicts', '-f', join(chart, 'crds')]);
    const settings = imageSettings(stage.image('weir'));
    const flags = Object.entries(settings).flatMap(([key, value]) => ['--set-string', `${key}=${value}`]);
    handle.note('chart');
    await stage.run('helm', [
      ...['upgrade', '--install', release, chart, '--namespace', namespace, '--create-namespace', '--skip-crds'],
      ...['--set', 'replicas=1,crds.upgrade=false'], // scenarios look at the pod that acts
      ...['--set', 'webhook.create=false'], // and at what becomes of bad input that was stored
      ...flags,
    ]);
    handle.note('waiting for its pod');
    const operator = operatorIn(stage, namespace);
    const rollout = ['-n', namespace, 'rollout', 'status', `deployment/${release}`, '--timeout=120s'];
    await stage.run('kubectl', rollout).catch(async (error: unknown) => {
      throw new Error(`the operator does not get ready:\n${await diagnostics(stage, namespace, operator)}`, {
        cause: error,
      });
    });
    return operator;
  });
}

/** The chart's values for an image reference with a tag or a digest. */
export function imageSettings(reference: string): Record<string, string> {
  const [name = '', digest] = reference.split('@');
  const [, repository = name, tag = ''] = /^(.*):([^:/]+)$/.exec(name) ?? [];
  return {
    'image.repository': repository,
    'image.tag': tag,
    ...(digest === undefined ? {} : { 'image.digest': digest }),
  };
}

/** Removes the release; what it keeps on purpose (CRDs, the job account) stays. Fine if there is none. */
export async function uninstallOperator(stage: Stage, namespace: string): Promise<void> {
  await stage.run('helm', ['uninstall', release, '--namespace', namespace, '--ignore-not-found', '--wait']);
}

/** Makes the service account and the rights of job pods in a namespace, from the chart itself. */
export async function grantJobs(stage: Stage, namespace: string): Promise<void> {
  const manifest = await stage.run('helm', [
    ...['template', release, chart, '--namespace', namespace],
    ...['flink', 'spark'].flatMap((engine) => ['--show-only', `templates/${engine}-job-rbac.yaml`]),
    ...['--set', `watchNamespaces={${namespace}}`],
  ]);
  await stage.run('kubectl', ['apply', '--server-side', '--force-conflicts', '-f', '-'], manifest);
}

/** Makes the service account `spark` with the rights of drivers in a namespace, from the sample users are given. */
export async function grantDrivers(stage: Stage, namespace: string): Promise<void> {
  await stage.run('kubectl', ['-n', namespace, 'apply', '--server-side', '--force-conflicts', '-f', driverAccount]);
}

function operatorIn(stage: Stage, namespace: string): Operator {
  const { kube } = stage;
  const readyPod = (exceptUid?: string): Promise<KubeObject> =>
    until(
      'the operator pod to be Ready',
      async () => {
        const [found, ...more] = await kube.list('pods', namespace, `app.kubernetes.io/instance=${release}`);
        if (found === undefined) return { not: 'no pod' };
        if (more.length === 0 && found.metadata.uid !== exceptUid && isReady(found)) return { done: found };
        return { not: JSON.stringify([found, ...more].map(({ metadata, status }) => [metadata.name, status])) };
      },
      { timeoutMs: 120_000 },
    );
  const name = async (): Promise<string> => (await readyPod()).metadata.name;
  return {
    namespace,
    pod: () => readyPod(),
    log: async (lines = 40) => {
      const [pod] = await kube.list('pods', namespace, `app.kubernetes.io/instance=${release}`);
      if (pod === undefined) return 'no operator pod';
      return kube.text(`/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log?tailLines=${lines}`);
    },
    http: async (path) => kube.text(`/api/v1/namespaces/${namespace}/pods/${await name()}:8080/proxy${path}`),
    async restart() {
      const before = await readyPod();
      await kube.delete({ plural: 'pods', namespace, name: before.metadata.name });
      return readyPod(before.metadata.uid);
    },
    async whileStopped(work) {
      await scale(stage, namespace, 0);
      try {
        await until('the operator pod to be gone', async () => {
          const pods = await kube.list('pods', namespace);
          return pods.length === 0 ? { done: true } : { not: pods.map((pod) => pod.metadata.name).join(', ') };
        });
        await work();
      } finally {
        await scale(stage, namespace, 1);
        await readyPod();
      }
    },
  };
}

async function scale(stage: Stage, namespace: string, replicas: number): Promise<void> {
  await stage.run('kubectl', ['-n', namespace, 'scale', `deployment/${release}`, `--replicas=${replicas}`]);
}

function isReady(pod: KubeObject): boolean {
  const { conditions = [] } = (pod.status ?? {}) as { conditions?: { type: string; status: string }[] };
  return (
    pod.metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}
