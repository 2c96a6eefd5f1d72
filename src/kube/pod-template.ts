import { isRecord } from '../lib/json.ts';

/** How lists of two pod templates are merged; see mergePodTemplates. */
export type ArrayMerge = 'by name' | 'by position';

/**
 * One pod template laid over another: objects deep, the later one's fields win, nulls say nothing.
 *
 * Lists `by name`: where every element on both sides has a name (volume mounts: a mount path, since one volume may be
 * mounted twice), elements of the same name are merged and new ones put behind. All other lists of objects go by
 * position, lists of texts are replaced. This is not the incumbent's default, under which a sidecar added in one template
 * merges into the main container of the other; `by position` is (kubernetes.operator.pod-template.merge-arrays-by-name
 * = false), where lists of objects always go by position.
 */
export function mergePodTemplates<T>(base: T | undefined, over: T | undefined, arrays: ArrayMerge): T | undefined {
  if (base === undefined) return over;
  if (over === undefined) return base;
  return mergeValue(base, over, { field: '', arrays }) as T;
}

interface Where {
  readonly field: string;
  readonly arrays: ArrayMerge;
}

function mergeValue(base: unknown, over: unknown, where: Where): unknown {
  if (over === undefined || over === null) return base;
  if (isRecord(base) && isRecord(over)) return mergeRecords(base, over, where);
  if (Array.isArray(base) && Array.isArray(over)) return mergeLists(base, over, where);
  return over;
}

function mergeRecords(base: Record<string, unknown>, over: Record<string, unknown>, { arrays }: Where): unknown {
  const fields = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  const own = (object: Record<string, unknown>, field: string): unknown =>
    Object.hasOwn(object, field) ? object[field] : undefined;
  return Object.fromEntries(
    fields.map((field) => [field, mergeValue(own(base, field), own(over, field), { field, arrays })]),
  );
}

function mergeLists(base: readonly unknown[], over: readonly unknown[], where: Where): readonly unknown[] {
  if (!base.every(isRecord) || !over.every(isRecord)) return over;
  const name = where.field === 'volumeMounts' ? 'mountPath' : 'name';
  const named = [...base, ...over].every((item) => typeof item[name] === 'string');
  return where.arrays === 'by name' && named
    ? mergeByName(base, over, name, where)
    : mergeByPosition(base, over, where);
}

type Item = Record<string, unknown>;

function mergeByName(base: readonly Item[], over: readonly Item[], name: string, where: Where): readonly unknown[] {
  const merged = new Map<unknown, unknown>(base.map((item) => [item[name], item]));
  for (const item of over) merged.set(item[name], mergeValue(merged.get(item[name]), item, where));
  return [...merged.values()];
}

function mergeByPosition(base: readonly Item[], over: readonly Item[], where: Where): readonly unknown[] {
  const length = Math.max(base.length, over.length);
  return Array.from({ length }, (_, index) => mergeValue(base[index], over[index], where));
}
