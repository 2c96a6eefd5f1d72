import type { ArtifactSource, ServiceHttp } from '../../core/ports.ts';
import { type Caches, createCaches } from '../../runtime/caches.ts';
import type { Controller } from '../../runtime/controller.ts';
import { type BackgroundEventRecorder, createEventRecorder } from '../../runtime/event-recorder.ts';
import type { KubeClient } from '../../runtime/kube-client.ts';
import { type Logger, silentLogger } from '../../runtime/logger.ts';
import { createManager, type Manager } from '../../runtime/manager.ts';
import type { Time } from '../../runtime/time.ts';
import { createWriter, type Writers } from '../../runtime/writer.ts';
import { between, createRandom } from '../random.ts';
import type { Life, VirtualTime } from '../virtual-time.ts';
import { createArtifactDoor } from './artifact-door.ts';
import type { Backend } from './backend.ts';
import type { Gate } from './gate.ts';
import { createRequestMeter, type OperatorLoad, type RequestMeter } from './operator-load.ts';
import type { Identity } from './rights.ts';
import { createServiceDoor, type Network } from './service-door.ts';
import { createSimClient } from './sim-client.ts';

/** The parts of one life of the operator, all of them real but for the doors `client`, `http`, `artifacts` and `time`. */
export interface OperatorParts {
  readonly client: KubeClient;
  readonly http: ServiceHttp;
  readonly artifacts: ArtifactSource;
  readonly time: Time;
  readonly caches: Caches;
  readonly writers: Writers;
  readonly events: BackgroundEventRecorder;
  readonly log: Logger;
}

/** The life of the operator. */
export interface SimOperator {
  /** Starts a life with empty memory; does nothing if one is alive. */
  start(): void;
  /** Ends it between two instructions: no timer, stream or promise of it does anything any more. It stays down. */
  crash(): void;
  /** SIGTERM: resolves when it has ended in order. It stays down. */
  stop(): Promise<void>;
  readonly alive: boolean;
  /** How many lives there were so far. */
  readonly lives: number;
  /** What it holds by now; undefined while it is down. */
  load(): OperatorLoad | undefined;
}

/** What the lives of an operator are made with. */
export interface OperatorOptions {
  readonly seed: number;
  readonly time: VirtualTime;
  readonly backend: Backend;
  readonly gate: Gate;
  readonly identity: Identity;
  readonly network: Network;
  readonly controllers: (parts: OperatorParts) => readonly Controller[];
  readonly hasArtifact: (url: string) => boolean;
  readonly restartMs: number;
}

interface Alive {
  readonly life: Life;
  readonly manager: Manager;
  readonly caches: Caches;
  readonly controllers: readonly Controller[];
  readonly meter: RequestMeter;
}

/** An operator that has not started yet. */
export function createSimOperator(options: OperatorOptions): SimOperator {
  const { time, gate, restartMs } = options;
  let alive: Alive | undefined;
  let lives = 0;
  const end = (how: string): void => {
    if (alive === undefined) return;
    alive.life.end();
    alive = undefined;
    gate.note('operator', how);
  };
  const start = (): void => {
    if (alive !== undefined) return;
    lives += 1;
    gate.note('operator', `life ${lives} starts`);
    const crash = (): void => {
      end('crashed');
      time.world.after(restartMs, start);
    };
    alive = begin(options, time.life(`operator ${lives}`), crash);
  };
  return {
    start,
    crash: () => end('crashed'),
    async stop() {
      await alive?.manager.stop();
      end('stopped');
    },
    get alive() {
      return alive !== undefined;
    },
    get lives() {
      return lives;
    },
    load: () => (alive === undefined ? undefined : loadOf(alive)),
  };
}

function loadOf({ life, caches, controllers, meter }: Alive): OperatorLoad {
  return {
    watches: caches.health().length,
    timers: life.timers,
    requests: meter.waiting,
    mostRequests: meter.most,
    held: controllers.map(({ kind, held }) => ({ kind, keys: held() })),
  };
}

/** How long answers and events are under way, in milliseconds. */
const ANSWER_MS = [1, 5] as const;
const EVENT_MS = [1, 9] as const;

/** One life of the runtime as operator.ts puts it together, without leader election and health server. */
function begin(options: OperatorOptions, life: Life, crash: () => void): Alive {
  const { seed, backend, gate, network, identity } = options;
  const log = complaining(gate);
  const random = createRandom(seed, 'network');
  const meter = createRequestMeter();
  const door = createSimClient({
    backend,
    sender: { identity, agent: 'weir' },
    time: life.time,
    delays: { answer: () => between(random, ...ANSWER_MS), event: () => between(random, ...EVENT_MS) },
    gate,
    crash,
    skew: (ms) => options.time.skew(ms),
    ended: () => life.ended,
  });
  const client = meter.client(door);
  const basic = { client, log, time: life.time };
  const caches = createCaches({ ...basic, namespaces: [] });
  const events = createEventRecorder({ ...basic, instance: 'weir' });
  const writers = createWriter({ client, known: caches.reader.get, wrote: caches.wrote, removed: caches.removed });
  const outside = { gate, life, delay: () => between(random, ...ANSWER_MS) };
  const http = meter.http(createServiceDoor({ ...outside, network }));
  const artifacts = createArtifactDoor({ ...outside, isThere: options.hasArtifact });
  const controllers = options.controllers({ ...basic, http, artifacts, caches, writers, events });
  const manager = createManager({ ...basic, caches, controllers, events, servers: [] });
  manager.start().catch((error: unknown) => gate.violation(`the operator could not start: ${String(error)}`));
  return { life, manager, caches, controllers, meter };
}

/** A log that goes nowhere, but for errors: the runtime logs those only for what must never happen. */
function complaining(gate: Gate): Logger {
  const log: Logger = {
    ...silentLogger,
    error: (fields, text) => gate.violation(`${text}: ${describeFields(fields)}`),
    child: () => log,
  };
  return log;
}

function describeFields(fields: object): string {
  const { err, ...rest } = fields as { err?: unknown };
  const error = err instanceof Error ? (err.stack ?? err.message) : '';
  return `${JSON.stringify(rest)} ${error}`;
}
