import { randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { type FlatConfiguration, firstSet, flattenConfiguration } from '../../src/flink/configuration.ts';
import { LAST_STATE_PATH } from '../../src/flink/restore.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { KubeError } from '../../src/runtime/classify-failure.ts';
import { type Api, NAMESPACE } from '../api.ts';
import { fakeNode } from '../fake-node.ts';
import type { Observer } from '../observer.ts';
import { StormJobManager } from './job-manager.ts';
import type { Run } from './truth.ts';

/** How long a process takes to end after SIGTERM, in milliseconds. */
const SHUTDOWN = [50, 300] as const;

/** How often it is looked for a ConfigMap that a pod mounts and that is not there yet. */
const MOUNT_MS = 20;

/** Something that happened to a job which its status has to tell; `at` by performance.now(). */
export interface Happening {
  readonly app: string;
  readonly what: 'RUNNING' | 'savepoint';
  readonly path: string | undefined;
  readonly at: number;
}

/** The Flink clusters behind one port: what really ran in them, and their JobManagers, who write high-availability data. */
export interface StormClusters {
  readonly port: number;
  readonly runs: readonly Run[];
  /** Called for everything that happens. */
  onHappening(listener: (happening: Happening) => void): void;
  close(): Promise<void>;
}

interface Home {
  readonly api: Api;
  readonly runs: Run[];
  /** The JobManager that answers, by application. */
  readonly jobManagers: Map<string, StormJobManager>;
  readonly byPod: Map<string, StormJobManager>;
  readonly listeners: ((happening: Happening) => void)[];
}

/** Gives life to the pods that the observer sees; it must watch pods. */
export async function startStormClusters(api: Api, observer: Pick<Observer, 'each'>): Promise<StormClusters> {
  const home: Home = { api, runs: [], jobManagers: new Map(), byPod: new Map(), listeners: [] };
  const onRunning = (pod: KubeObject): Promise<void> => start(home, pod);
  const onRemoving = async ({ metadata }: KubeObject): Promise<void> => {
    await sleep(randomInt(...SHUTDOWN), undefined, { ref: false });
    const app = metadata.labels?.app ?? '';
    const jobManager = home.byPod.get(metadata.name);
    jobManager?.end();
    if (jobManager !== undefined && home.jobManagers.get(app) === jobManager) home.jobManagers.delete(app);
  };
  observer.each(fakeNode({ api, onRunning, onRemoving }));
  const server = createServer((request, response) => void serve(home, request, response));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    runs: home.runs,
    onHappening: (listener) => void home.listeners.push(listener),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Waits for its configuration as a pod does, reads it, looks for state, and is there. */
async function start(home: Home, pod: KubeObject): Promise<void> {
  const app = pod.metadata.labels?.app ?? '';
  if (pod.metadata.labels?.component !== 'jobmanager') return;
  const options = await optionsOf(home, app);
  const startedAt = performance.now();
  const jobId = options.get('$internal.pipeline.job-id') ?? '';
  const restoredFrom = await stateOf(home, app, options);
  const { containers } = pod.spec as { readonly containers: readonly { readonly image?: string }[] };
  const run: Run = {
    app,
    image: containers[0]?.image ?? '',
    jobId,
    startedAt,
    endedAt: undefined,
    restoredFrom,
    snapshots: [],
  };
  home.runs.push(run);
  const jobManager = new StormJobManager(run, {
    tell: (what, path) => {
      const happening = { app, what, path, at: performance.now() };
      for (const listener of home.listeners) listener(happening);
    },
    point: (of, checkpoint, path) => point(home, options, { run: of, checkpoint, path }),
  });
  home.byPod.set(pod.metadata.name, jobManager);
  home.jobManagers.set(app, jobManager);
}

async function optionsOf({ api }: Home, app: string): Promise<FlatConfiguration> {
  const ref = configMap(`flink-config-${app}`);
  let found = await absentAsUndefined(api.get(ref));
  for (; found === undefined; found = await absentAsUndefined(api.get(ref))) await sleep(MOUNT_MS);
  const text = (found.data as Readonly<Record<string, string>> | undefined)?.['config.yaml'] ?? '';
  return flattenConfiguration(load(text) as Record<string, unknown>);
}

/** The newest checkpoint of high availability if there is one, else what the configuration names. */
async function stateOf({ api }: Home, app: string, options: FlatConfiguration): Promise<string | undefined> {
  const path = firstSet(options, ['execution.savepoint.path', 'execution.state-recovery.path']);
  if (!isHighlyAvailable(options)) return path;
  const map = await absentAsUndefined(api.get(jobMap(app, options)));
  const data = Object.entries((map?.data ?? {}) as Readonly<Record<string, string>>);
  const pointers = data.filter(([key]) => key.startsWith('checkpointID-')).sort();
  return pointers.at(-1)?.[1] ?? (path === LAST_STATE_PATH ? 'no checkpoint, although there is to be one' : path);
}

/** Job graph and checkpoint, as Flink 2 names their entries. */
async function point(
  { api }: Home,
  options: FlatConfiguration,
  { run, checkpoint, path }: { readonly run: Run; readonly checkpoint: number; readonly path: string },
): Promise<void> {
  if (!isHighlyAvailable(options)) return;
  const { app, jobId } = run;
  await write(api, configMap(`${app}-cluster-config-map`), app, { [`executionPlan-${jobId}`]: 'graph' });
  await write(api, jobMap(app, options), app, { [`checkpointID-${String(checkpoint).padStart(19, '0')}`]: path });
}

async function write(api: Api, ref: ReturnType<typeof configMap>, app: string, data: object): Promise<void> {
  const labels = { app, type: 'flink-native-kubernetes', 'configmap-type': 'high-availability' };
  if ((await absentAsUndefined(api.patch(ref, { data }))) !== undefined) return;
  const { apiVersion, kind, name, namespace } = ref;
  await api.create({ apiVersion, kind, metadata: { name, namespace, labels }, data });
}

async function absentAsUndefined(request: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

function isHighlyAvailable(options: FlatConfiguration): boolean {
  return options.has('high-availability.type');
}

function jobMap(app: string, options: FlatConfiguration): ReturnType<typeof configMap> {
  return configMap(`${app}-${options.get('$internal.pipeline.job-id')}-config-map`);
}

function configMap(name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name } as const;
}

/** A cluster without a JobManager has its connections cut. */
async function serve({ jobManagers }: Home, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const app = (request.headers.host ?? '').split('.')[0]?.replace(/-rest$/, '') ?? '';
  const jobManager = jobManagers.get(app);
  if (jobManager === undefined) {
    request.socket.destroy();
    return;
  }
  const body = request.method === 'POST' ? await json(request) : undefined;
  const path = (request.url ?? '').split('?')[0] ?? '';
  const answer = jobManager.answer(request.method ?? 'GET', path, body);
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? { errors: ['not found'] }));
}
