import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { lastWords } from './last-words.ts';
import type { ReasonTable } from './reasons.ts';

/** States a container waits in that do not pass by themselves (kubelet, Kubernetes 1.34); the incumbent's event reasons. */
const CONTAINER_TROUBLES = {
  CrashLoopBackOff: {
    means: 'A container ends again and again, and Kubernetes waits before it starts it once more.',
    remedy: 'The message has its exit code and last words; `kubectl logs --previous` has the rest.',
  },
  ImagePullBackOff: {
    means: 'The image cannot be pulled, and Kubernetes waits before it tries again.',
    remedy: 'Check name, tag and pull secrets.',
  },
  ErrImagePull: { means: 'The image cannot be pulled.', remedy: 'Check name, tag and pull secrets.' },
  InvalidImageName: { means: 'The name of the image breaks the rules for names.', remedy: 'Correct `spec.image`.' },
  RunContainerError: { means: 'The container runtime cannot start the container.', remedy: 'The message says why.' },
  CreateContainerConfigError: {
    means: 'Something that the container refers to is missing, a ConfigMap or Secret for instance.',
    remedy: 'The message names it.',
  },
  CreateContainerError: { means: 'The container runtime cannot make the container.', remedy: 'The message says why.' },
} as const satisfies ReasonTable<string>;

/** Why pods do not come up, in the words of kubelet, scheduler and controllers. */
export const POD_TROUBLES = {
  ...CONTAINER_TROUBLES,
  OOMKilled: {
    means: 'A container used more memory than its limit and was killed.',
    remedy: 'More memory in `resource`, or a larger share of it outside the heap.',
  },
  FailedCreate: {
    means: 'Kubernetes refuses to create a pod: a quota, a missing service account, pod security.',
    remedy:
      'The message is the refusal. The chart makes service accounts only in the namespaces it is told ([watch scope](../watch-scope.md)).',
  },
  Unschedulable: {
    means: 'The scheduler finds no node for a pod.',
    remedy: "The message is the scheduler's. See [capacity](../capacity.md).",
  },
} as const satisfies ReasonTable<string>;

/** One of POD_TROUBLES. */
export type PodTrouble = keyof typeof POD_TROUBLES;

/** Why a pod does not come up. */
export interface Finding {
  readonly reason: PodTrouble;
  /** `JobManager pod basic-xyz container main`. */
  readonly who: string;
  readonly message: string;
}

/** One line: who is in trouble, which, and what Kubernetes says of it. */
export function describeFinding({ reason, who, message }: Finding): string {
  return message === '' ? `${who}: ${reason}` : `${who}: ${reason}: ${message}`;
}

const WAITING: ReadonlySet<string> = new Set(Object.keys(CONTAINER_TROUBLES));

interface ContainerStatus {
  readonly name?: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

interface Terminated {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly message?: string;
}

/** The parts of a pod's or a Deployment's status that tell of trouble. */
export interface TroubledStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

/** A status as far as it can be read. */
export function troubledStatus(object: KubeObject): TroubledStatus {
  return isRecord(object.status) ? (object.status as TroubledStatus) : {};
}

/** What keeps a pod from coming up; nothing of a pod that is being deleted. `role` says whose it is. */
export function podTrouble(pod: KubeObject, role: string): Finding | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const who = `${role} pod ${pod.metadata.name}`;
  const status = troubledStatus(pod);
  const unscheduled = status.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'Unschedulable',
  );
  if (unscheduled !== undefined) return { reason: 'Unschedulable', who, message: unscheduled.message ?? '' };
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const finding = containerTrouble(container);
    if (finding !== undefined) return { ...finding, who: `${who} container ${container.name ?? '?'}` };
  }
  return undefined;
}

function containerTrouble(container: ContainerStatus): Omit<Finding, 'who'> | undefined {
  const waiting = container.state?.waiting;
  const reason = waiting?.reason;
  if (reason === undefined || !WAITING.has(reason)) return undefined;
  const last = container.lastState?.terminated;
  const told = [steady(waiting?.message ?? ''), ...(last === undefined ? [] : [`last ${endOf(last)}`])];
  // How long the kubelet waits before the next start differs each time: the same trouble would be told again and again.
  const message = reason === 'CrashLoopBackOff' && last !== undefined ? told[1] : told.join(', ');
  return { reason: last?.reason === 'OOMKilled' ? 'OOMKilled' : (reason as PodTrouble), message: message ?? '' };
}

/** How a container ended: `exit code 1 (Error): java.io.IOException: JAR file does not exist`. */
function endOf({ exitCode, reason, message = '' }: Terminated): string {
  const words = lastWords(message);
  return `exit code ${exitCode ?? '?'} (${reason ?? 'unknown'})${words === undefined ? '' : `: ${words}`}`;
}

/** A message without the port a request came from, which is another one each time. */
function steady(message: string): string {
  return message.replace(/(\d|\]):\d+->/g, '$1->');
}

/**
 * How a container of a pod failed before it was started again, or is about to be, as long as it is not ready again:
 * `exit code 1 (Error): java.io.IOException: no such bucket`. Undefined when none has, and for a pod that is being deleted.
 */
export function failedBefore(pod: KubeObject): string | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const containers = troubledStatus(pod).containerStatuses ?? [];
  const ends = containers
    .filter(({ ready }) => ready !== true)
    .map(({ state, lastState }) => state?.terminated ?? lastState?.terminated);
  const failed = ends.find((end) => end !== undefined && end.exitCode !== 0);
  return failed === undefined ? undefined : endOf(failed);
}
