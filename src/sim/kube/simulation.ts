import type { Access } from '../../core/reconciler.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { KindInfo } from '../../runtime/kinds.ts';
import type { Time } from '../../runtime/time.ts';
import type { StartProcess } from '../process.ts';
import { createRandom } from '../random.ts';
import { createVirtualTime, type VirtualTime } from '../virtual-time.ts';
import type { KubeAccess } from './access.ts';
import { createAccess } from './api-access.ts';
import { type Backend, createBackend } from './backend.ts';
import { startCluster } from './controllers/cluster.ts';
import type { Fault } from './faults.ts';
import { createGate, type DoorCounts, type Gate, type LogEntry } from './gate.ts';
import type { SimNode, SimNodes } from './machines.ts';
import { createObjectStore } from './object-store.ts';
import { createSimOperator, type OperatorParts, type SimOperator } from './operator-life.ts';
import { limitedTo } from './rights.ts';
import { customKind } from './sim-kinds.ts';

/** What a simulation is made from. The same options give the same run, byte for byte. */
export interface SimulationOptions {
  readonly seed: number;
  /** Kinds besides the built-in ones (core, apps, Lease, Ingress, Event): the custom resources, all with status subresource. */
  readonly kinds: readonly KindInfo[];
  /** What the operator may do; anything else is refused with 403 and is a violation. */
  readonly access: readonly Access[];
  /** Makes the controllers of one life of the operator: `createController({ ...parts, reconciler })` for each engine. */
  readonly controllers: (parts: OperatorParts) => readonly Controller[];
  /** What runs in pods. */
  readonly startProcess: StartProcess;
  readonly faults?: readonly Fault[];
  /** Whether there is an artifact at a URL; there always is unless given. */
  readonly hasArtifact?: (url: string) => boolean;
  /** One node of 64 cores and 256Gi unless given. */
  readonly nodes?: readonly SimNode[];
  /** Pods are refused whose ServiceAccount is not there, as on a cluster; not unless given. */
  readonly checksAccounts?: boolean;
  /** How long a crashed operator takes to start again; 1 s unless given. */
  readonly restartMs?: number;
  /** Milliseconds since the epoch; 2026-01-01T00:00:00Z unless given. */
  readonly start?: number;
}

/** How settle() knows the end. */
export interface SettleOptions {
  /** Nothing was stored for this long: 60 s unless given. */
  readonly quietMs?: number;
  /** Throws when it takes longer: an hour unless given. */
  readonly limitMs?: number;
}

/** A cluster, its processes and the operator under test, in virtual time. */
export interface Simulation {
  /** The clock of the world; timers of tests and scenarios go here. */
  readonly time: Time;
  /** The administrator's hand on the API server: what users do with kubectl, and the ground truth of what is stored. */
  readonly user: KubeAccess;
  readonly operator: SimOperator;
  readonly nodes: SimNodes;
  readonly counts: DoorCounts;
  /** Uses of the door `rest` that may change something. */
  readonly restEffects: readonly number[];
  /** In order of time; equal for equal options. */
  readonly log: readonly LogEntry[];
  /** Requests outside `access`, and other things the operator must never do, in words. */
  readonly violations: readonly string[];
  /** When the last fault that struck was over, in milliseconds since the start of the run; 0 before any did. */
  readonly disturbedUntil: number;
  /** Puts the operator's wall clock off by this many milliseconds. */
  skewClock(ms: number): void;
  /** Moves time on, everything due in between happens in order. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time, then moves on until nothing changes any more. Throws an Error with the end of the log when it does not come to rest. */
  settle(options?: SettleOptions): Promise<void>;
  /** Forgets history: watches that open from a version before now are answered with 410, continued lists too. */
  compact(): void;
}

const START = Date.parse('2026-01-01T00:00:00Z');
const NODES: readonly SimNode[] = [{ name: 'node-1', allocatable: { cpu: '64', memory: '256Gi' } }];

/**
 * A cluster with the namespace `default`, its controllers and nodes, and an operator that has not started yet.
 *
 * @example
 * const simulation = createSimulation({ seed: 1, kinds, access, controllers, startProcess });
 * simulation.operator.start();
 * simulation.user.create(deployment);
 * await simulation.settle();
 */
export function createSimulation(options: SimulationOptions): Simulation {
  const { seed, start = START } = options;
  const time = createVirtualTime(seed, start);
  const backend = createBackend(createObjectStore(), {
    kinds: options.kinds.map((kind) => customKind(kind)),
    now: () => time.world.now(),
    random: createRandom(seed, 'names'),
    checksAccounts: options.checksAccounts ?? false,
  });
  const gate = createGate(options.faults ?? [], () => time.world.monotonic());
  const cluster = startCluster(backend, {
    seed,
    time: time.world,
    nodes: options.nodes ?? NODES,
    startProcess: options.startProcess,
  });
  const operator = createSimOperator({
    seed,
    time,
    backend,
    gate,
    identity: limitedTo('system:serviceaccount:weir:weir', options.access, gate.violation),
    network: cluster.network,
    controllers: options.controllers,
    hasArtifact: options.hasArtifact ?? (() => true),
    restartMs: options.restartMs ?? 1_000,
  });
  return {
    time: time.world,
    user: createAccess(backend, 'kubectl'),
    operator,
    nodes: cluster.nodes,
    counts: gate.counts,
    restEffects: gate.restEffects,
    log: gate.log,
    violations: gate.violations,
    get disturbedUntil() {
      return gate.disturbedUntil;
    },
    skewClock: (ms) => time.skew(ms),
    advance: (ms) => time.advance(ms),
    settle: (settling = {}) => settle({ time, backend, gate }, settling),
    compact: () => backend.store.compact(),
  };
}

interface World {
  readonly time: VirtualTime;
  readonly backend: Backend;
  readonly gate: Gate;
}

async function settle({ time, backend, gate }: World, options: SettleOptions): Promise<void> {
  const { quietMs = 60_000, limitMs = 3_600_000 } = options;
  const clock = time.world;
  const end = clock.monotonic() + limitMs;
  let changed = clock.monotonic();
  let { revision } = backend.store;
  while (clock.monotonic() - changed < quietMs) {
    await time.step(changed + quietMs - clock.monotonic());
    if (backend.store.revision === revision) continue;
    revision = backend.store.revision;
    changed = clock.monotonic();
    if (changed < end) continue;
    const last = gate.log.slice(-20).map(({ at, door, text }) => `${at} ${door}: ${text}`);
    throw new Error(`does not come to rest within ${limitMs} ms:\n${last.join('\n')}`);
  }
}
