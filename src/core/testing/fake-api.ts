import { type KubeObject, keyOf, type ObjectRef, refOf } from '../../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import { applyMergePatch } from '../../lib/merge-patch.ts';
import { FailureError } from '../failure.ts';
import type { MergePatch, Propagation } from '../plan.ts';
import type { Reader, Writer } from '../ports.ts';

/** What happens to the n-th write of a run instead of, or after, its taking effect. */
export interface WriteFault {
  /** Counted from 1 over the whole run. */
  readonly at: number;
  /** crash: took effect, then the operator died. lost: took effect, the answer was lost. refused: did not take effect. */
  readonly kind: 'crash' | 'lost' | 'refused';
}

/** Thrown out of a pass when the operator dies. */
export class OperatorKilled extends Error {
  override readonly name = 'OperatorKilled';
}

/** One change as a watch would tell it. */
export type FakeEvent = { readonly object: KubeObject; readonly gone: boolean };

const FOREGROUND = 'foregroundDeletion';

function refKey(ref: ObjectRef): string {
  return `${ref.kind} ${keyOf(ref)}`;
}

function alreadyExists(object: KubeObject): FailureError {
  const message = `${refKey(refOf(object))} already exists`;
  return new FailureError({ kind: 'waiting', reason: 'AlreadyExists', message, retryAfterMs: 1000 });
}

/**
 * An API server in memory with the rules decisions rest on: resource versions, uids, status subresource, generation,
 * finalizers, preconditions, owner garbage collection with foreground deletion. Writes can be disturbed one at a time.
 */
export class FakeApi implements Writer {
  readonly objects = new Map<string, KubeObject>();
  readonly log: string[] = [];
  fault: WriteFault | undefined;
  private version = 0;
  private uids = 0;
  private writes = 0;
  private readonly events: FakeEvent[] = [];

  /** Number of writes the operator made so far. */
  get writeCount(): number {
    return this.writes;
  }

  /** Grows with every change of any object. */
  get revision(): number {
    return this.version;
  }

  /** Events since the last call, in order. */
  takeEvents(): FakeEvent[] {
    return this.events.splice(0);
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.objects.get(refKey(ref));
  }

  all(kind?: string): KubeObject[] {
    return [...this.objects.values()].filter((object) => kind === undefined || object.kind === kind);
  }

  /** Creates or changes an object as a user or controller would: not counted, never disturbed. */
  put(object: KubeObject): KubeObject {
    const before = this.get(refOf(object));
    const specChanged = before !== undefined && !deepEqual(before.spec, object.spec);
    this.version += 1;
    if (before === undefined) this.uids += 1;
    const metadata = {
      ...object.metadata,
      uid: before?.metadata.uid ?? `uid-${this.uids}`,
      generation: (before?.metadata.generation ?? 1) + (specChanged ? 1 : 0),
      resourceVersion: String(this.version),
    };
    return this.store({ ...object, metadata });
  }

  /** Asks for deletion as a user would: finalizers and foreground deletion keep the object. */
  remove(ref: ObjectRef, propagation: Propagation, now: Date): void {
    const object = this.get(ref);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
    const finalizers = [...(object.metadata.finalizers ?? []), ...(propagation === 'Foreground' ? [FOREGROUND] : [])];
    const graceful = object.kind === 'Pod';
    const metadata = { ...object.metadata, finalizers, deletionTimestamp: now.toISOString() };
    if (finalizers.length > 0 || graceful) this.put({ ...object, metadata });
    else this.drop(object);
  }

  /** Removes an object for good. */
  drop(object: KubeObject): void {
    this.version += 1;
    this.objects.delete(refKey(refOf(object)));
    this.events.push({ object, gone: true });
  }

  /** One round of the garbage collector. */
  collectGarbage(now: Date): void {
    const uids = new Set(this.all().map((object) => object.metadata.uid));
    for (const object of this.all()) {
      const owners = object.metadata.ownerReferences ?? [];
      if (owners.length > 0 && owners.every((owner) => !uids.has(owner.uid)))
        this.remove(refOf(object), 'Background', now);
      if (object.metadata.finalizers?.includes(FOREGROUND)) this.advanceForeground(object, now);
    }
  }

  private advanceForeground(object: KubeObject, now: Date): void {
    const dependents = this.all().filter((other) =>
      other.metadata.ownerReferences?.some((owner) => owner.uid === object.metadata.uid),
    );
    for (const dependent of dependents) this.remove(refOf(dependent), 'Background', now);
    if (dependents.some((dependent) => this.get(refOf(dependent)) !== undefined)) return;
    this.withoutFinalizer(object, FOREGROUND);
  }

