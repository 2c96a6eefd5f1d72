const BINARY_UNITS: ReadonlyMap<string, number> = new Map(
  [
    ['b', 'bytes'],
    ['k', 'kb', 'kibibytes'],
    ['m', 'mb', 'mebibytes'],
    ['g', 'gb', 'gibibytes'],
    ['t', 'tb', 'tebibytes'],
  ].flatMap((names, power) => names.map((name): [string, number] => [name, 1024 ** power])),
);

/**
 * Bytes of a text as Flink's MemorySize reads it: whole number, optional unit, any case, all units binary (`2048m`,
 * `1 GB`, `1gibibytes`), no unit means bytes. Undefined when Flink would refuse it or it exceeds 2^53 bytes.
 */
export function parseMemorySize(text: string): number | undefined {
  const match = /^(\d+)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  if (match?.[1] === undefined) return undefined;
  const factor = match[2] ? BINARY_UNITS.get(match[2]) : 1;
  if (factor === undefined) return undefined;
  const bytes = Number(match[1]) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const SHORT_UNITS = ['b', 'k', 'm', 'g', 't'] as const;

/** The shortest exact text parseMemorySize reads back: `2g`, `1600m`, `1000b`. Expects a whole number, zero or more. */
export function formatMemorySize(bytes: number): string {
  let power = 0;
  let rest = bytes;
  while (rest !== 0 && power < SHORT_UNITS.length - 1 && rest % 1024 === 0) {
    rest /= 1024;
    power += 1;
  }
  return `${rest}${SHORT_UNITS[power]}`;
}

const SHOWN_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people, at most two decimals, never rounded up to a unit: `32 GiB`, `1.69 GiB`, `512 MiB`. */
export function describeBytes(bytes: number): string {
  let power = 0;
  let rest = bytes;
  while (rest >= 1024 && power < SHOWN_UNITS.length - 1) {
    rest /= 1024;
    power += 1;
  }
  return `${Math.round(rest * 100) / 100} ${SHOWN_UNITS[power]}`;
}

/** Powers of 1024 by unit, as Spark's JavaUtils has them. */
const SPARK_UNITS: ReadonlyMap<string, number> = new Map(
  ['b', 'k', 'm', 'g', 't', 'p'].flatMap((unit, power): [string, number][] => [
    [unit, power],
    [unit === 'b' ? unit : `${unit}b`, power],
  ]),
);

/**
 * Whole MiB of a text as Spark's byteStringAsMb reads it (3.3 to 4.3): whole number, optional unit b, k, m, g, t, p (or
 * kb … pb) in any case, binary, rounded down; no unit means MiB. Undefined when Spark would refuse it.
 */
export function parseSparkMib(text: string): number | undefined {
  const match = /^(\d+)([a-z]+)?$/.exec(text.trim().toLowerCase());
  const power = SPARK_UNITS.get(match?.[2] ?? 'm');
  if (match?.[1] === undefined || power === undefined) return undefined;
  const mib = Math.floor(Number(match[1]) * 1024 ** (power - 2));
  return Number.isSafeInteger(mib * 1024 ** 2) ? mib : undefined;
}
