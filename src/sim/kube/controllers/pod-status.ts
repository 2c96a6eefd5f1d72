import type { ConditionDraft } from '../../../kube/conditions.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { timestamp } from '../backend.ts';
import { conditionsAfter } from './conditions.ts';
import { containerNames, mainContainer } from './container.ts';
import { type Fields, fieldsOf, listOf } from './world.ts';

/** How the last process of a container ended. */
export interface Ended {
  readonly exitCode: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly message?: string;
  /** In place of Completed or Error. */
  readonly reason?: string;
}

/** What the kubelet knows of a pod's main container. */
export interface ContainerState {
  readonly state:
    | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
    | { readonly kind: 'running'; readonly startedAt: number; readonly ready: boolean }
    | ({ readonly kind: 'ended' } & Ended);
  readonly restarts: number;
  readonly last: Ended | undefined;
  readonly podIp: string | undefined;
}

/** Whether the container has probes that must succeed before it counts as ready. */
export function hasProbes(pod: KubeObject): boolean {
  const { startupProbe, readinessProbe } = mainContainer(pod);
  return startupProbe !== undefined || readinessProbe !== undefined;
}

/** v1 PodStatus as the kubelet reports it. */
export function podStatus(pod: KubeObject, container: ContainerState, nowMs: number): Fields {
  const { state } = container;
  const running = state.kind === 'running';
  const phase = phaseFor(pod, container);
  const ready = running && state.ready;
  const before = fieldsOf(pod.status);
  return {
    ...before,
    phase,
    conditions: conditionsAfter(pod, readiness(pod, ready, phase), nowMs),
    startTime: before.startTime ?? timestamp(nowMs),
    ...(container.podIp === undefined ? {} : { podIP: container.podIp, podIPs: [{ ip: container.podIp }] }),
    containerStatuses: containerNames(pod).map((name, index) => containerStatus(pod, name, index, container)),
  };
}

function phaseFor(pod: KubeObject, { state, restarts, last }: ContainerState): string {
  if (state.kind === 'ended') return state.exitCode === 0 ? 'Succeeded' : 'Failed';
  if (state.kind === 'running' || restarts > 0 || last !== undefined) return 'Running';
  return String(fieldsOf(pod.status).phase ?? 'Pending');
}

function readiness(pod: KubeObject, ready: boolean, phase: string): readonly ConditionDraft[] {
  const said = `containers with unready status: [${containerNames(pod).join(' ')}]`;
  const reason = ready ? '' : phase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotReady';
  const detail = { status: ready ? ('True' as const) : ('False' as const), reason, message: ready ? '' : said };
  const met = { status: 'True' as const, reason: '', message: '' };
  return [
    { type: 'Initialized', ...met },
    { type: 'Ready', ...detail },
    { type: 'ContainersReady', ...detail },
  ];
}

function containerStatus(pod: KubeObject, name: string, index: number, container: ContainerState): Fields {
  const { state, restarts, last } = container;
  const running = state.kind === 'running';
  const spec = fieldsOf(listOf(fieldsOf(pod.spec).containers)[index]);
  return {
    name,
    image: spec.image,
    ready: running && (index > 0 || state.ready),
    started: running && (index > 0 || state.ready),
    restartCount: index > 0 ? 0 : restarts,
    state: stateOf(state),
    lastState: index > 0 || last === undefined ? {} : { terminated: terminated(last) },
  };
}

function stateOf(state: ContainerState['state']): Fields {
  switch (state.kind) {
    case 'waiting':
      return {
        waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) },
      };
    case 'running':
      return { running: { startedAt: timestamp(state.startedAt) } };
    case 'ended':
      return { terminated: terminated(state) };
  }
}

function terminated({ exitCode, startedAt, finishedAt, message, reason }: Ended): Fields {
  const said = message === undefined ? {} : { message };
  const why = reason ?? (exitCode === 0 ? 'Completed' : 'Error');
  return { exitCode, reason: why, ...said, startedAt: timestamp(startedAt), finishedAt: timestamp(finishedAt) };
}
