import type { KubeObject } from '../kube/object.ts';
import type { Cancel } from '../runtime/time.ts';
import type { KubeAccess } from './kube/access.ts';

/**
 * What runs in a pod of the simulation. The simulated kubelet starts it when the container starts, asks ready() and
 * exitCode() right after the start and after each call of `surroundings.changed()`, and ends it as Kubernetes does:
 * terminate() when the pod is deleted, kill() when the grace period is over. It starts a new one for each restart.
 */
export interface SimProcess {
  /** What the startup and readiness probes of the container would find. Never asked where the container has neither. */
  ready(): boolean;
  /** SIGTERM: the process ends by itself, sooner or later or never. */
  terminate(): void;
  /** SIGKILL: it is gone on return. Its access to the API server and its timers are cut off by the kubelet. */
  kill(): void;
  /** Undefined while it runs. 143 after SIGTERM, 0 for success, as on Linux. */
  exitCode(): number | undefined;
  /** What it wrote to its termination log before it ended. */
  lastWords?(): string | undefined;
  /** What is said of its end in place of Completed or Error: OOMKilled. Asked once it has ended. */
  endReason?(): string | undefined;
  /** Serves one request to a port of the pod. Left out: connections are refused. A rejection: the connection broke. */
  http?(request: ProcessRequest): Promise<ProcessAnswer>;
}

/** A request as it reaches the pod. */
export interface ProcessRequest {
  /** The container's port (the Service's targetPort). */
  readonly port: number;
  readonly method: string;
  /** With query, starting with a slash. */
  readonly path: string;
  /** Parsed JSON; of an uploaded file `{ name, contentType, content }` with its bytes. */
  readonly body: unknown;
}

/** An answer of a process: the HTTP status and the parsed JSON body. */
export interface ProcessAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How a container is started. */
export interface ContainerStart {
  /** The pod as stored at that moment, with status.podIP. */
  readonly pod: KubeObject;
  /** The first container of the pod, as in its spec. */
  readonly container: Readonly<Record<string, unknown>>;
  /** How often this container was started before in this pod. */
  readonly restarts: number;
  /** spec.env of the container: values, fieldRef, configMapKeyRef and secretKeyRef resolved. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The content of a file mounted from a ConfigMap or Secret, as it was when the container started; undefined if there is
   * none at this path.
   */
  file(path: string): string | undefined;
}

/** The only way from a process to the world around it. */
export interface Surroundings {
  /** Virtual time in milliseconds since the epoch. */
  now(): number;
  /** Calls back once, unless the process has ended by then. */
  after(delayMs: number, callback: () => void): Cancel;
  /** A number in [0, 1), from a generator of this process alone. */
  random(): number;
  /**
   * The API server as the pod's service account. Throws KubeError without status while the pod's node is cut off, and
   * after the process has ended.
   */
  readonly kube: KubeAccess;
  /** Tells the kubelet that ready() or exitCode() may answer differently now. */
  changed(): void;
}

/** Thrown by a StartProcess: the container cannot be started; the kubelet tells why and tries again with back-off. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
  /** As in containerStatuses[].state.waiting: ImagePullBackOff, CreateContainerConfigError, … */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Starts the process of a container. */
export type StartProcess = (start: ContainerStart, surroundings: Surroundings) => SimProcess;
