import type { Caches } from './caches.ts';
import type { Controller } from './controller.ts';
import type { BackgroundEventRecorder } from './event-recorder.ts';
import type { KubeClient } from './kube-client.ts';
import type { LeaderElection } from './leader-election.ts';
import type { Logger } from './logger.ts';
import type { Time } from './time.ts';

/** A part that runs beside the controllers on every replica, leading or not: health, webhook, dashboard. */
export interface Server {
  start(): Promise<unknown>;
  stop(): Promise<void>;
}

/** The parts of one operator process. */
export interface ManagerOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly controllers: readonly Controller[];
  readonly events: BackgroundEventRecorder;
  readonly servers: readonly Server[];
  /** Undefined when a single replica runs without a lease. */
  readonly election?: LeaderElection | undefined;
  readonly time: Time;
  readonly log: Logger;
}

/** Starts and stops the parts in order. */
export interface Manager {
  /**
   * Servers, then caches, then leadership, then controllers. Resolves when the controllers work, which on a standby is
   * when it comes to lead, or when stop() was called; rejects when a server cannot start.
   */
  start(): Promise<void>;
  /** In reverse: passes are drained, events flushed, the lease released, watches and servers closed. Repeats wait for the first. */
  stop(deadlineMs?: number): Promise<void>;
}

/** Below the 30 s Kubernetes waits between SIGTERM and SIGKILL. */
const DEADLINE_MS = 25_000;

/**
 * The manager of one process.
 *
 * @example
 * const time = systemTime;
 * const log = createLogger({ level: 'info' });
 * const metrics = createMetrics({ version });
 * const kinds = createKinds([...runtimeKinds, ...engineKinds]);
 * const config = loadKubeConfig();
 * const client = createKubeClient({ config, kinds, userAgent: `weir/${version}`, metrics: metrics.rest });
 * const caches = createCaches({ client, namespaces: [], time, log, metrics });
 * const election = createLeaderElection({
 *   client, namespace, name: 'weir-leader', identity, time, log, metrics, onLost: () => process.exit(1),
 * });
 * const budgetMs = election.writeBudgetMs;
 * const writers = createWriter({ client, budgetMs, known: caches.reader.get, wrote: caches.wrote, removed: caches.removed });
 * const events = createEventRecorder({ client, time, log, metrics, instance: identity, budgetMs });
 * const controllers = [createController({ reconciler, caches, writers, events, time, log, metrics })];
 * const ready = () => readinessOf(caches.health());
 * const servers = [createHttpServer({ port: 8081, log, alive: () => [], ready, metrics: metrics.registry })];
 * const manager = createManager({ client, caches, controllers, events, servers, election, time, log });
 * process.once('SIGTERM', () => void manager.stop().then(() => process.exit(0)));
 * await manager.start();
 */
export function createManager(options: ManagerOptions): Manager {
  const { caches, controllers, servers, election, time, log } = options;
  const running = new AbortController();
  let stopping: Promise<void> | undefined;
  return {
    async start() {
      await Promise.all(servers.map((server) => server.start()));
      caches.start(running.signal);
      await election?.start();
      if (stopping !== undefined) return;
      await Promise.all(controllers.map((controller) => controller.start()));
      if (stopping === undefined) log.info({ controllers: controllers.map(({ name }) => name) }, 'controllers started');
    },
    stop(deadlineMs = DEADLINE_MS) {
      stopping ??= stop(options, { running, end: time.monotonic() + deadlineMs });
      return stopping;
    },
  };
}

async function stop(
  options: ManagerOptions,
  { running, end }: { running: AbortController; end: number },
): Promise<void> {
  const { client, controllers, events, election, servers, time, log } = options;
  const left = (): number => Math.max(0, end - time.monotonic());
  log.info({ deadlineMs: Math.round(left()) }, 'stopping');
  await settle(
    log,
    controllers.map((controller) => controller.stop(left() * 0.8)),
  );
  await settle(log, [events.flush(left() * 0.5)]);
  await settle(log, [election?.release() ?? Promise.resolve()]);
  running.abort();
  await settle(
    log,
    servers.map((server) => server.stop()),
  );
  await settle(log, [client.close()]);
  log.info({}, 'stopped');
}

/** One part that cannot stop must not keep the lease from being released. */
async function settle(log: Logger, parts: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(parts)) {
    if (outcome.status === 'rejected') log.error({ err: outcome.reason }, 'a part did not stop cleanly');
  }
}
