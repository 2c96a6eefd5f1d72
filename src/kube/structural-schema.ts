import * as z from 'zod';
import { isRecord } from '../lib/json.ts';

/** The part of JSON Schema a CRD may use (apiextensions/v1 JSONSchemaProps, structural). */
export interface StructuralSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly [keyword: string]: unknown;
}

/** Keywords kept as they are. */
const KEPT = new Set([
  'type',
  'description',
  'format',
  'enum',
  'nullable',
  'required',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
]);

/** Keywords that would be accepted but say nothing there, so the API server or zod adds or drops them silently. */
const DROPPED = new Set(['$schema', 'id', 'title', 'examples', 'deprecated', 'propertyNames']);

/** The JSON Schema of what users may write, with every note (`x-weir-…`) still in it. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
    cycles: 'throw',
  }) as Record<string, unknown>;
}

/** A zod schema as a CRD may hold it; throws, naming the path, where the schema says something a CRD cannot. */
export function structuralSchema(schema: z.ZodType, path: string): StructuralSchema {
  return structural(jsonSchemaOf(schema), path);
}

/**
 * JSON Schema → structural schema (apiextensions/v1). Throws, naming the path, on what a CRD cannot say (alternatives,
 * references) and on defaults, which GitOps tools would report as drift. Weir's own notes and zod's bounds of safe
 * integers are left out.
 */
export function structural(node: unknown, path: string): StructuralSchema {
  if (!isRecord(node)) throw new Error(`${path}: ${JSON.stringify(node)} is not a schema a CRD can hold`);
  const description = node.description === undefined ? {} : { description: node.description };
  if (node['x-kubernetes-int-or-string'] === true) return { ...description, 'x-kubernetes-int-or-string': true };
  const open = node['x-kubernetes-preserve-unknown-fields'] === true;
  const entries = Object.entries(node).flatMap(([keyword, value]) => {
    if (open && (keyword === 'properties' || keyword === 'additionalProperties')) return [];
    const kept = keywordOf(keyword, value, path);
    return kept === undefined ? [] : [[keyword, kept] as const];
  });
  return Object.fromEntries(entries);
}

function keywordOf(keyword: string, value: unknown, path: string): unknown {
  switch (keyword) {
    case 'properties':
      return propertiesOf(value, path);
    case 'additionalProperties':
      return structural(value, `${path}.*`);
    case 'items':
      return structural(value, `${path}[]`);
    case 'minimum':
    case 'maximum':
      return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ? undefined : value;
    default:
      return plainKeyword(keyword, value, path);
  }
}

/** Undefined where there are none: the API server drops an empty map, and what it stores would differ from the file. */
function propertiesOf(value: unknown, path: string): unknown {
  if (!isRecord(value)) throw new Error(`${path}: properties must be an object`);
  if (Object.keys(value).length === 0) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, structural(item, `${path}.${name}`)]));
}

function plainKeyword(keyword: string, value: unknown, path: string): unknown {
  if (KEPT.has(keyword) || keyword.startsWith('x-kubernetes-')) return value;
  if (DROPPED.has(keyword) || keyword.startsWith('x-weir-')) return undefined;
  throw new Error(`${path}: ${keyword} is not possible in a CRD`);
}
