import type { ObjectKey } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { Entry, ObjectStore } from './object-store.ts';
import { notFound } from './refusal.ts';
import { createSimKinds, type SimKind, type SimKinds } from './sim-kinds.ts';

/** What the operations of the simulated API server work on. */
export interface Backend {
  readonly store: ObjectStore;
  readonly kinds: SimKinds;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A number in [0, 1), for generated names. */
  readonly random: () => number;
  /** Pods are refused whose ServiceAccount is not there. */
  readonly checksAccounts: boolean;
  /** Counts objects made, for uids and addresses. */
  made: number;
}

/** One object on its way into the store or out of it. */
export interface Target {
  readonly kind: SimKind;
  readonly key: ObjectKey;
  readonly subresource?: string | undefined;
  /** Name under which the fields written are managed; undefined: nobody's (the cluster's own controllers). */
  readonly manager?: string | undefined;
}

/** A backend without objects. */
export function createBackend(
  store: ObjectStore,
  options: { readonly kinds: readonly SimKind[]; readonly checksAccounts?: boolean } & Pick<Backend, 'now' | 'random'>,
): Backend {
  const { kinds, now, random, checksAccounts = false } = options;
  return { store, kinds: createSimKinds(kinds), now, random, checksAccounts, made: 0 };
}

/** The stored entry. Throws 404. */
export function entryOf({ store }: Backend, { kind, key }: Pick<Target, 'kind' | 'key'>): Entry {
  const entry = store.get(kind.key, key);
  if (entry === undefined) throw notFound(kind.resource, key.slice(key.indexOf('/') + 1));
  return entry;
}

/** meta/v1 Time. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Five letters and digits, as Kubernetes adds to generated names. */
export function nameSuffix(random: () => number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join('');
}

/** JSON data without undefined properties: the very value where it has none, so that what did not change stays the same. */
export function plain<T>(value: T): T {
  if (Array.isArray(value)) return plainItems(value) as T;
  if (!isRecord(value) || known.has(value)) return value;
  const isPlain = Object.keys(value).every((key) => value[key] !== undefined && plain(value[key]) === value[key]);
  const result = isPlain ? value : Object.fromEntries(plainEntries(value));
  known.add(result);
  return result as T;
}

/** Objects without undefined properties anywhere in them. */
const known = new WeakSet<object>();

function plainEntries(value: Record<string, unknown>): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, plain(item)] as const]));
}

function plainItems(items: readonly unknown[]): readonly unknown[] {
  const isPlain = items.every((item) => item !== undefined && plain(item) === item);
  return isPlain ? items : items.map((item) => plain(item ?? null));
}
