import type { KubeObject } from '../../kube/object.ts';
import { fieldPath } from '../../kube/parse.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';

/** Fields of the spec in which a manifest differs from the stored object, sorted; lists count as a whole. Empty where none is stored. */
export function changedFields(wanted: KubeObject, live: KubeObject | undefined): readonly string[] {
  return live === undefined ? [] : differing(live.spec, wanted.spec, ['spec']).toSorted();
}

function differing(before: unknown, after: unknown, path: readonly string[]): readonly string[] {
  if (deepEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [fieldPath(path)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => differing(before[name], after[name], [...path, name]));
}
