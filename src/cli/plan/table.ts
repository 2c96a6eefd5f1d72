/** A column: its heading, and whether its cells are numbers that line up on the right. */
export interface Column {
  readonly heading: string;
  readonly right?: boolean;
  /** Longer cells are cut, ending in `…`. */
  readonly max?: number;
}

/** Lines of a table: columns two spaces apart, no line ends in blanks. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cut = rows.map((row) => row.map((cell, index) => shorten(cell, columns[index]?.max)));
  const widths = columns.map(({ heading }, index) =>
    Math.max(heading.length, ...cut.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        columns[index]?.right ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ heading }) => heading)), ...cut.map(line)];
}

/** The text on one line, cut to `max` characters with `…` at the end. */
export function shorten(text: string, max = Number.POSITIVE_INFINITY): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= max ? flat : `${flat.slice(0, max - 1)}…`;
}
