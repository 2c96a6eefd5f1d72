import type { KubeObject } from '../../../kube/object.ts';
import type { Cancel } from '../../../runtime/time.ts';
import type { SimProcess } from '../../process.ts';
import type { ContainerState, Ended } from './pod-status.ts';
import type { Host } from './process-host.ts';

/** A pod as its kubelet runs it. */
export interface PodRun {
  /** As last seen. */
  pod: KubeObject;
  readonly podIp: string;
  host: Host | undefined;
  process: SimProcess | undefined;
  startedAt: number;
  state: ContainerState['state'];
  restarts: number;
  /** How often in a row it ended or could not start. */
  failures: number;
  last: Ended | undefined;
  terminating: boolean;
  /** It was killed for the sake of the node, and is not started again. */
  evicted: boolean;
  /** By what they are for. */
  readonly timers: Map<string, Cancel>;
}

/** A pod whose container has not been started yet. */
export function newRun(pod: KubeObject, podIp: string): PodRun {
  return {
    pod,
    podIp,
    host: undefined,
    process: undefined,
    startedAt: 0,
    state: { kind: 'waiting', reason: 'ContainerCreating' },
    restarts: 0,
    failures: 0,
    last: undefined,
    terminating: false,
    evicted: false,
    timers: new Map(),
  };
}

/** What its process says of its end. */
export function saidAtEnd({ process }: PodRun): Pick<Ended, 'message' | 'reason'> {
  const [message, reason] = [process?.lastWords?.(), process?.endReason?.()];
  return { ...(message === undefined ? {} : { message }), ...(reason === undefined ? {} : { reason }) };
}
