import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Children } from '../e2e/cluster/children.ts';
import { call } from '../e2e/cluster/http.ts';
import { freePorts } from '../e2e/cluster/ports.ts';
import { endProcess, identityOf } from '../e2e/cluster/process.ts';
import { IMAGE_MALLOC, IMAGE_NODE_FLAGS } from '../e2e/images/operator.ts';
import { bundle } from '../scripts/build.ts';
import { compileCache, compileCacheVariables } from '../scripts/compile-cache.ts';
import { pidsByProgram } from './process-use.ts';

/** The real operator, bundled and run as a process of its own. */
export interface OperatorProcess {
  readonly pid: number;
  /** Milliseconds from its start to readiness. */
  readonly readyMs: number;
  /** Requests to the API server so far, by HTTP method; watches are GETs. */
  requests(): Promise<Readonly<Record<string, number>>>;
  /** Passes that a controller has ended so far. */
  passes(controller: string): Promise<number>;
  /** MiB of JavaScript objects, garbage not yet collected among them. */
  heapMiB(): Promise<number>;
  /** All it has written so far. */
  log(): Promise<string>;
  /** What it exports as metrics. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** What the operator is to be run with. */
export interface OperatorProcessOptions {
  readonly kubeconfigPath: string;
  /** Flags beside those of every bench, by name without dashes. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Folder to leave a CPU profile and the log in; none without. */
  readonly profileTo?: string | undefined;
}

/** As image and chart run it: with the heap that a container of 512 MiB is given. */
const NODE_FLAGS = [...IMAGE_NODE_FLAGS, '--max-old-space-size=384'];

/** Bundles the operator, starts it beside the control plane and waits until it is ready. It never outlives this process. */
export async function startOperator(given: OperatorProcessOptions): Promise<OperatorProcess> {
  const { kubeconfigPath, profileTo } = given;
  const children = new Children(await mkdtemp(join(tmpdir(), 'weir-bench-')));
  try {
    const { bundle: program } = await bundle({ bundle: join(children.folder, 'weir.mjs') });
    const cache = dirname(dirname(await compileCache(program, process.getuid?.() ?? 0, IMAGE_NODE_FLAGS)));
    const [port = 0] = await freePorts(1);
    const origin = `http://127.0.0.1:${port}`;
    const profile = profileTo === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileTo];
    const hook = join(import.meta.dirname, 'loopback-dns.mjs');
    const options = {
      kubeconfig: kubeconfigPath,
      'leader-election': 'false',
      'flink-rest': 'service-dns',
      'http-port': String(port),
      ...given.flags,
    };
    const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const variables = Object.entries({ ...IMAGE_MALLOC, ...compileCacheVariables(cache) });
    const environment = variables.map(([name, value]) => `${name}=${value}`);
    const args = [
      ...environment,
      process.execPath,
      ...NODE_FLAGS,
      ...profile,
      '--import',
      hook,
      program,
      'run',
      ...flags,
    ];
    const started = performance.now();
    await children.start('operator', 'env', args, { url: `${origin}/readyz` });
    const readyMs = performance.now() - started;
    const pid = (await pidsByProgram(program)).node;
    if (pid === undefined) throw new Error('the operator is ready but has no process');
    const stop = async (): Promise<void> => {
      if (profileTo !== undefined) await keepEvidence(pid, join(children.folder, 'operator.log'), profileTo);
      await children.stop();
    };
    const metrics = async (): Promise<string> => (await call(`${origin}/metrics`, { timeoutMs: 10_000 })).body;
    return {
      pid,
      readyMs,
      log: () => readFile(join(children.folder, 'operator.log'), 'utf8'),
      metrics,
      requests: async () => requestsByMethod(await metrics()),
      passes: async (controller) => passesOf(await metrics(), controller),
      heapMiB: async () => Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(await metrics())?.[1]) / 1024 ** 2,
      stop,
    };
  } catch (error) {
    await children.stop();
    await rm(children.folder, { recursive: true, force: true });
    throw error;
  }
}

/** The profile is written at the end of the process, which must not be killed for it; the log is kept beside it. */
async function keepEvidence(pid: number, log: string, folder: string): Promise<void> {
  const operator = await identityOf(pid);
  if (operator !== undefined) await endProcess(operator, 30_000);
  await copyFile(log, join(folder, 'operator.log'));
}

/** Requests that are no reads, of requests by HTTP method. */
export function writesOf({ GET: _reads, ...writes }: Readonly<Record<string, number>>): number {
  return Object.values(writes).reduce((sum, count) => sum + count, 0);
}

function passesOf(metrics: string, controller: string): number {
  const lines = metrics.matchAll(/^controller_runtime_reconcile_total\{([^}]*)\} (\S+)$/gm);
  const own = [...lines].filter(([, labels = '']) => labels.includes(`controller="${controller}"`));
  return own.reduce((sum, [, , value]) => sum + Number(value), 0);
}

function requestsByMethod(metrics: string): Readonly<Record<string, number>> {
  const byMethod: Record<string, number> = {};
  for (const [, labels = '', value] of metrics.matchAll(/^rest_client_requests_total\{([^}]*)\} (\S+)$/gm)) {
    const method = /method="([^"]*)"/.exec(labels)?.[1] ?? '';
    byMethod[method] = (byMethod[method] ?? 0) + Number(value);
  }
  return byMethod;
}
