import { load } from 'js-yaml';

const START = '<!-- values:start -->';
const END = '<!-- values:end -->';

/** One value of the chart that has a description. */
export interface ChartValue {
  /** Keys from the top. */
  readonly path: readonly string[];
  readonly description: string;
  readonly default: unknown;
}

/** A key of values.yaml, with its place and what the comment above it says. */
interface Line {
  readonly indent: number;
  readonly key: string;
  readonly comment: string | undefined;
  /** Whether the value stands behind the key, and not below it. */
  readonly leaf: boolean;
}

/**
 * The values that a values.yaml describes by a comment that starts with `# -- `, in its order. What is below a described
 * value is part of it unless it has a comment of its own. Throws when a value has no description at all.
 */
export function chartValues(text: string): readonly ChartValue[] {
  const values = load(text);
  const found: ChartValue[] = [];
  const open: { readonly line: Line; readonly described: boolean }[] = [];
  for (const line of keyLines(text)) {
    while ((open.at(-1)?.line.indent ?? -1) >= line.indent) open.pop();
    const path = [...open.map((outer) => outer.line.key), line.key];
    const described = line.comment !== undefined || (open.at(-1)?.described ?? false);
    if (line.comment !== undefined) found.push({ path, description: line.comment, default: at(values, path) });
    else if (!described && line.leaf) throw new Error(`values.yaml: ${path.join('.')} has no description`);
    open.push({ line, described });
  }
  return found;
}

/** The lines that hold keys of maps, each with the `# -- ` comment right above it. */
function keyLines(text: string): readonly Line[] {
  const found: Line[] = [];
  let comment: string | undefined;
  for (const line of text.split('\n')) {
    const note = /^ *# ?(.*)$/.exec(line)?.[1];
    const key = keyLine(line, comment);
    if (note === undefined && key !== undefined) found.push(key);
    comment = note === undefined ? undefined : withNote(comment, note);
  }
  return found;
}

/** A comment that goes on in another line; one starts with `-- `. */
function withNote(comment: string | undefined, note: string): string | undefined {
  if (note.startsWith('-- ')) return note.slice(3);
  return comment === undefined ? undefined : `${comment} ${note}`;
}

function keyLine(line: string, comment: string | undefined): Line | undefined {
  const [, spaces, key, rest = ''] = /^( *)([\w.-]+|"[^"]*"):(.*)$/.exec(line) ?? [];
  if (spaces === undefined || key === undefined) return undefined;
  return { indent: spaces.length, key: key.replaceAll('"', ''), comment, leaf: rest.trim() !== '' };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (inner as Record<string, unknown>)[key], value);
}

/** A README with the table of the chart's values brought up to date between its two markers. Throws without them. */
export function withChartValues(readme: string, valuesYaml: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the chart's README has no ${START} and ${END}`);
  const rows = chartValues(valuesYaml).map(
    ({ path, description, default: value }) =>
      `| \`${path.join('.')}\` | \`${JSON.stringify(value)}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  const table = ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, start + START.length)}\n${table}\n${readme.slice(end)}`;
}
