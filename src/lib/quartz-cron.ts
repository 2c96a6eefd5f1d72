import { Cron } from 'croner';
import { DAYS, type CronField as Field, MONTHS, numberOf } from './cron-field.ts';
import { err, ok, type Result } from './result.ts';

/*
 * Cron expressions in the grammar of Quartz 2 (CronExpression, of which log4j 2.x and with it the Flink Kubernetes Operator 1.15
 * have a copy): seconds first, 1 is Sunday, an optional year, ? ranges that wrap, L, W and #. The fields are read here and
 * put in the words of croner, which knows the calendar and the time zones.
 */

/** A Quartz cron expression that was read. */
export interface QuartzCron {
  /** The same in croner's words: seven fields, 0 is Sunday. */
  readonly pattern: string;
  /** Days by which the times are shifted: the n of `L-n` below 0, else 0. */
  readonly dayOffset: number;
}

const SECONDS: Field = { name: 'seconds', min: 0, max: 59 };
const MINUTES: Field = { name: 'minutes', min: 0, max: 59 };
const HOURS: Field = { name: 'hours', min: 0, max: 23 };
const DAY_OF_MONTH: Field = { name: 'day-of-month', min: 1, max: 31 };
const MONTH: Field = { name: 'month', min: 1, max: 12, words: MONTHS };
const DAY_OF_WEEK: Field = { name: 'day-of-week', min: 1, max: 7, words: DAYS };
const YEAR: Field = { name: 'year', min: 1970, max: 2099 };

/**
 * Reads an expression. The error is a clause about what is wrong: `hours: 25 is not between 0 and 23`. One that fires at no
 * time between 1970 and 2099 is an error too. Not known here: `L-nW`.
 */
export function parseQuartzCron(text: string): Result<QuartzCron, string> {
  const fields = text.trim().toUpperCase().split(/\s+/);
  const [seconds, minutes, hours, day, month, weekday, year = '*'] = fields;
  if (fields.length > 7 || weekday === undefined) {
    return err(`6 or 7 fields are needed, seconds first and a year last if at all, and there are ${fields.length}`);
  }
  if ((day === '?') === (weekday === '?')) return err('exactly one of day-of-month and day-of-week must be ?');
  const read = [
    listed(SECONDS, seconds ?? ''),
    listed(MINUTES, minutes ?? ''),
    listed(HOURS, hours ?? ''),
    dayOfMonth(day ?? ''),
    listed(MONTH, month ?? ''),
    dayOfWeek(weekday),
    listed(YEAR, year),
  ];
  const problem = read.find((field) => !field.ok);
  if (problem?.ok === false) return problem;
  const cron = {
    pattern: read.map((field) => (field.ok ? field.value : '')).join(' '),
    dayOffset: 0 - Number(LAST_BUT.exec(day ?? '')?.[1] ?? 0),
  };
  return nextFire(cron, 'UTC', -1) === undefined ? err('it never fires') : ok(cron);
}

/**
 * The first time after `afterMs` at which it fires by the clocks of a time zone (an IANA name), in milliseconds since the
 * epoch; undefined when it fires no more. A time that the clocks skip is made up for right after; one they show twice
 * counts once, unless the expression fires several times a day.
 */
export function nextFire({ pattern, dayOffset }: QuartzCron, timeZone: string, afterMs: number): number | undefined {
  const cron = new Cron(pattern, { mode: '7-part', timezone: timeZone, dayOffset, paused: true });
  return cron.nextRun(new Date(afterMs))?.getTime();
}

const LAST_BUT = /^L-(\d{1,2})$/;
/** The furthest that the shortest month can be counted back from its end. */
const MOST_BEFORE_LAST = 27;

function dayOfMonth(text: string): Result<string, string> {
  if (text === '?') return ok('*');
  if (text === 'L' || text === 'LW') return ok(text);
  const before = LAST_BUT.exec(text)?.[1];
  if (before !== undefined) {
    if (Number(before) <= MOST_BEFORE_LAST) return ok('L');
    return err(`${DAY_OF_MONTH.name}: ${text} is not between L-0 and L-${MOST_BEFORE_LAST}`);
  }
  const nearest = /^(\d{1,2})W$/.exec(text)?.[1];
  if (nearest !== undefined) return mapped(numberOf(DAY_OF_MONTH, nearest), (value) => `${value}W`);
  return listed(DAY_OF_MONTH, text);
}

function dayOfWeek(text: string): Result<string, string> {
  if (text === '?') return ok('*');
  if (text === 'L') return ok('6');
  const [, which = '', nth] = /^(\w+?)(L|#[1-5])$/.exec(text) ?? [];
  if (nth === undefined) return listed(DAY_OF_WEEK, text, (value) => value - 1);
  return mapped(numberOf(DAY_OF_WEEK, which), (value) => `${value - 1}${nth === 'L' ? '#L' : nth}`);
}

/** A field of single values, ranges and steps, as a list of values; `*` where it is all of them. */
function listed(field: Field, text: string, shown = (value: number) => value): Result<string, string> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const found = valuesOf(field, part);
    if (!found.ok) return found;
    for (const value of found.value) values.add(value);
  }
  const all = values.size === field.max - field.min + 1;
  return ok(all ? '*' : [...values].map(shown).join(','));
}

const PART = /^(?:\*|(\w+)(?:-(\w+))?)?(?:\/(\d{1,4}))?$/;

/** `*`, `a`, `a-b`, each with `/step`, which may stand alone; a range whose end is before its start goes on from the first value. */
function valuesOf(field: Field, part: string): Result<readonly number[], string> {
  const parts = PART.exec(part);
  if (parts === null || part === '') return err(`${field.name}: ${JSON.stringify(part)} is no value, range or step`);
  const [, first, last, step] = parts;
  const by = Number(step ?? 1);
  if (by < 1 || by > field.max) return err(`${field.name}: the step ${step} is not between 1 and ${field.max}`);
  const from = numberOr(field, first, field.min);
  if (!from.ok) return from;
  const to = numberOr(field, last ?? (step === undefined ? first : undefined), field.max);
  return to.ok ? between(field, [from.value, to.value], by) : to;
}

function numberOr(field: Field, text: string | undefined, otherwise: number): Result<number, string> {
  return text === undefined ? ok(otherwise) : numberOf(field, text);
}

function between(field: Field, [from, to]: readonly [number, number], by: number): Result<readonly number[], string> {
  if (from > to && field === YEAR) return err(`${field.name}: ${from} is after ${to}`);
  const size = field.max - field.min + 1;
  const end = from > to ? to + size : to;
  const count = Math.floor((end - from) / by) + 1;
  return ok(Array.from({ length: count }, (_, index) => ((from + index * by - field.min) % size) + field.min));
}

function mapped<T, U, E>(result: Result<T, E>, change: (value: T) => U): Result<U, E> {
  return result.ok ? ok(change(result.value)) : result;
}
