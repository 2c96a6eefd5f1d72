import { isRecord } from '../../lib/json.ts';

/**
 * Fields of an object as server-side apply sees them: a path is text, its elements as in managedFields (`f:spec`,
 * `k:{"name":"main"}`, `v:"finalizer"`) joined by a character that no name holds. Leaves and whole list items have paths.
 */
export type FieldPath = string;

const JOINT = '\u0001';

/** Joins an element to a path; the path of the object itself is empty. */
export function childPath(path: FieldPath, element: string): FieldPath {
  return path === '' ? element : `${path}${JOINT}${element}`;
}

/** The elements of a path. */
export function elementsOf(path: FieldPath): readonly string[] {
  return path.split(JOINT);
}

/** Whether `path` is `other` or lies below it. */
export function isWithin(path: FieldPath, other: FieldPath): boolean {
  return path === other || path.startsWith(other + JOINT);
}

/** How a list is merged. */
export type ListKind =
  | { readonly type: 'atomic' }
  | { readonly type: 'set' }
  | { readonly type: 'map'; readonly keys: readonly string[] };

const ATOMIC: ListKind = { type: 'atomic' };
const BY_NAME: ListKind = { type: 'map', keys: ['name'] };

/** Merge keys of the lists of built-in kinds (x-kubernetes-list-map-keys), by the name of the field. */
const BUILT_IN_LISTS: Readonly<Record<string, ListKind>> = {
  containers: BY_NAME,
  initContainers: BY_NAME,
  ephemeralContainers: BY_NAME,
  env: BY_NAME,
  volumes: BY_NAME,
  imagePullSecrets: BY_NAME,
  volumeMounts: { type: 'map', keys: ['mountPath'] },
  volumeDevices: { type: 'map', keys: ['devicePath'] },
  hostAliases: { type: 'map', keys: ['ip'] },
  topologySpreadConstraints: { type: 'map', keys: ['topologyKey', 'whenUnsatisfiable'] },
  conditions: { type: 'map', keys: ['type'] },
};
const CONTAINER_PORTS: ListKind = { type: 'map', keys: ['containerPort', 'protocol'] };
const SERVICE_PORTS: ListKind = { type: 'map', keys: ['port', 'protocol'] };

/** Maps of built-in kinds that are one value (x-kubernetes-map-type: atomic). */
const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'nodeSelector',
  'selector',
  'fieldRef',
  'configMapKeyRef',
  'secretKeyRef',
  'resourceFieldRef',
]);

/** What is known of the structure of a kind: built-in kinds have merge keys, custom ones have none outside metadata. */
export interface Structure {
  readonly builtIn: boolean;
}

/** How the list at a path is merged. */
export function listKindAt(structure: Structure, path: FieldPath): ListKind {
  const elements = elementsOf(path);
  const name = (elements.at(-1) ?? '').slice(2);
  if (elements[0] === 'f:metadata') {
    if (name === 'ownerReferences') return { type: 'map', keys: ['uid'] };
    if (name === 'finalizers') return { type: 'set' };
  }
  if (!structure.builtIn) return ATOMIC;
  if (name === 'ports') return elements.includes('f:containers') ? CONTAINER_PORTS : SERVICE_PORTS;
  return BUILT_IN_LISTS[name] ?? ATOMIC;
}

/** Whether the map at a path is one value. */
export function isAtomicMap(structure: Structure, path: FieldPath): boolean {
  if (path === '') return false;
  const name = (elementsOf(path).at(-1) ?? '').slice(2);
  return structure.builtIn && ATOMIC_MAPS.has(name) && path.startsWith('f:spec');
}

/** The path element of a list item; undefined for an item of an atomic list. The protocol of a port is TCP by default. */
export function itemElement(list: ListKind, item: unknown): string | undefined {
  if (list.type === 'atomic') return undefined;
  if (list.type === 'set') return `v:${JSON.stringify(item)}`;
  const fields = isRecord(item) ? item : {};
  const key = list.keys.map((name) => [name, fields[name] ?? (name === 'protocol' ? 'TCP' : undefined)]);
  return `k:${JSON.stringify(Object.fromEntries(key))}`;
}

/** Fields that no manager owns: the server's own. */
const UNOWNED: ReadonlySet<string> = new Set([
  'f:apiVersion',
  'f:kind',
  ...[
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'managedFields',
  ].map((name) => `f:metadata${JOINT}f:${name}`),
]);

