import type { KindRef } from '../../../core/ports.ts';
import { type KubeObject, keyOf, type ObjectKey, type ObjectRef, parseKey } from '../../../kube/object.ts';
import { isRecord } from '../../../lib/json.ts';
import { KubeError } from '../../../runtime/classify-failure.ts';
import type { Cancel, Time } from '../../../runtime/time.ts';
import { between, type Random } from '../../random.ts';
import type { KubeAccess } from '../access.ts';

/** What the cluster's own controllers work with. */
export interface World {
  readonly kube: KubeAccess;
  readonly time: Time;
  readonly random: Random;
}

/** Kinds the controllers know. */
export const DEPLOYMENT: KindRef = { apiVersion: 'apps/v1', kind: 'Deployment' };
/** See DEPLOYMENT. */
export const REPLICA_SET: KindRef = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
/** See DEPLOYMENT. */
export const POD: KindRef = { apiVersion: 'v1', kind: 'Pod' };
/** See DEPLOYMENT. */
export const NODE: KindRef = { apiVersion: 'v1', kind: 'Node' };

/** JSON fields of unknown types. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value as an object; empty when it is none. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** A value as a list; empty when it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The reference of an object of a kind by its key. */
export function refAt(kind: KindRef, key: ObjectKey): ObjectRef {
  return { apiVersion: kind.apiVersion, kind: kind.kind, ...parseKey(key) };
}

/** The key of the controlling owner, if it is of this kind. */
export function ownerKey(object: KubeObject, kind: KindRef): ObjectKey | undefined {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner?.kind === kind.kind ? keyOf({ ...object.metadata, name: owner.name }) : undefined;
}

/** Whether the object is controlled by the object with this uid. */
export function isControlledBy(object: KubeObject, uid: string | undefined): boolean {
  return (object.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);
}

/** The phase of a pod. */
export function phaseOf(pod: KubeObject): unknown {
  return fieldsOf(pod.status).phase;
}

/** Whether the pod's condition Ready is True. */
export function isReady(pod: KubeObject): boolean {
  return listOf(fieldsOf(pod.status).conditions).some(
    (condition) => fieldsOf(condition).type === 'Ready' && fieldsOf(condition).status === 'True',
  );
}

/** Work by key: each key is looked at once some time after it was added. */
export interface Loop {
  add(key: string): void;
  addAfter(key: string, ms: number): void;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;

/**
 * A control loop. `act` may return after how many milliseconds to look again; a KubeError it throws is retried with
 * growing waits, anything else is a bug of the simulation and ends the run. `delayMs` are the shortest and longest times a look is behind.
 */
export function createLoop(
  { time, random }: World,
  delayMs: readonly [number, number],
  act: (key: string) => number | undefined,
): Loop {
  const waiting = new Map<string, { readonly at: number; readonly cancel: Cancel }>();
  const failures = new Map<string, number>();
  const schedule = (key: string, ms: number): void => {
    const at = time.monotonic() + ms;
    const before = waiting.get(key);
    if (before !== undefined && before.at <= at) return;
    before?.cancel();
    waiting.set(key, { at, cancel: time.after(ms, () => run(key)) });
  };
  const run = (key: string): void => {
    waiting.delete(key);
    try {
      const again = act(key);
      failures.delete(key);
      if (again !== undefined) schedule(key, again);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      schedule(key, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failed));
    }
  };
  return {
    add: (key) => schedule(key, between(random, delayMs[0], delayMs[1])),
    addAfter: schedule,
  };
}
