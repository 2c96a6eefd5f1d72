import { err, ok, type Result } from './result.ts';

/**
 * The keys and values of a text in the format of java.util.Properties, values without white space around them; of a key that
 * is there twice the last one. An error in words where an escape names no character.
 */
export function parseJavaProperties(text: string): Result<Readonly<Record<string, string>>, string> {
  const entries = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const bad = /(?:^|[^\\])(?:\\\\)*(\\u(?![0-9a-fA-F]{4}).{0,4})/s.exec(line);
    if (bad !== null) return err(`${bad[1]}: is not valid, it must be \\u and four hexadecimal digits`);
    const [, key = '', value = ''] = ENTRY.exec(line) ?? [];
    entries.set(unescaped(key), unescaped(value).trim());
  }
  return ok(Object.fromEntries(entries));
}

/** A key ends at the first blank, `=` or `:` that is not escaped; blanks and one of these signs are between it and its value. */
const ENTRY = /^((?:[^\\=: \t\f]|\\.)*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s;

/** Lines without comments, blank ones and white space in front, joined where one ends with a backslash of its own. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let begun: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const rest = natural.replace(/^[ \t\f]+/, '');
    if (begun === undefined && /^(?:$|[#!])/.test(rest)) continue;
    const line: string = (begun ?? '') + rest;
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(rest);
    begun = goesOn ? line.slice(0, -1) : undefined;
    if (!goesOn) lines.push(line);
  }
  return begun === undefined ? lines : [...lines, begun];
}

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
]);

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_all, sign: string) =>
    sign.length > 1 ? String.fromCharCode(Number.parseInt(sign.slice(1), 16)) : (CONTROLS.get(sign) ?? sign),
  );
}
