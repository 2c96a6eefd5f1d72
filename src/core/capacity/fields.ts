import { isRecord } from '../../lib/json.ts';

/** An object of JSON whose fields nobody has checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value if it is an object, else one without fields. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** The objects of a list; none if it is no list. */
export function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The value if it is a text that says something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
