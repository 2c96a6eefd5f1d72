import { isRecord } from '../lib/json.ts';
import { fieldPath } from './parse.ts';
import { POD_FIELDS } from './pod-fields.ts';

/** A field of a pod template that its type does not have. */
interface UnknownPodField {
  /** Where, dotted from the root. */
  readonly path: string;
  /** The type it is in, as Kubernetes calls it: `Container`. */
  readonly type: string;
}

type Fields = ReadonlyMap<string, string | undefined>;

/** A template as users write it: a pod, whose status says nothing. */
const POD: readonly [string, Fields] = [
  'Pod',
  fieldsOf(['apiVersion', 'kind', 'metadata:ObjectMeta', 'spec:PodSpec', 'status']),
];

/** By type and field the type of what is in the field; undefined for texts, numbers and maps. */
const TYPES: ReadonlyMap<string, Fields> = new Map([...POD_FIELDS.trim().split('\n').map(typeOfLine), POD]);

function typeOfLine(line: string): readonly [string, Fields] {
  const [name = '', ...fields] = line.split(' ');
  return [name, fieldsOf(fields)];
}

function fieldsOf(fields: readonly string[]): Fields {
  return new Map(
    fields.map((field) => {
      const [name = '', type] = field.split(':');
      return [name, type];
    }),
  );
}

/**
 * A sentence for each field of a pod template that this version's Kubernetes does not have, a misspelt or misplaced one most
 * likely: the CRD lets it through, and what reads the template drops it without a word. Of an unknown field only itself is
 * named.
 */
export function podTemplateWarnings(template: unknown, root: readonly PropertyKey[]): readonly string[] {
  return unknownIn(template, 'Pod', root).map(
    ({ path, type }) =>
      `${path}: is no field of ${type} that Weir knows; what Kubernetes does not know either it drops`,
  );
}

function unknownIn(value: unknown, type: string, path: readonly PropertyKey[]): readonly UnknownPodField[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownIn(item, type, [...path, index]));
  const fields = TYPES.get(type);
  if (!isRecord(value) || fields === undefined) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    if (!fields.has(name)) return [{ path: fieldPath([...path, name]), type }];
    const inner = fields.get(name);
    return inner === undefined ? [] : unknownIn(item, inner, [...path, name]);
  });
}
