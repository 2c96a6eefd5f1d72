import { lastWords, withoutCalls } from '../core/last-words.ts';
import { type Finding, podTrouble } from '../core/pod-trouble.ts';
import { isBeingDeleted, type KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { SPARK_CONTAINERS } from './conf/pod-templates.ts';

/** How a driver stands. A pod that is being deleted counts by what its container does. */
export type DriverOutcome =
  | { readonly kind: 'pending'; readonly trouble: Finding | undefined }
  | { readonly kind: 'running' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly message: string };

interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}

interface ContainerStatus {
  readonly name?: string;
  readonly state?: { readonly terminated?: Terminated };
}

interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly conditions?: readonly PodCondition[];
}

interface PodCondition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/**
 * How a driver pod stands. The Spark container decides, not the phase, which stays Running while a sidecar runs; without
 * its state (evicted, node lost) the phase does.
 */
export function driverOutcome(pod: KubeObject, container: string | undefined): DriverOutcome {
  const status = statusOf(pod);
  const ended = sparkContainer(status, container)?.state?.terminated;
  if (ended !== undefined) return ended.exitCode === 0 ? { kind: 'succeeded' } : failedWith(pod, ended);
  switch (status.phase) {
    case 'Succeeded':
      return { kind: 'succeeded' };
    case 'Failed':
      return {
        kind: 'failed',
        message: `driver pod failed: ${whyOf(status) ?? initFailure(status) ?? 'no reason given'}`,
      };
    case 'Running':
      return { kind: 'running' };
    case 'Unknown':
      return { kind: 'unknown' };
    default:
      return { kind: 'pending', trouble: podTrouble(pod, 'driver') };
  }
}

/** What a pod waits for before its Spark container can start: a node, and the end of its init containers. */
const BEFORE_START: ReadonlySet<string | undefined> = new Set(['PodScheduled', 'Initialized']);

/** Since when a pod could start its container, in milliseconds since the epoch, as far as it has come; 0: it waits for a node. */
export function startableSince(pod: KubeObject): number {
  const { conditions = [] } = statusOf(pod);
  const times = conditions
    .filter(({ type, status }) => status === 'True' && BEFORE_START.has(type))
    .map(({ lastTransitionTime = '' }) => Date.parse(lastTransitionTime) || 0);
  return Math.max(0, ...times);
}

/** Longest part of a termination message that is shown. */
const MAX_TAIL = 1000;

function failedWith(pod: KubeObject, ended: Terminated): DriverOutcome {
  const why = because(whyOf(statusOf(pod)) ?? (isBeingDeleted(pod) ? 'the driver pod was deleted' : undefined));
  return {
    kind: 'failed',
    message: `driver container failed with ${exitOf(ended)}${why}${tailOf(ended.message)}`,
  };
}

function exitOf({ exitCode, reason }: Terminated): string {
  return `ExitCode: ${exitCode ?? '?'}, Reason: ${reason ?? 'unknown'}`;
}

/** From so many characters on, a message may be the end of a log, cut by the kubelet (2048 bytes) within a line. */
const MAYBE_CUT = 2000;

/**
 * What a termination message says, behind what was said before: why the program ended, in one line since an event shows no
 * more, then the end of all it says.
 */
function tailOf(message = ''): string {
  const words = lastWords(message);
  if (words === undefined) return '';
  const said = withoutCalls(message.length < MAYBE_CUT ? message : withoutFirstLine(message));
  const tail = said.length > MAX_TAIL ? withoutFirstLine(said.slice(-MAX_TAIL)) : said;
  return tail.includes('\n') ? `: ${words}\n${tail}` : `: ${words}`;
}

/** A text behind its first line; all of it when there is but one. */
function withoutFirstLine(text: string): string {
  return text.slice(text.indexOf('\n') + 1);
}

/** The init container that kept the Spark container from starting, if one did. */
function initFailure({ initContainerStatuses = [] }: PodStatus): string | undefined {
  for (const { name = '?', state: { terminated } = {} } of initContainerStatuses) {
    if (terminated === undefined || terminated.exitCode === 0) continue;
    return `init container ${name} failed with ${exitOf(terminated)}${tailOf(terminated.message)}`;
  }
  return undefined;
}

function because(why: string | undefined): string {
  return why === undefined ? '' : `; ${why}`;
}

/** Evicted, preempted, node lost: what the pod says of itself, else what disrupted it (KEP-3329). */
function whyOf({ reason, message, conditions = [] }: PodStatus): string | undefined {
  const disrupted = conditions.find(({ type }) => type === 'DisruptionTarget');
  const [word, text] = reason === undefined ? [disrupted?.reason, disrupted?.message] : [reason, message];
  if (word === undefined) return undefined;
  return text === undefined || text === '' ? word : `${word}: ${text}`;
}

/** Why a pod is being taken away, where it says so, and undefined for one that is not. Kept, since the pod may be gone at the next look. */
export function takenAwayBecause(pod: KubeObject): string | undefined {
  return isBeingDeleted(pod) ? whyOf(statusOf(pod)) : undefined;
}

function sparkContainer({ containerStatuses = [] }: PodStatus, name: string | undefined): ContainerStatus | undefined {
  const names = [SPARK_CONTAINERS.driver, name];
  return containerStatuses.find((status) => names.includes(status.name));
}

function statusOf({ status }: KubeObject): PodStatus {
  return isRecord(status) ? (status as PodStatus) : {};
}

/** The incumbent's words for executors. */
export type ExecutorState = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'UNKNOWN';

const EXECUTOR_STATES: ReadonlyMap<string, ExecutorState> = new Map([
  ['Pending', 'PENDING'],
  ['Running', 'RUNNING'],
  ['Succeeded', 'COMPLETED'],
  ['Failed', 'FAILED'],
]);

/**
 * The state of an executor pod, by its phase; undefined for one that ended because it was deleted, which counts as gone:
 * drivers delete executors they need no more, and those end by a signal when they are not quick enough.
 */
export function executorState(pod: KubeObject): ExecutorState | undefined {
  const status = statusOf(pod);
  const state = EXECUTOR_STATES.get(status.phase ?? 'Pending') ?? 'UNKNOWN';
  if (state !== 'FAILED' || !isBeingDeleted(pod)) return state;
  return endsOf(status).every((end) => end.exitCode === 0 || isByDeletion(pod, end)) ? undefined : state;
}

function endsOf({ containerStatuses = [] }: PodStatus): readonly Terminated[] {
  return containerStatuses.flatMap(({ state: { terminated } = {} }) => (terminated ? [terminated] : []));
}

/** How an executor that failed ended, in words: exit code and reason of its container, and what became of the pod. Empty: nothing is known. */
export function executorEnd(pod: KubeObject): string {
  const status = statusOf(pod);
  const ended = endsOf(status).find(({ exitCode }) => exitCode !== 0);
  const how = ended === undefined ? initFailure(status) : exitOf(ended);
  return [how, whyOf(status)].filter((part) => part !== undefined).join('; ');
}

const SIGKILL = 137;
const SIGTERM = 143;

/** Deletion sends SIGTERM at once, and SIGKILL when the time of grace is over, which is the pod's deletionTimestamp. */
function isByDeletion({ metadata }: KubeObject, { exitCode, reason, finishedAt = '' }: Terminated): boolean {
  if (exitCode === SIGTERM) return true;
  const graceIsOver = Date.parse(finishedAt) >= Date.parse(metadata.deletionTimestamp ?? '');
  return exitCode === SIGKILL && reason !== 'OOMKilled' && graceIsOver;
}
