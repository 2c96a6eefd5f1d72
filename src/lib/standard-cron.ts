import { Cron } from 'croner';
import { DAYS, type CronField as Field, MONTHS, numberOf } from './cron-field.ts';
import { parseGoDuration } from './duration.ts';
import { err, ok, type Result } from './result.ts';
import { goTimeZone } from './time-zone.ts';

/*
 * Cron expressions as the standard parser of robfig/cron v3 takes them, which Kubernetes' CronJobs and the Kubeflow Spark Operator
 * use: five fields or a descriptor, a time zone before them if wanted. The fields are read here and put in the words of croner,
 * which knows the calendar and the time zones.
 */

/** A cron expression that was read: fields in croner's words, or a fixed interval. */
export type StandardCron =
  | { readonly kind: 'fields'; readonly pattern: string; readonly timeZone: string }
  /** Milliseconds, whole seconds of them, at least one. */
  | { readonly kind: 'every'; readonly ms: number };

const MINUTES: Field = { name: 'minutes', min: 0, max: 59 };
const HOURS: Field = { name: 'hours', min: 0, max: 23 };
const DAY_OF_MONTH: Field = { name: 'day-of-month', min: 1, max: 31 };
const MONTH: Field = { name: 'month', min: 1, max: 12, words: MONTHS };
const DAY_OF_WEEK: Field = { name: 'day-of-week', min: 0, max: 6, words: DAYS };

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** An expression that was read, or what is wrong with it, as a clause: `hours: 25 is not between 0 and 23`. */
export type CronRead = Result<StandardCron, string>;

/** The time zones an expression may go by. */
export interface CronZones {
  /** Where the expression names none. */
  readonly timeZone: string;
  /** What `Local` stands for. */
  readonly local: string;
}

/** Reads an expression; a `TZ=` or `CRON_TZ=` before it wins over `timeZone`. One that never fires is an error too. */
export function parseStandardCron(text: string, { timeZone, local }: CronZones): CronRead {
  const [whole, named] = /^(?:CRON_)?TZ=(\S*)(?:\s|$)/.exec(text) ?? [''];
  const zone = goTimeZone(named ?? timeZone, local);
  if (zone === undefined) return err(`the time zone ${named ?? timeZone} is not known`);
  return readExpression(text.slice(whole.length).trim(), zone);
}

function readExpression(text: string, timeZone: string): CronRead {
  const every = /^@every\s(.*)$/.exec(text)?.[1];
  if (every !== undefined) return readInterval(every);
  const fields = text.startsWith('@') ? DESCRIPTORS.get(text) : text;
  if (fields === undefined) {
    return err(`${text} is none of ${[...DESCRIPTORS.keys()].join(', ')} and @every with a duration`);
  }
  return readFields(fields, timeZone);
}

/** Rounded down to whole seconds, and at least one. */
function readInterval(text: string): CronRead {
  const ms = parseGoDuration(text);
  if (ms === undefined) return err(`@every: ${JSON.stringify(text)} is no duration such as 1h30m`);
  return ok({ kind: 'every', ms: Math.max(1000, ms - (ms % 1000)) });
}

function readFields(text: string, timeZone: string): CronRead {
  const fields = text.split(/\s+/).filter((field) => field !== '');
  const [minutes = '', hours = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5) {
    return err(`5 fields are needed, minutes first and the day of the week last, and there are ${fields.length}`);
  }
  const read = [
    valuesOf(MINUTES, minutes),
    valuesOf(HOURS, hours),
    valuesOf(DAY_OF_MONTH, day),
    valuesOf(MONTH, month),
    valuesOf(DAY_OF_WEEK, weekday),
  ];
  const problem = read.find((field) => !field.ok);
  if (problem?.ok === false) return problem;
  const cron = {
    kind: 'fields',
    pattern: patternOf(read.flatMap((field) => (field.ok ? [field.value] : []))),
    timeZone,
  } as const;
  return nextFire(cron, 0) === undefined ? err('it never fires') : ok(cron);
}

/** What one field asks for. */
interface Values {
  readonly values: ReadonlySet<number>;
  /** Says nothing (`*` or `?` without a step), so that only the other one of the two day fields counts. */
  readonly open: boolean;
  readonly all: boolean;
}

/** With both day fields given, a day counts that fits either of them. */
function patternOf(fields: readonly Values[]): string {
  const days = [fields[2], fields[4]];
  const anyDay = days.every((field) => field?.open === false) && days.some((field) => field?.all === true);
  return fields
    .map((field) => (field.all || (anyDay && days.includes(field)) ? '*' : [...field.values].join(',')))
    .join(' ');
}

function valuesOf(field: Field, text: string): Result<Values, string> {
  const values = new Set<number>();
  const parts = text
    .toUpperCase()
    .split(',')
    .filter((part) => part !== '');
  if (parts.length === 0) return err(`${field.name}: ${JSON.stringify(text)} has no value`);
  for (const part of parts) {
    const found = partOf(field, part);
    if (!found.ok) return found;
    for (const value of found.value) values.add(value);
  }
  const open = parts.some((part) => /^[*?](?:\/0*1)?$/.test(part));
  return ok({ values, open, all: values.size === field.max - field.min + 1 });
}

const PART = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/(\d{1,9}))?$/;

/** `*`, `?`, `a`, `a-b`, each with `/step`; `a/step` goes on to the last value. */
function partOf(field: Field, part: string): Result<readonly number[], string> {
  const parts = PART.exec(part);
  if (parts === null) return err(`${field.name}: ${JSON.stringify(part)} is no value, range or step`);
  const [, first, last, step] = parts;
  const by = Number(step ?? 1);
  if (by === 0) return err(`${field.name}: the step of ${part} is 0`);
  const from = first === undefined ? ok(field.min) : numberOf(field, first);
  if (!from.ok) return from;
  const end = last ?? (step === undefined ? first : undefined);
  const to = end === undefined ? ok(field.max) : numberOf(field, end);
  if (!to.ok) return to;
  if (from.value > to.value) return err(`${field.name}: ${part} ends before it begins`);
  const count = Math.floor((to.value - from.value) / by) + 1;
  return ok(Array.from({ length: count }, (_, index) => from.value + index * by));
}

/**
 * The first time after `afterMs` at which it fires, in milliseconds since the epoch; undefined when it fires no more. One that
 * fires once a day fires once on every day, also on those on which the clocks skip its time or show it twice; one that fires
 * several times a day goes by the clocks.
 */
export function nextFire(cron: StandardCron, afterMs: number): number | undefined {
  if (cron.kind === 'every') return afterMs + cron.ms;
  const { pattern, timeZone } = cron;
  return new Cron(pattern, { mode: '5-part', timezone: timeZone, paused: true }).nextRun(new Date(afterMs))?.getTime();
}

const MINUTE_MS = 60_000;

/** The last time from `firstMs`, at which it fires, to `nowMs` at which it fires. */
export function lastFire(cron: StandardCron, firstMs: number, nowMs: number): number {
  if (cron.kind === 'every') return nowMs - ((nowMs - firstMs) % cron.ms);
  for (let backMs = MINUTE_MS; nowMs - backMs > firstMs; backMs *= 2) {
    const found = nextFire(cron, nowMs - backMs);
    if (found !== undefined && found <= nowMs) return lastFrom(cron, found, nowMs);
  }
  return lastFrom(cron, firstMs, nowMs);
}

function lastFrom(cron: StandardCron, fromMs: number, nowMs: number): number {
  let last = fromMs;
  for (let next: number | undefined = fromMs; next !== undefined && next <= nowMs; next = nextFire(cron, next))
    last = next;
  return last;
}
