import { FailureError } from '../core/failure.ts';
import type { MergePatch, Propagation } from '../core/plan.ts';
import type { Writer } from '../core/ports.ts';
import { describeRef, isBeingDeleted, isReleased, type KubeObject, type ObjectRef, refOf } from '../kube/object.ts';
import { deepEqual, isRecord, withoutNullFields } from '../lib/json.ts';
import { isAlreadyExists, isAlreadyGone, isNoSuchObject, KubeError } from './classify-failure.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';
import { EXISTS_RETRY, spareForeign } from './spare-foreign.ts';
import { createTurns, type Turns } from './turns.ts';

/** Makes writers, each for one pass and bound to one namespace. */
export interface Writers {
  /** A writer that refuses (stalled, NamespaceViolation) every object outside this namespace and every cluster-scoped kind. */
  in(namespace: string): Writer;
  /** Whether so much is being written that what can wait should. */
  busy(): boolean;
}

/** What writers are made with. */
export interface WriterOptions {
  readonly client: KubeClient;
  /** Milliseconds a write started now may take; 0 while writing is not allowed (see LeaderElection.writeBudgetMs). */
  readonly budgetMs?: () => number;
  /** What is known to be there, so that an apply need not try to create it; nothing unless given. */
  readonly known?: (ref: ObjectRef) => KubeObject | undefined;
  /** Told what the API server stored, so that reads show it at once (see Caches.wrote). */
  readonly wrote?: (object: KubeObject) => void;
  readonly removed?: (ref: ObjectRef, uid: string) => void;
  /** Writes at once; 12 unless given. */
  readonly writesAtOnce?: number;
}

const REQUEST_TIMEOUT_MS = 30_000;
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

/** More at once would only wait inside the API server, where a status could not overtake the rest. */
const WRITES_AT_ONCE = 12;

/**
 * Who writes next when many want to: what a status tells is waited for by people, a pass that has changed something is to get
 * done with it, what is created ends an interruption, and what is deleted mostly begins one.
 */
const LANES = { status: 0, rest: 1, change: 2, delete: 3 } as const;

interface Bound extends WriterOptions {
  readonly namespace: string;
  readonly turns: Turns;
  /** Whether the pass has changed anything but a status. */
  readonly pass: { begun: boolean };
}

/**
 * Writers over a client, which take turns. Every write is checked against the budget when it is its turn and when it is sent:
 * none starts after the lease could be lost.
 */
export function createWriter(options: WriterOptions): Writers {
  const { writesAtOnce = WRITES_AT_ONCE } = options;
  const turns = createTurns(writesAtOnce, Object.keys(LANES).length);
  return {
    busy: () => turns.running > writesAtOnce / 2,
    in(namespace) {
      const bound: Bound = { ...options, namespace, turns, pass: { begun: false } };
      return {
        apply: (object) => apply(bound, object),
        create: (object) => create(bound, object),
        delete: (ref, uid, propagation, resourceVersion) => remove(bound, { ref, uid, propagation, resourceVersion }),
        patch: (object, change) => patchLive(bound, object, change),
        finalizer: (object, op, finalizer) => changeFinalizer(bound, object, { op, finalizer }),
        status: (object, status) => writeStatus(bound, object, status),
      };
    },
  };
}

/**
 * What is not known to be there is created: one request, where an apply would have to ask first whose the name is. What has
 * the name already is applied over, by force and as one field manager, if it is ours.
 */