/** All fields below a value with their values; a whole list item has the value `item`. */
export function leavesOf(structure: Structure, value: unknown): Map<FieldPath, unknown> {
  const leaves = new Map<FieldPath, unknown>();
  collect(structure, { path: '', value }, leaves);
  return leaves;
}

interface Spot {
  readonly path: FieldPath;
  readonly value: unknown;
}

function collect(structure: Structure, { path, value }: Spot, leaves: Map<FieldPath, unknown>): void {
  if (value === undefined || UNOWNED.has(path)) return;
  if (Array.isArray(value)) collectItems(structure, { path, value }, leaves);
  else if (!isRecord(value) || isAtomicMap(structure, path)) leaves.set(path, value);
  else {
    if (path !== '' && Object.keys(value).length === 0) leaves.set(path, value);
    collectFields(structure, { path, value }, leaves);
  }
}

function collectItems(
  structure: Structure,
  { path, value }: { readonly path: FieldPath; readonly value: readonly unknown[] },
  leaves: Map<FieldPath, unknown>,
): void {
  const list = listKindAt(structure, path);
  if (list.type === 'atomic') leaves.set(path, value);
  for (const item of list.type === 'atomic' ? [] : value) {
    const itemPath = childPath(path, itemElement(list, item) ?? '');
    leaves.set(itemPath, list.type === 'set' ? item : 'item');
    if (list.type === 'map') collectFields(structure, { path: itemPath, value: item }, leaves);
  }
}

function collectFields(structure: Structure, { path, value }: Spot, leaves: Map<FieldPath, unknown>): void {
  if (!isRecord(value)) return;
  for (const name of Object.keys(value)) {
    collect(structure, { path: childPath(path, `f:${name}`), value: value[name] }, leaves);
  }
}

/** A value without the field or list item at a path; parents that are there stay, even if empty. */
export function withoutPath(structure: Structure, value: unknown, path: FieldPath): unknown {
  return remove(structure, { path: '', value }, elementsOf(path));
}

function remove(structure: Structure, { path, value }: Spot, elements: readonly string[]): unknown {
  const [element = '', ...rest] = elements;
  const below = childPath(path, element);
  if (Array.isArray(value)) {
    const list = listKindAt(structure, path);
    return value.flatMap((item) => {
      if (itemElement(list, item) !== element) return [item];
      return rest.length === 0 ? [] : [remove(structure, { path: below, value: item }, rest)];
    });
  }
  if (!isRecord(value)) return value;
  const name = element.slice(2);
  if (!Object.hasOwn(value, name)) return value;
  const { [name]: field, ...others } = value;
  return rest.length === 0 ? others : { ...value, [name]: remove(structure, { path: below, value: field }, rest) };
}

/** `applied` laid over `live`: maps and keyed lists are merged, everything else is replaced. */
export function mergedByStructure(
  structure: Structure,
  live: unknown,
  applied: unknown,
  path: FieldPath = '',
): unknown {
  if (isRecord(live) && isRecord(applied) && !isAtomicMap(structure, path)) {
    const entries = Object.keys(applied).map((name) => [
      name,
      mergedByStructure(structure, live[name], applied[name], childPath(path, `f:${name}`)),
    ]);
    return { ...live, ...Object.fromEntries(entries) };
  }
  if (Array.isArray(live) && Array.isArray(applied)) return mergedLists(structure, path, { live, applied });
  return applied;
}

interface Lists {
  readonly live: readonly unknown[];
  readonly applied: readonly unknown[];
}

/** Items in the order they are applied in; items that are only live stay where they stand among those common to both. */
function mergedLists(structure: Structure, path: FieldPath, { live, applied }: Lists): readonly unknown[] {
  const list = listKindAt(structure, path);
  if (list.type === 'atomic') return applied;
  const elementOf = (item: unknown): string => itemElement(list, item) ?? '';
  const standing = new Map(live.map((item) => [elementOf(item), item]));
  const untaken = new Set(applied.map(elementOf));
  const wanted = new Set(untaken);
  const result: unknown[] = [];
  let position = 0;
  /** Takes what is only live up to the next item that is still to come in the order of the applied ones. */
  const takeLive = (): void => {
    for (; position < live.length && !untaken.has(elementOf(live[position])); position++) {
      if (!wanted.has(elementOf(live[position]))) result.push(live[position]);
    }
  };
  for (const item of applied) {
    takeLive();
    const element = elementOf(item);
    const before = standing.get(element);
    result.push(standing.has(element) ? mergedByStructure(structure, before, item, childPath(path, element)) : item);
    untaken.delete(element);
  }
  takeLive();
  return result;
}
