/** A sentence about fields that nothing is done with, by their paths, and why; none where there are none. */
export function idle(fields: readonly string[], because: string): readonly string[] {
  if (fields.length === 0) return [];
  return [`${fields.join(', ')}: nothing is done with ${fields.length === 1 ? 'it' : 'them'}: ${because}`];
}

/** Paths of the fields among these that have a value; false and empty text and 0 ask for nothing. */
export function asked(at: string, fields: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => (isAsked(value) ? [`${at}.${name}`] : []));
}

function isAsked(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== false && value !== '' && value !== 0;
}