async function apply(bound: Bound, object: KubeObject): Promise<KubeObject> {
  const ref = refOf(object);
  if (bound.known?.(ref) === undefined) {
    try {
      return told(bound, await post(bound, object));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  const found = await find(bound, ref);
  spareForeign(found, object);
  await takeAsApplied(bound, found);
  const { managedFields: _managedFields, ...metadata } = object.metadata as Managed;
  const stored = await send(bound, 'apply', ref, {
    method: 'PATCH',
    query: { fieldManager: bound.client.fieldManager, force: true },
    contentType: APPLY,
    body: { ...object, metadata },
  });
  return told(bound, stored);
}

/**
 * What has the name. Asked by a list of one name, for which the right to list is enough that every kind is watched by: to get it
 * would take one more. It costs the same, and is as it is now.
 */
async function find(bound: Bound, ref: ObjectRef): Promise<KubeObject> {
  const query = { fieldSelector: `metadata.name=${ref.name}` };
  const { items } = (await send(bound, 'get', ref, { method: 'GET', query })) as { readonly items?: unknown };
  const [found]: readonly unknown[] = Array.isArray(items) ? items : [];
  // Items of built-in kinds come without apiVersion and kind.
  if (isRecord(found)) return { ...(found as KubeObject), apiVersion: ref.apiVersion, kind: ref.kind };
  throw new FailureError({ kind: 'transient', message: `get ${describeRef(ref)}: it is gone by now` });
}

/** One entry of metadata.managedFields. */
interface FieldOwner {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
}

type Managed = KubeObject['metadata'] & { readonly managedFields?: readonly FieldOwner[] };

/**
 * Fields that we created are owned by way of an update, and an apply that names them no more would leave them there: what we
 * own is owned as applied from now on, as `kubectl apply --server-side` does with what it applied otherwise before.
 */
async function takeAsApplied(bound: Bound, found: KubeObject): Promise<void> {
  const { managedFields = [] } = found.metadata as Managed;
  const isOurs = ({ manager, subresource }: FieldOwner): boolean =>
    manager === bound.client.fieldManager && subresource === undefined;
  const ours = managedFields.filter(isOurs);
  if (ours.length !== 1 || ours[0]?.operation !== 'Update') return;
  const owners = managedFields.map((entry) => (isOurs(entry) ? { ...entry, operation: 'Apply' } : entry));
  const body = { metadata: { ...preconditions(found), managedFields: owners } };
  await patch(bound, 'patch', refOf(found), { body });
}

function post(bound: Bound, object: KubeObject): Promise<KubeObject> {
  const query = { fieldManager: bound.client.fieldManager };
  return send(bound, 'create', refOf(object), { method: 'POST', query, body: object });
}

async function create(bound: Bound, object: KubeObject): Promise<KubeObject> {
  try {
    return told(bound, await post(bound, object));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { message } = error;
    throw new FailureError({ kind: 'waiting', reason: 'AlreadyExists', message, ...EXISTS_RETRY }, { cause: error });
  }
}

interface Doomed {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly propagation: Propagation;
  readonly resourceVersion: string | undefined;
}

async function remove(bound: Bound, { ref, uid, propagation, resourceVersion }: Doomed): Promise<void> {
  const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: propagation };
  try {
    const answer = await send(bound, 'delete', ref, { method: 'DELETE', body });
    // The server returns the object, marked, while finalizers or a grace period keep it. Once it is gone it returns a Status, or
    // for Services the object as it was (seen with Kubernetes 1.34).
    if (answer.kind === ref.kind && answer.apiVersion === ref.apiVersion && isBeingDeleted(answer)) told(bound, answer);
    else bound.removed?.(ref, uid);
  } catch (error) {
    if (!isAlreadyGone(error)) throw error;
    bound.removed?.(ref, uid);
  }
}

async function patchLive(bound: Bound, object: KubeObject, change: MergePatch): Promise<KubeObject> {
  const metadata = { ...(isRecord(change.metadata) ? change.metadata : {}), ...preconditions(object) };
  return told(bound, await patch(bound, 'patch', refOf(object), { body: { ...change, metadata } }));
}

async function changeFinalizer(
  bound: Bound,
  object: KubeObject,
  change: { op: 'add' | 'remove'; finalizer: string },
): Promise<KubeObject> {
  const before = object.metadata.finalizers ?? [];
  if (before.includes(change.finalizer) === (change.op === 'add')) return object;
  const finalizers =
    change.op === 'add' ? [...before, change.finalizer] : before.filter((name) => name !== change.finalizer);
  // The whole list is sent, so the version must match or another's finalizer could be dropped.
  const metadata = { ...preconditions(object), finalizers };
  try {
    const stored = await patch(bound, `${change.op} finalizer of`, refOf(object), { body: { metadata } });
    // The last finalizer off, it is gone: answered is what it was, under its old version, which nothing tells from one that is there.
    if (!isReleased(stored)) return told(bound, stored);
    bound.removed?.(refOf(object), metadata.uid);
    return stored;
  } catch (error) {
    if (change.op === 'remove' && error instanceof KubeError && error.status === 404) return object;
    throw error;
  }
}

/**
 * The object as it was read is sent with the new status, of which the API server takes nothing else: a patch would cost it
 * an eighth more (Kubernetes 1.34), for it writes the object down as JSON to lay the patch over it.
 */
async function writeStatus(bound: Bound, object: KubeObject, status: unknown): Promise<KubeObject> {
  const wanted = withoutNullFields(status);
  if (deepEqual(object.status ?? {}, wanted)) return object;
  const { managedFields: _managedFields, ...metadata } = object.metadata as Managed;
  const ref = refOf(object);
  const live = preconditions(object);
  const body = { ...object, metadata: { ...metadata, ...live }, status: wanted };
  const query = { fieldManager: bound.client.fieldManager };
  try {
    return told(
      bound,
      await send(bound, 'write status of', ref, { method: 'PUT', query, body, subresource: 'status' }),
    );
  } catch (error) {
    // Whoever was not told of its deletion would go on making what belongs to it.
    if (isNoSuchObject(error) && error.message.includes(`"${ref.name}" not found`)) bound.removed?.(ref, live.uid);
    throw error;
  }
}

function preconditions({ metadata, kind }: KubeObject): { uid: string; resourceVersion: string } {
  const { uid, resourceVersion, name } = metadata;
  if (uid === undefined || resourceVersion === undefined) {
    throw internal(`${kind} ${name} was never read from the API server, so it cannot be patched safely`);
  }
  return { uid, resourceVersion };
}

function patch(bound: Bound, verb: string, ref: ObjectRef, request: { body: unknown }): Promise<KubeObject> {
  return send(bound, verb, ref, {
    method: 'PATCH',
    query: { fieldManager: bound.client.fieldManager },
    contentType: MERGE,
    ...request,
  });
}

type Kind = Pick<KubeRequest, 'method'> & { readonly subresource?: string };

async function send(
  bound: Bound,
  verb: string,
  ref: ObjectRef,
  request: Omit<KubeRequest, 'path'> & { subresource?: string },
): Promise<KubeObject> {
  const what = `${verb} ${describeRef(ref)}`;
  const { subresource, ...rest } = request;
  const path = guardedPath(bound, what, ref, request);
  const answer = await bound.turns.take(laneOf(bound, request), () => sendNow(bound, { ...rest, path, what }));
  if (!isRecord(answer)) throw new FailureError({ kind: 'transient', message: `${what}: the answer is not an object` });
  return answer as KubeObject;
}

function laneOf({ pass }: Bound, { method, subresource }: Kind): number {
  if (subresource === 'status') return LANES.status;
  if (pass.begun) return LANES.rest;
  pass.begun = method !== 'GET';
  return method === 'DELETE' ? LANES.delete : LANES.change;
}

async function sendNow({ client, ...bound }: Bound, request: KubeRequest & { what: string }): Promise<unknown> {
  const { budgetMs = () => REQUEST_TIMEOUT_MS } = bound;
  const timeoutMs = Math.min(budgetMs(), REQUEST_TIMEOUT_MS);
  if (timeoutMs > 0) return client.request({ ...request, timeoutMs, mayGo: () => budgetMs() > 0 });
  const message = `${request.what}: not done, another replica may lead by now`;
  throw new FailureError({ kind: 'transient', message });
}

function guardedPath(bound: Bound, what: string, ref: ObjectRef, { method, subresource }: Kind): string {
  const { kinds } = bound.client;
  try {
    if (kinds.info(ref).namespaced && ref.namespace === bound.namespace) {
      const isCollection = method === 'POST' || method === 'GET';
      return isCollection ? kinds.collection(ref, ref.namespace) : kinds.object(ref, subresource);
    }
  } catch (error) {
    throw internal(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const message = `${what}: refused, only objects in namespace ${bound.namespace} may be written here`;
  throw new FailureError({ kind: 'stalled', reason: 'NamespaceViolation', message });
}

function internal(message: string): FailureError {
  return new FailureError({ kind: 'stalled', reason: 'InternalError', message });
}

function told(bound: Bound, stored: KubeObject): KubeObject {
  bound.wrote?.(stored);
  return stored;
}
