import type { ServiceHttp } from '../../core/ports.ts';
import type { Access } from '../../core/reconciler.ts';
import type { Caches } from '../../runtime/caches.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { BackgroundEventRecorder } from '../../runtime/event-recorder.ts';
import type { KindInfo } from '../../runtime/kinds.ts';
import type { KubeClient } from '../../runtime/kube-client.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Time } from '../../runtime/time.ts';
import type { Writers } from '../../runtime/writer.ts';
import type { StartProcess } from '../process.ts';
import type { KubeAccess } from './access.ts';
import type { Fault } from './faults.ts';

/** The parts of one life of the operator, all of them real but for the doors `client`, `http` and `time`. */
export interface OperatorParts {
  readonly client: KubeClient;
  readonly http: ServiceHttp;
  readonly time: Time;
  readonly caches: Caches;
  readonly writers: Writers;
  readonly events: BackgroundEventRecorder;
  readonly log: Logger;
}

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
  /** One node of 64 cores and 256Gi unless given. */
  readonly nodes?: readonly SimNode[];
  /** How long a crashed operator takes to start again; 1 s unless given. */
  readonly restartMs?: number;
  /** Milliseconds since the epoch; 2026-01-01T00:00:00Z unless given. */
  readonly start?: number;
}

/** A machine that runs pods. */
export interface SimNode {
  readonly name: string;
  /** status.allocatable: Kubernetes quantities of cpu and memory. */
  readonly allocatable: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What can be done to nodes. */
export interface SimNodes {
  /** The machine dies: its processes end at once and nobody tells the API server. */
  kill(name: string): void;
  /**
   * The kubelet is cut off: the API server hears nothing from it, its processes run on as zombies. With `partitioned`
   * they cannot reach the API server either.
   */
  lose(name: string, how?: { readonly partitioned?: boolean }): void;
  /** It comes back: what should not run any more is ended, the rest is reported again. */
  restore(name: string): void;
}

/** How often each door was used so far: the upper ends of `n` in fault plans. */
export interface DoorCounts {
  readonly write: number;
  readonly read: number;
  readonly watch: number;
  readonly event: number;
  readonly rest: number;
}

/** One line of what happened at the doors. */
export interface LogEntry {
  /** Virtual time in milliseconds since the start of the run. */
  readonly at: number;
  /** `write 3`, `rest 12`, or `operator` for its lives. */
  readonly door: string;
  /** What was asked, what came of it, and the fault that struck, if any. */
  readonly text: string;
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
  /** In order of time; equal for equal options. */
  readonly log: readonly LogEntry[];
  /** Requests outside `access`, and other things the operator must never do, in words. */
  readonly violations: readonly string[];
  /** Moves time on, everything due in between happens in order. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time, then moves on until nothing changes any more. Throws an Error with the end of the log when it does not come to rest. */
  settle(options?: SettleOptions): Promise<void>;
  /** Answers watches from before now with 410 from here on, those that are open included. */
  compact(): void;
}
