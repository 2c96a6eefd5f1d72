import type { KubeObject } from '../../src/kube/object.ts';
import { flinkDeployment, flinkTarget } from '../kit/flink.ts';
import { deleteFlink, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'quiet';

/** The operator as a guest of the cluster: few rights, nothing writable, and nobody notices when it is restarted. */
export const operatorPod: Scenario = {
  name: 'operator-pod',
  summary:
    'the operator pod is restricted, cannot read Secrets, answers; its restart touches no job and frees the lease',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: true,
  async run(context) {
    await restricted(context);
    await fewRights(context);
    await answers(context);
    await quietRestart(context);
    await leaseReleased(context);
  },
};

/** By Kubernetes' own restricted profile, and by what the process finds when it tries. */
async function restricted({ stage, operator }: ScenarioContext): Promise<void> {
  const { namespace } = operator;
  const profile = ['pod-security.kubernetes.io/enforce=restricted', 'pod-security.kubernetes.io/warn=restricted'];
  const said = await stage.run('kubectl', [
    'label',
    'namespace',
    namespace,
    '--overwrite',
    '--dry-run=server',
    ...profile,
  ]);
  expect(!said.includes('violate'), `the pod breaks the restricted profile: ${said}`);
  const { metadata } = await operator.pod();
  const program =
    'let wrote = true; try { require("node:fs").writeFileSync("/app/x", "") } catch { wrote = false }' +
    ' console.log(process.getuid(), wrote)';
  const found = await stage.run('kubectl', [
    '-n',
    namespace,
    'exec',
    metadata.name,
    '--',
    '/nodejs/bin/node',
    '-e',
    program,
  ]);
  expectEqual('uid, and whether it could write', found.trim(), '65532 false');
}

async function fewRights({ stage, operator }: ScenarioContext): Promise<void> {
  const as = `--as=system:serviceaccount:${operator.namespace}:weir`;
  const may = async (...what: string[]): Promise<boolean> =>
    stage.run('kubectl', ['auth', 'can-i', ...what, '--all-namespaces', as]).then(
      (answer) => answer.trim() === 'yes',
      () => false, // can-i answers no with exit code 1
    );
  expect(await may('list', 'flinkdeployments.flink.apache.org'), 'it may not even list FlinkDeployments');
  for (const forbidden of [
    ['get', 'secrets'],
    ['list', 'secrets'],
    ['patch', 'pods'],
    ['patch', 'nodes'],
    ['create', 'pods', '--subresource=exec'],
    ['update', 'flinkdeployments.flink.apache.org'],
    ['create', 'clusterrolebindings'],
    ['impersonate', 'users'],
    ['*', '*'],
  ]) {
    expect(!(await may(...forbidden)), `it may ${forbidden.join(' ')}`);
  }
}

async function answers({ operator }: ScenarioContext): Promise<void> {
  for (const path of ['/healthz', '/readyz']) await operator.http(path); // anything but 200 throws
  const metrics = await operator.http('/metrics');
  for (const metric of ['weir_build_info', 'controller_runtime_reconcile_total', 'workqueue_depth']) {
    expect(metrics.includes(metric), `/metrics has no ${metric}`);
  }
}

async function quietRestart(context: ScenarioContext): Promise<void> {
  const { kube, namespace, operator } = context;
  const image = context.flinkImage('2.3.0');
  await kube.apply(flinkDeployment({ name, namespace, image, flinkVersion: 'v2_3' }));
  await untilRunning(context, name, { parallelism: 2 });
  const before = await fingerprint(context);
  context.say('restart the operator');
  await operator.restart();
  await context.until('the new operator to have looked at the job', async () => {
    const passes = sum(await operator.http('/metrics'), 'controller_runtime_reconcile_total');
    return passes > 0 ? { done: passes } : { not: 'no pass yet' };
  });
  expectEqual('job and pods after the restart', await fingerprint(context), before);
  await deleteFlink(context, name);
}

/** What a restart of the operator must not change: the resource to its last byte, and the pods. */
async function fingerprint({ kube, namespace }: ScenarioContext): Promise<unknown> {
  const resource = await kube.get(flinkTarget(namespace, name));
  const pods = await kube.list('pods', namespace, `app=${name}`);
  const restarts = ({ status }: KubeObject): number[] => {
    const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: { restartCount: number }[] };
    return containerStatuses.map(({ restartCount }) => restartCount);
  };
  return {
    status: resource?.status,
    resourceVersion: resource?.metadata.resourceVersion,
    pods: pods.map((pod) => ({ uid: pod.metadata.uid, restarts: restarts(pod) })),
  };
}

/** The sum of all series of a metric in Prometheus' text format. */
function sum(metrics: string, metric: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** On a clean stop nobody holds the lease any more, so that the next one need not wait for it to run out. */
async function leaseReleased(context: ScenarioContext): Promise<void> {
  const { kube, operator } = context;
  const { namespace } = operator;
  const holder = async (): Promise<string> => {
    const lease = await kube.get({ plural: 'leases', namespace, name: 'weir' });
    return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? '';
  };
  const { metadata } = await operator.pod();
  await context.until('the operator to hold the lease', async () => {
    const name = await holder();
    return name.startsWith(metadata.name) ? { done: name } : { not: `held by "${name}"` };
  });
  context.say('stop the operator, and start it again');
  await operator.whileStopped(async () => expectEqual('holder of the lease after the stop', await holder(), ''));
}
