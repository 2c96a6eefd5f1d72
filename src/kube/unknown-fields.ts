import { isRecord } from '../lib/json.ts';
import { fieldPath } from './parse.ts';
import type { StructuralSchema } from './structural-schema.ts';

/**
 * The fields of a value that stands at `root` and that its schema does not have: what the API server drops when it stores
 * the object (pruning of apiextensions/v1). Of an unknown field only itself is named, not what is in it. Nulls are none.
 */
export function unknownFields(
  schema: StructuralSchema,
  value: unknown,
  root: readonly PropertyKey[] = [],
): readonly string[] {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  const { items } = schema;
  if (Array.isArray(value)) {
    return items === undefined ? [] : value.flatMap((item, index) => unknownFields(items, item, [...root, index]));
  }
  return isRecord(value) ? ofObject(schema, value, root) : [];
}

function ofObject(
  { type, properties = {}, additionalProperties }: StructuralSchema,
  value: Readonly<Record<string, unknown>>,
  root: readonly PropertyKey[],
): readonly string[] {
  if (type !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known !== undefined) return unknownFields(known, item, [...root, name]);
    return item === null ? [] : [fieldPath([...root, name])];
  });
}
