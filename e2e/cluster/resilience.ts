import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dump } from 'js-yaml';
import { type ImageArchive, image } from '../images/image.ts';
import { run } from '../lib/run.ts';
import { step } from '../lib/steps.ts';
import { importImage } from './cluster.ts';
import { call } from './http.ts';
import { clusterPids } from './node/cleanup.ts';
import { type NodeCluster, nodeClusterDown, nodeClusterUp } from './node/cluster.ts';
import type { ComponentName } from './node/components.ts';
import { leftovers } from './node/leftovers.ts';
import { runningProcess } from './node/start.ts';
import { nodeClusterStatus } from './node/status.ts';
import { signalPid } from './process.ts';
import { kubernetesVersion, programs } from './programs.ts';

const names = ['check-a', 'check-b'] as const;

/**
 * Shows on this machine that local clusters are what they are meant to be: two side by side answer, survive parts and
 * all of them killed, and leave nothing behind. Uses clusters of its own names, some minute; throws at the first thing
 * that is not as it should be.
 */
export async function checkResilience(): Promise<void> {
  const server = await serverImage();
  try {
    const [a, b] = [await nodeClusterUp(names[0]), await nodeClusterUp(names[1])];
    for (const cluster of [a, b]) {
      await importImage(cluster, server);
      await deploy(cluster, server.name);
    }
    await step('two clusters do not see each other', () => checkApart(a, b));
    await killAndMend(a, ['kubelet', 'etcd']);
    await killAndMend(a, ['containerd', 'kube-apiserver', 'kube-proxy', 'coredns']);
    await step('the neighbour went on working', () => untilServes(b));
    await killEverything(a);
    await importImage(a, server);
    await deploy(a, server.name);
    const volumes = await Promise.all([volumeFolder(a), volumeFolder(b)]);
    await endAndLookAround([a, b], volumes);
  } finally {
    for (const cluster of names) await nodeClusterDown(cluster, { purge: true });
  }
}

/** kubectl as a server: what it serves, it asks the API server for, by name and with the pod's own credentials. */
async function serverImage(): Promise<ImageArchive> {
  const { kubectl } = await programs(['kubectl']);
  return image({
    repository: 'kubectl',
    tag: kubernetesVersion,
    sources: [{ text: kubectl }],
    start: { entrypoint: ['/kubectl'] },
    layers: () =>
      Promise.resolve([{ entries: [{ path: 'kubectl', type: 'file', mode: 0o755, content: { from: kubectl } }] }]),
  });
}

function kubectl(cluster: NodeCluster, args: readonly string[], input?: string): Promise<string> {
  const command = `${cluster.bin}/kubectl`;
  return run(command, args, {
    env: { KUBECONFIG: cluster.kubeconfig },
    ...(input === undefined ? {} : { input }),
  });
}

/** How the pod reaches the API server: by the Service's name, as the service account of the pod. */
function podKubeconfig(): string {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  const cluster = { server: 'https://kubernetes.default.svc', 'certificate-authority': `${account}/ca.crt` };
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster }],
    users: [{ name: 'own', user: { tokenFile: `${account}/token` } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    'current-context': 'own',
  });
}

/** A claim, a pod that mounts it and serves, and a Service before it. */
function manifests(imageName: string): string {
  const metadata = { name: 'server', labels: { app: 'server' } };
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { kubeconfig: podKubeconfig() } };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  };
  const container = {
    name: 'server',
    image: imageName,
    args: ['proxy', '--address=0.0.0.0', '--port=8080', '--accept-hosts=.*', '--kubeconfig=/config/kubeconfig'],
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'config', mountPath: '/config' },
    ],
  };
  const volumes = [
    { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'config', configMap: { name: 'server' } },
  ];
  const spec = { containers: [container], volumes, terminationGracePeriodSeconds: 1 };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
  const ports = [{ port: 80, targetPort: 8080 }];
  const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: metadata.labels, ports } };
  return [configMap, claim, pod, service].map((object) => dump(object, { noRefs: true })).join('---\n');
}

async function deploy(cluster: NodeCluster, imageName: string): Promise<void> {
  await step(`${cluster.name}: a pod with a volume and a Service answers`, async () => {
    await kubectl(cluster, ['apply', '-f', '-'], manifests(imageName));
    await untilServes(cluster);
    const phase = await kubectl(cluster, ['get', 'pvc', 'data', '-o', 'jsonpath={.status.phase}']);
    if (phase !== 'Bound') throw new Error(`the claim is ${phase}, not Bound`);
    if (!existsSync(await volumeFolder(cluster))) throw new Error('the volume has no folder');
  });
}

