import {
  describeRef,
  isOwnedBy,
  type KubeObject,
  keyOf,
  type ObjectRef,
  ownerReference,
  refOf,
} from '../kube/object.ts';
import { FailureError } from './failure.ts';
import type { Action, Plan } from './plan.ts';
import type { EventRecorder, Writer } from './ports.ts';

/** The doors a plan is carried out through. */
export interface ExecutePorts<Effect> {
  readonly write: Writer;
  readonly events: EventRecorder;
  perform(resource: KubeObject, effect: Effect): Promise<void>;
}

/** What was really done, for the log line. */
export interface Executed {
  /** The resource as last stored. */
  readonly resource: KubeObject;
  /** One phrase per write, in order; empty when the plan changed nothing. */
  readonly did: readonly string[];
}

/**
 * Carries out a plan: finalizer first, then status, then the other actions in order (`beside` at once), then events. Stops at the first
 * failure, which it throws (FailureError); what was done before stays done and the next pass sees it.
 */
export async function execute<Status, Effect>(
  resource: KubeObject,
  plan: Plan<Status, Effect>,
  ports: ExecutePorts<Effect>,
): Promise<Executed> {
  const did: string[] = [];
  let current = resource;
  for (const action of plan.actions) {
    if (action.kind !== 'finalizer' || action.op !== 'add') continue;
    current = await ports.write.finalizer(current, 'add', action.finalizer);
    did.push(`add finalizer (${action.because})`);
  }
  if (plan.status !== undefined) {
    const stored = await ports.write.status(current, plan.status);
    if (stored !== current) did.push('write status');
    current = stored;
  }
  current = await performActions(current, plan.actions, ports, did);
  for (const event of plan.events) ports.events.record(current, event);
  return { resource: current, did };
}

async function performActions<Effect>(
  resource: KubeObject,
  actions: readonly Action<Effect>[],
  ports: ExecutePorts<Effect>,
  did: string[],
): Promise<KubeObject> {
  const pass: Pass<Effect> = { ports, made: new Map(), did, current: resource };
  for (const together of groups(actions)) {
    const outcomes = await Promise.allSettled(together.map((action) => perform(pass, action)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  return pass.current;
}

/** Actions that are carried out at the same time, in order. */
function groups<Effect>(actions: readonly Action<Effect>[]): readonly (readonly Action<Effect>[])[] {
  const all: Action<Effect>[][] = [];
  for (const action of actions) {
    const isBeside = (action.kind === 'apply' || action.kind === 'create') && action.beside === true;
    const before = all.at(-1);
    if (isBeside && before !== undefined) before.push(action);
    else all.push([action]);
  }
  return all;
}

interface Pass<Effect> {
  readonly ports: ExecutePorts<Effect>;
  readonly made: Map<string, KubeObject>;
  readonly did: string[];
  current: KubeObject;
}

async function perform<Effect>(pass: Pass<Effect>, action: Action<Effect>): Promise<void> {
  const { ports, made, did } = pass;
  switch (action.kind) {
    case 'apply':
    case 'create': {
      const { kind, object } = action;
      const stored =
        kind === 'create'
          ? await ports.write.create(object)
          : await ports.write.apply(withOwner(object, action.owner, made));
      made.set(refKey(refOf(stored)), stored);
      did.push(`${kind} ${describeRef(refOf(object))} (${action.because})`);
      return;
    }
    case 'delete':
      await ports.write.delete(action.ref, action.uid, action.propagation, action.resourceVersion);
      did.push(`delete ${describeRef(action.ref)} (${action.because})`);
      return;
    case 'patch':
      await ports.write.patch(action.object, action.patch);
      did.push(`patch ${describeRef(refOf(action.object))} (${action.because})`);
      return;
    case 'finalizer':
      if (action.op === 'add') return; // done before the status
      pass.current = await ports.write.finalizer(pass.current, 'remove', action.finalizer);
      did.push(`remove finalizer (${action.because})`);
      return;
    case 'effect':
      await ports.perform(pass.current, action.effect);
      did.push(action.because);
  }
}

function refKey(ref: ObjectRef): string {
  return `${ref.apiVersion}/${ref.kind}/${keyOf(ref)}`;
}

function withOwner(
  object: KubeObject,
  owner: ObjectRef | undefined,
  made: ReadonlyMap<string, KubeObject>,
): KubeObject {
  if (owner === undefined) return object;
  const live = made.get(refKey(owner));
  if (live === undefined) {
    const message = `${describeRef(refOf(object))} is to be owned by ${describeRef(owner)}, which this plan did not make before it`;
    throw new FailureError({ kind: 'stalled', reason: 'InternalError', message });
  }
  if (isOwnedBy(object, live.metadata.uid)) return object;
  const references = [...(object.metadata.ownerReferences ?? []), ownerReference(live, { controller: true })];
  return { ...object, metadata: { ...object.metadata, ownerReferences: references } };
}