  private withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    const stored = this.put({ ...object, metadata: { ...object.metadata, finalizers } });
    if (finalizers.length === 0 && object.metadata.deletionTimestamp !== undefined) this.drop(stored);
    return stored;
  }

  async apply(object: KubeObject): Promise<KubeObject> {
    return this.write(`apply ${refKey(refOf(object))}`, () => {
      const before = this.get(refOf(object));
      const kept = before === undefined ? {} : { status: before.status };
      const finalizers = before?.metadata.finalizers;
      const deletion = before?.metadata.deletionTimestamp;
      const metadata = {
        ...object.metadata,
        ...(finalizers === undefined ? {} : { finalizers }),
        ...(deletion === undefined ? {} : { deletionTimestamp: deletion }),
      };
      return this.put({ ...kept, ...object, metadata });
    });
  }

  async create(object: KubeObject): Promise<KubeObject> {
    if (this.get(refOf(object)) !== undefined) throw alreadyExists(object);
    return this.write(`create ${refKey(refOf(object))}`, () => this.put(object));
  }

  async delete(ref: ObjectRef, uid: string, propagation: Propagation): Promise<void> {
    await this.write(`delete ${refKey(ref)}`, () => {
      if (this.get(ref)?.metadata.uid === uid) this.remove(ref, propagation, this.now());
    });
  }

  async patch(object: KubeObject, patch: MergePatch): Promise<KubeObject> {
    const live = this.checked(object);
    return this.write(`patch ${refKey(refOf(object))}`, () => this.put(applyMergePatch(live, patch) as KubeObject));
  }

  async finalizer(object: KubeObject, op: 'add' | 'remove', finalizer: string): Promise<KubeObject> {
    const live = this.checked(object);
    const held = live.metadata.finalizers?.includes(finalizer) === true;
    if (held === (op === 'add')) return object;
    return this.write(`${op} finalizer`, () =>
      op === 'remove'
        ? this.withoutFinalizer(live, finalizer)
        : this.put({
            ...live,
            metadata: { ...live.metadata, finalizers: [...(live.metadata.finalizers ?? []), finalizer] },
          }),
    );
  }

  async status(object: KubeObject, status: unknown): Promise<KubeObject> {
    const live = this.checked(object);
    const wanted: unknown = JSON.parse(JSON.stringify(status));
    if (deepEqual(live.status, wanted)) return object;
    return this.write('status', () => this.put({ ...live, status: wanted }));
  }

  /** Set by the driver: virtual time. */
  now: () => Date = () => new Date(0);

  private checked(object: KubeObject): KubeObject {
    const live = this.get(refOf(object));
    if (live === undefined)
      throw new FailureError({ kind: 'waiting', reason: 'NotFound', message: 'gone', retryAfterMs: 100 });
    if (live.metadata.resourceVersion !== object.metadata.resourceVersion) {
      throw new FailureError({ kind: 'conflict', message: 'a newer version is stored' });
    }
    return live;
  }

  private write<T>(what: string, effect: () => T): T {
    this.writes += 1;
    const fault = this.fault?.at === this.writes ? this.fault.kind : undefined;
    this.log.push(`${this.writes} ${what}${fault === undefined ? '' : ` [${fault}]`}`);
    if (fault === 'refused') throw new FailureError({ kind: 'transient', message: 'refused' });
    const result = effect();
    if (fault === 'crash') throw new OperatorKilled(what);
    if (fault === 'lost') throw new FailureError({ kind: 'transient', message: 'answer lost' });
    return result;
  }

  private store(object: KubeObject): KubeObject {
    const plain = JSON.parse(JSON.stringify(object)) as KubeObject;
    this.objects.set(refKey(refOf(plain)), plain);
    this.events.push({ object: plain, gone: false });
    return plain;
  }
}

/** A watch cache over the fake: shows what was delivered to it, which may be behind. */
export class FakeCache implements Reader {
  private readonly seen = new Map<string, KubeObject>();

  deliver(event: FakeEvent): void {
    const key = refKey(refOf(event.object));
    if (event.gone) this.seen.delete(key);
    else this.seen.set(key, event.object);
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.seen.get(refKey(ref));
  }

  list(
    kind: { readonly kind: string },
    namespace: string,
    labels: Readonly<Record<string, string>>,
  ): readonly KubeObject[] {
    return [...this.seen.values()].filter(
      (object) =>
        object.kind === kind.kind &&
        object.metadata.namespace === namespace &&
        Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value),
    );
  }
}