async function volumeFolder(cluster: NodeCluster): Promise<string> {
  return kubectl(cluster, ['get', 'pv', '-o', 'jsonpath={.items[0].spec.hostPath.path}']);
}

/** Waits until the pod answers this machine on its own address and through the Service, with what the API server said. */
async function untilServes(cluster: NodeCluster): Promise<void> {
  const paths = { pod: '{.status.podIP}', service: '{.spec.clusterIP}' } as const;
  const deadline = Date.now() + 60_000;
  let seen = '';
  while (Date.now() < deadline) {
    const podIp = await kubectl(cluster, ['get', 'pod', 'server', '-o', `jsonpath=${paths.pod}`]);
    const serviceIp = await kubectl(cluster, ['get', 'service', 'server', '-o', `jsonpath=${paths.service}`]);
    const urls = podIp === '' ? [] : [`http://${podIp}:8080/readyz`, `http://${serviceIp}/readyz`];
    const answers = await Promise.all(
      urls.map((url) => call(url).catch((error: Error) => ({ status: 0, body: error.message }))),
    );
    if (answers.length > 0 && answers.every(({ status, body }) => status === 200 && body === 'ok')) return;
    seen = JSON.stringify(answers);
    await sleep(100);
  }
  throw new Error(
    `${cluster.name}: the pod does not answer: ${seen}\n${await kubectl(cluster, ['describe', 'pod', 'server'])}`,
  );
}

async function checkApart(a: NodeCluster, b: NodeCluster): Promise<void> {
  await kubectl(a, ['create', 'configmap', 'only-here']);
  const there = await kubectl(b, ['get', 'configmap', 'only-here', '--ignore-not-found', '-o', 'name']);
  if (there !== '') throw new Error('one cluster shows an object of the other');
}

async function podState(cluster: NodeCluster): Promise<string> {
  const path = 'jsonpath={.metadata.uid} restarts={.status.containerStatuses[0].restartCount}';
  return kubectl(cluster, ['get', 'pod', 'server', '-o', path]);
}

/** Kills parts; `up` must start exactly them again, and the pod must not notice. */
async function killAndMend(cluster: NodeCluster, victims: readonly ComponentName[]): Promise<void> {
  const before = await podState(cluster);
  await step(`${cluster.name}: kill -9 ${victims.join(', ')}`, async () => {
    for (const victim of victims) {
      const process = await runningProcess(cluster.folders, victim);
      if (process === undefined) throw new Error(`${victim} does not run`);
      signalPid(process.pid, 'SIGKILL');
    }
    while ((await nodeClusterStatus(cluster.name)).state !== 'broken') await sleep(20);
  });
  await nodeClusterUp(cluster.name);
  await step(`${cluster.name}: all is ready again and the pod is the same`, async () => {
    const { state, components } = await nodeClusterStatus(cluster.name);
    if (state !== 'up') throw new Error(`after up: ${JSON.stringify(components)}`);
    await untilServes(cluster);
    const after = await podState(cluster);
    if (after !== before) throw new Error(`the pod was ${before} and is ${after}`);
  });
}

/** As after a crash of everything but the machine: no process is left, but all files, mounts and pods' processes are. */
async function killEverything(cluster: NodeCluster): Promise<void> {
  await step(`${cluster.name}: kill -9 everything`, async () => {
    for (;;) {
      const pids = await clusterPids(cluster.folders);
      if (pids.length === 0) return;
      for (const pid of pids) signalPid(pid, 'SIGKILL');
      await sleep(20);
    }
  });
  await nodeClusterUp(cluster.name);
}

async function endAndLookAround(clusters: readonly NodeCluster[], volumes: readonly string[]): Promise<void> {
  for (const cluster of clusters) await nodeClusterDown(cluster.name);
  await step('nothing is left of the clusters', async () => {
    const left = await Promise.all(clusters.map((cluster) => leftovers(cluster.folders, cluster.addresses)));
    const all = [...left.flat(), ...volumes.filter((path) => existsSync(path)).map((path) => `volume ${path}`)];
    if (all.length > 0) throw new Error(`left behind:\n${all.join('\n')}`);
  });
}
