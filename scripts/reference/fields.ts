import { isRecord } from '../../src/lib/json.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Section {
  readonly path: string;
  readonly schema: Schema;
}

/**
 * Markdown tables of all fields of an object schema (JSON Schema with Weir's notes), one table for each object in it, at
 * heading level 2 for the root and 3 below. Objects with the same fields share the first one's table.
 */
export function fieldTables(path: string, schema: Schema): string {
  const sections = sectionsOf({ path, schema });
  const anchors = new Map<string, string>();
  for (const section of sections) {
    const key = shapeOf(section.schema);
    if (!anchors.has(key)) anchors.set(key, section.path);
  }
  return sections
    .filter((section) => anchors.get(shapeOf(section.schema)) === section.path)
    .map((section) => tableOf(section, anchors, section.path === path ? '##' : '###'))
    .join('\n');
}

function shapeOf(schema: Schema): string {
  return JSON.stringify(schema.properties);
}

function propertiesOf(schema: Schema): readonly (readonly [string, Schema])[] {
  return isRecord(schema.properties)
    ? Object.entries(schema.properties).flatMap(([name, item]) => (isRecord(item) ? [[name, item] as const] : []))
    : [];
}

/** The object a field holds, itself or as items of a list. */
function objectIn(path: string, schema: Schema): Section | undefined {
  if (isRecord(schema.items)) return objectIn(`${path}[]`, schema.items);
  return propertiesOf(schema).length > 0 ? { path, schema } : undefined;
}

function sectionsOf(section: Section): readonly Section[] {
  const below = propertiesOf(section.schema).flatMap(([name, item]) => {
    const inner = objectIn(`${section.path}.${name}`, item);
    return inner === undefined ? [] : sectionsOf(inner);
  });
  return [section, ...below];
}

function tableOf({ path, schema }: Section, anchors: ReadonlyMap<string, string>, heading: string): string {
  const rows = propertiesOf(schema).map(([name, item]) => {
    const added = item['x-weir-added'] === true ? ' ⁺' : '';
    const fallback = typeof item['x-weir-fallback'] === 'string' ? item['x-weir-fallback'] : '';
    const cells = [
      `\`${name}\`${added}`,
      typeOf(`${path}.${name}`, item, anchors),
      fallback,
      String(item.description ?? ''),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    `${heading} ${path}`,
    '',
    '| field | type | when absent | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function typeOf(path: string, schema: Schema, anchors: ReadonlyMap<string, string>): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or text';
  if (typeof schema['x-weir-type'] === 'string') return schema['x-weir-type'];
  if (schema['x-kubernetes-preserve-unknown-fields'] === true)
    return schema.type === 'object' ? 'pod template' : 'options';
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (isRecord(schema.items)) return `list of ${typeOf(`${path}[]`, schema.items, anchors)}`;
  if (isRecord(schema.additionalProperties))
    return `map of ${typeOf(`${path}.*`, schema.additionalProperties, anchors)}`;
  if (propertiesOf(schema).length > 0) return `[object](#${anchorOf(anchors.get(shapeOf(schema)) ?? path)})`;
  return schema.type === 'string' ? 'text' : String(schema.type ?? 'any');
}

/** The anchor GitHub gives a heading: lower case, punctuation removed. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
