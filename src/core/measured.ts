import { findCondition } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';

/** What metrics show of a resource of any kind; times in milliseconds since the epoch. */
export interface Measured {
  readonly namespace: string;
  readonly name: string;
  readonly state: string;
  /** The reason of its Ready condition; undefined when that is True, or not there. */
  readonly notReady: string | undefined;
  readonly createdAt: number | undefined;
}

/** How recent the newest checkpoint of a resource's job is. */
export interface Checkpointed {
  /** Milliseconds since the epoch: when it was completed, or the job began that has completed none. */
  readonly newestAt: number;
  /** Milliseconds within which the job as it is configured completes one. */
  readonly windowMs: number;
}

/** What metrics show of a resource in a state. */
export function measured({ metadata, status }: KubeObject, state: string): Measured {
  const { conditions } = isRecord(status) ? status : {};
  const ready = Array.isArray(conditions) ? findCondition(conditions.filter(isCondition), 'Ready') : undefined;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    state,
    notReady: ready === undefined || ready.status === 'True' ? undefined : ready.reason,
    createdAt: createdAt(metadata),
  };
}

/** When an object was created; undefined where that is not known. */
export function createdAt({ creationTimestamp = '' }: KubeObject['metadata']): number | undefined {
  const at = Date.parse(creationTimestamp);
  return Number.isNaN(at) ? undefined : at;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

function isCondition(value: unknown): value is Condition {
  return isRecord(value) && ['type', 'status', 'reason'].every((field) => typeof value[field] === 'string');
}
