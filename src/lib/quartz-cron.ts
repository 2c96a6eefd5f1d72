import { Cron } from 'croner';
import { DAYS, type CronField as Field, MONTHS, numberOf } from './cron-field.ts';
import { err, ok, type Result } from './result.ts';

/*
 * Cron expressions in the grammar of Quartz 2 (CronExpression, of which log4j 2.x and with it the Flink Kubernetes Operator 1.15
 * have a copy): seconds first, 1 is Sunday, an optional year, ? ranges that wrap, L, W and #. The fields are read here and
 * put in the words of croner, which knows the calendar and the time zones.
 */

/** A Quartz cron expression that was read: it fires whenever one of the patterns does. */
export type QuartzCron = readonly Pattern[];

interface Pattern {
  /** In croner's words: seven fields, 0 is Sunday. */
  readonly pattern: string;
  /** Days by which the times are shifted. */
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
 * time between 1970 and 2099 is an error too, and so is what Quartz advises against, since it fires at odd times: L, W and #
 * in lists, and days before the last that the shortest month does not have.
 */
export function parseQuartzCron(text: string): Result<QuartzCron, string> {
  const fields = text.trim().toUpperCase().split(/\s+/);
  const [seconds, minutes, hours, day, month, weekday, year = '*'] = fields;
  if (fields.length > 7 || weekday === undefined) {
    return err(`6 or 7 fields are needed, seconds first and a year last if at all, and there are ${fields.length}`);
  }
  if ((day === '?') === (weekday === '?')) return err('exactly one of day-of-month and day-of-week must be ?');
  const clock = joined([listed(SECONDS, seconds ?? ''), listed(MINUTES, minutes ?? ''), listed(HOURS, hours ?? '')]);
  const days = daysOf(day ?? '', weekday);
  const [months, years] = [listed(MONTH, month ?? ''), listed(YEAR, year)];
  if (!clock.ok) return clock;
  if (!days.ok) return days;
  if (!months.ok) return months;
  if (!years.ok) return years;
  const cron = days.value.map(({ ofMonth, ofWeek, dayOffset }) => ({
    pattern: [clock.value, ofMonth, months.value, ofWeek, years.value].join(' '),
    dayOffset,
  }));
  return nextFire(cron, 'UTC', -1) === undefined ? err('it never fires') : ok(cron);
}

function joined(fields: readonly Result<string, string>[]): Result<string, string> {
  const problem = fields.find((field) => !field.ok);
  return problem ?? ok(fields.map((field) => (field.ok ? field.value : '')).join(' '));
}

/**
 * The first time after `afterMs` at which it fires by the clocks of a time zone (an IANA name), in milliseconds since the
 * epoch; undefined when it fires no more. A time that the clocks skip is made up for right after; one they show twice
 * counts once, unless the expression fires several times a day.
 */
export function nextFire(cron: QuartzCron, timeZone: string, afterMs: number): number | undefined {
  const times = cron.flatMap(({ pattern, dayOffset }) => {
    const options = { mode: '7-part', timezone: timeZone, dayOffset, domAndDow: true, paused: true } as const;
    const next = new Cron(pattern, options).nextRun(new Date(afterMs));
    return next === null ? [] : [next.getTime()];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Days, in croner's words: those that are both, shifted. */
interface Days {
  readonly ofMonth: string;
  readonly ofWeek: string;
  readonly dayOffset: number;
}

/** One of the two is `?`. */
function daysOf(day: string, weekday: string): Result<readonly Days[], string> {
  if (day === '?') return mapped(dayOfWeek(weekday), (ofWeek) => [{ ofMonth: '*', ofWeek, dayOffset: 0 }]);
  const [, before, nearest] = /^L-(\d{1,2})(W?)$/.exec(day) ?? [];
  if (before !== undefined) return beforeLast(Number(before), nearest === 'W');
  return mapped(dayOfMonth(day), (ofMonth) => [{ ofMonth, ofWeek: '*', dayOffset: 0 }]);
}

/** The furthest that the shortest month can be counted back from its end; to its second day, where it may be the first instead. */
const MOST_BEFORE_LAST = { day: 27, weekday: 26 };

/** The day so many before the last one of the month, or the nearest to it of Monday to Friday. */
function beforeLast(days: number, nearest: boolean): Result<readonly Days[], string> {
  const most = nearest ? MOST_BEFORE_LAST.weekday : MOST_BEFORE_LAST.day;
  const end = nearest ? 'W' : '';
  if (days > most) return err(`${DAY_OF_MONTH.name}: L-${days}${end} is not between L-0${end} and L-${most}${end}`);
  if (!nearest) return ok([{ ofMonth: 'L', ofWeek: '*', dayOffset: 0 - days }]);
  if (days === 0) return ok([{ ofMonth: 'LW', ofWeek: '*', dayOffset: 0 }]);
  // Months whose last day is so many after a day of Monday to Friday, after a Saturday, after a Sunday.
  const last = (...weekdays: readonly number[]): string => weekdays.map((weekday) => (weekday + days) % 7).join(',');
  return ok([
    { ofMonth: 'L', ofWeek: last(1, 2, 3, 4, 5), dayOffset: 0 - days },
    { ofMonth: 'L', ofWeek: last(6), dayOffset: 0 - days - 1 },
    { ofMonth: 'L', ofWeek: last(0), dayOffset: 0 - days + 1 },
  ]);
}

function dayOfMonth(text: string): Result<string, string> {
  if (text === 'L' || text === 'LW') return ok(text);
  const nearest = /^(\d{1,2})W$/.exec(text)?.[1];
  if (nearest !== undefined) return mapped(numberOf(DAY_OF_MONTH, nearest), (value) => `${value}W`);
  return alone(DAY_OF_MONTH, text, /[LW]/) ?? listed(DAY_OF_MONTH, text);
}

function dayOfWeek(text: string): Result<string, string> {
  if (text === 'L') return ok('6');
  const [, which = '', nth] = /^(\w+?)(L|#[1-5])$/.exec(text) ?? [];
  if (nth !== undefined) {
    return mapped(numberOf(DAY_OF_WEEK, which), (value) => `${value - 1}${nth === 'L' ? '#L' : nth}`);
  }
  return alone(DAY_OF_WEEK, text, /#|L(,|$)/) ?? listed(DAY_OF_WEEK, text, (value) => value - 1);
}

/** What must be the whole field is in a list. */
function alone({ name }: Field, text: string, form: RegExp): Result<never, string> | undefined {
  const part = text.split(',').find((item) => form.test(item));
  return part === undefined || part === text ? undefined : err(`${name}: ${part} must stand alone, not in a list`);
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
