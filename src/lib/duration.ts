const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FLINK_UNITS: ReadonlyMap<string, number> = new Map([
  ...names(DAY, 'd', 'day', 'days'),
  ...names(HOUR, 'h', 'hour', 'hours'),
  ...names(MINUTE, 'm', 'min', 'minute', 'minutes'),
  ...names(SECOND, 's', 'sec', 'secs', 'second', 'seconds'),
  ...names(1, 'ms', 'milli', 'millis', 'millisecond', 'milliseconds'),
  ...names(1e-3, 'µs', 'micro', 'micros', 'microsecond', 'microseconds'),
  ...names(1e-6, 'ns', 'nano', 'nanos', 'nanosecond', 'nanoseconds'),
]);

function names(milliseconds: number, ...labels: readonly string[]): [string, number][] {
  return labels.map((label) => [label, milliseconds]);
}

/**
 * Milliseconds of a text as Flink's TimeUtils reads it: whole number and unit in any case (`10 s`, `5min`, `1 day`), no
 * unit means milliseconds; ISO-8601 (`PT5M`) as newer Flink versions read it. Undefined when it is none of these.
 */
export function parseFlinkDuration(text: string): number | undefined {
  const trimmed = text.trim();
  const match = /^(\d+)\s*(\D*)$/.exec(trimmed);
  if (match?.[1] === undefined) return parseIsoDuration(trimmed);
  const factor = match[2] ? FLINK_UNITS.get(match[2].toLowerCase()) : 1;
  return factor === undefined ? undefined : safe(Number(match[1]) * factor);
}

const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

function parseIsoDuration(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null || /^PT?$/i.test(text)) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return safe((days ?? 0) * DAY + (hours ?? 0) * HOUR + (minutes ?? 0) * MINUTE + (seconds ?? 0) * SECOND);
}

const GO_UNITS: ReadonlyMap<string, number> = new Map([
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ns', 1e-6],
]);

/**
 * Milliseconds of a text as Go's time.ParseDuration reads it: one or more decimals with units (`1h30m`, `1.5s`), or a
 * bare `0`; a leading sign is allowed. Undefined when Go would refuse it.
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|\u00b5s|\u03bcs|ns))+$/.test(body)) return undefined;
  const parts = [...body.matchAll(/(\d+\.?\d*|\.\d+)(h|ms|m|s|us|\u00b5s|\u03bcs|ns)/g)];
  return safe(sign * parts.reduce((sum, part) => sum + Number(part[1]) * (GO_UNITS.get(part[2] ?? '') ?? 0), 0));
}

function safe(value: number): number | undefined {
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
