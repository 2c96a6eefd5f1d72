import type { KubeObject } from '../../kube/object.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';
import {
  childPath,
  elementsOf,
  type FieldPath,
  isWithin,
  leavesOf,
  mergedByStructure,
  type Structure,
  withoutPath,
} from './field-paths.ts';
import { Refusal } from './refusal.ts';

/** Which fields one manager owns by one way of writing: an entry of metadata.managedFields. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
  readonly time: string;
  readonly fields: ReadonlySet<FieldPath>;
}

/** Who writes, and how. */
export type WriterIdentity = Omit<FieldManager, 'fields'>;

/** The result of an apply. */
export interface Applied {
  readonly object: KubeObject;
  readonly managers: readonly FieldManager[];
}

function isSame(a: WriterIdentity, b: WriterIdentity): boolean {
  return a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource;
}

/** The managers after one changed an object from `before` to `after` other than by applying. */
export function managersAfterUpdate(
  structure: Structure,
  managers: readonly FieldManager[],
  writer: WriterIdentity,
  { before, after }: { readonly before: KubeObject | undefined; readonly after: KubeObject },
): readonly FieldManager[] {
  const old = before === undefined ? new Map<FieldPath, unknown>() : leavesOf(structure, before);
  const now = leavesOf(structure, after);
  const changed = [...now].filter(([path, value]) => isChanged(old, path, value)).map(([path]) => path);
  const removed = [...old.keys()].filter((path) => !now.has(path));
  if (changed.length + removed.length === 0) return managers;
  const lost = new Set([...changed, ...removed]);
  const others = managers.filter((manager) => !isSame(manager, writer)).map((manager) => without(manager, lost));
  const own = managers.find((manager) => isSame(manager, writer));
  const kept = [...(own?.fields ?? [])].filter((path) => now.has(path));
  return nonEmpty([...others, { ...writer, fields: new Set([...kept, ...changed]) }]);
}

function isChanged(old: ReadonlyMap<FieldPath, unknown>, path: FieldPath, value: unknown): boolean {
  return !old.has(path) || !deepEqual(old.get(path), value);
}

function without(manager: FieldManager, lost: ReadonlySet<FieldPath>): FieldManager {
  const fields = [...manager.fields].filter((path) => !lost.has(path));
  return fields.length === manager.fields.size ? manager : { ...manager, fields: new Set(fields) };
}

function nonEmpty(managers: readonly FieldManager[]): readonly FieldManager[] {
  return managers.filter(({ fields }) => fields.size > 0);
}

/** Whether the same managers own the same fields, whenever they wrote them. */
export function areSameManagers(before: readonly FieldManager[], after: readonly FieldManager[]): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  return after.every((manager) => {
    const other = before.find((one) => isSame(one, manager));
    return other?.fields.size === manager.fields.size && [...manager.fields].every((path) => other.fields.has(path));
  });
}

/** What an apply is made of. */
export interface Application {
  readonly live: KubeObject | undefined;
  readonly applied: KubeObject;
  readonly managers: readonly FieldManager[];
  readonly writer: WriterIdentity;
  readonly force: boolean;
}

/**
 * Server-side apply: lays the applied fields over the live object, takes those that others own and that change (or
 * throws 409 without `force`), and removes what this manager applied before, applies no more, and nobody else owns.
 */
export function applyFields(structure: Structure, application: Application): Applied {
  const { live, applied, managers, writer, force } = application;
  const wanted = leavesOf(structure, applied);
  const current = live === undefined ? new Map<FieldPath, unknown>() : leavesOf(structure, live);
  const changing = new Set(
    [...wanted].filter(([path, value]) => isChanged(current, path, value) && !isThere(current, path, value)).map(first),
  );
  const others = managers.filter((manager) => !isSame(manager, writer));
  if (!force) refuseConflicts(others, changing);
  const last = managers.find((manager) => isSame(manager, writer));
  const own: FieldManager = { ...writer, fields: new Set(wanted.keys()) };
  const kept = [...others.map((manager) => without(manager, changing)), own];
  const merged = live === undefined ? applied : (mergedByStructure(structure, live, applied) as KubeObject);
  const gone = last === undefined ? [] : abandoned(last.fields, kept);
  const object = gone.reduce<unknown>((value, path) => withoutPath(structure, value, path), merged) as KubeObject;
  return { object, managers: nonEmpty(kept) };
}

function first([path]: readonly [FieldPath, unknown]): FieldPath {
  return path;
}

/** An empty map asks for nothing where there is a map with something in it. */
function isThere(current: ReadonlyMap<FieldPath, unknown>, path: FieldPath, value: unknown): boolean {
  return (
    isRecord(value) && Object.keys(value).length === 0 && [...current.keys()].some((other) => isWithin(other, path))
  );
}

function refuseConflicts(others: readonly FieldManager[], changing: ReadonlySet<FieldPath>): void {
  const conflicts = others.flatMap(({ manager, fields }) =>
    [...fields].filter((path) => changing.has(path)).map((path) => `conflict with "${manager}": ${describePath(path)}`),
  );
  if (conflicts.length === 0) return;
  const count = `${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`;
  throw new Refusal(409, 'Conflict', `Apply failed with ${count}: ${conflicts.join(', ')}`);
}

function describePath(path: FieldPath): string {
  return elementsOf(path)
    .map((element) => (element.startsWith('f:') ? `.${element.slice(2)}` : `[${element.slice(2)}]`))
    .join('');
}

/** The topmost of the paths, parents included, below which nobody owns anything any more. */
function abandoned(last: ReadonlySet<FieldPath>, kept: readonly FieldManager[]): readonly FieldPath[] {
  const owned = new Set(kept.flatMap(({ fields }) => [...fields].flatMap(withParents)));
  const gone = new Set([...last].flatMap(withParents).filter((path) => !owned.has(path) && path !== 'f:metadata'));
  return [...gone].filter((path) => ![...gone].some((other) => other !== path && isWithin(path, other)));
}

function withParents(path: FieldPath): readonly FieldPath[] {
  const result: FieldPath[] = [];
  let parent: FieldPath = '';
  for (const element of elementsOf(path)) {
    parent = childPath(parent, element);
    result.push(parent);
  }
  return result;
}

/** metadata.managedFields as the server shows it. */
export function managedFieldsOf(object: KubeObject, managers: readonly FieldManager[]): readonly object[] {
  return managers.map(({ manager, operation, subresource, time, fields }) => ({
    manager,
    operation,
    apiVersion: object.apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: nested(fields),
    ...(subresource === '' ? {} : { subresource }),
  }));
}

interface Nested {
  [element: string]: Nested;
}

function nested(fields: ReadonlySet<FieldPath>): Nested {
  const root: Nested = {};
  for (const path of fields) {
    let level = root;
    for (const element of elementsOf(path)) {
      level[element] ??= {};
      level = level[element];
    }
    if (elementsOf(path).at(-1)?.startsWith('k:')) level['.'] = {};
  }
  return root;
}
