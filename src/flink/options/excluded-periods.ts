import { nextFire, parseQuartzCron, type QuartzCron } from '../../lib/quartz-cron.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { decodeList } from '../conf/values.ts';
import type { OptionType } from './types.ts';

/** A time in which nothing is scaled: within the range of each day and at the times of the expression, where there is one. */
export interface ExcludedPeriod {
  /** As written. */
  readonly text: string;
  /** Milliseconds since midnight, both ends included. */
  readonly daily?: { readonly from: number; readonly to: number } | undefined;
  readonly cron?: QuartzCron | undefined;
}

/** Excluded periods as the incumbent reads them (Quartz DailyCalendar and CronExpression, joined with &&). */
export const excludedPeriods: OptionType<readonly ExcludedPeriod[]> = {
  name: 'list of excluded periods',
  rule: 'be a list, separated by ;, of times of day such as 9:30-10:50:20 and Quartz cron expressions such as * * 9-11 * * ?, or both joined with &&',
  parse(text) {
    const read = readPeriods(text);
    return read.ok ? read.value : undefined;
  },
  problem(text) {
    const read = readPeriods(text);
    return read.ok ? undefined : read.error;
  },
};

function readPeriods(text: string): Result<readonly ExcludedPeriod[], string> {
  const read = decodeList(text).map(readPeriod);
  const problem = read.find((period) => !period.ok);
  return problem ?? ok(read.flatMap((period) => (period.ok ? [period.value] : [])));
}

function readPeriod(text: string): Result<ExcludedPeriod, string> {
  const parts = text.split('&&').map((part) => part.trim());
  if (parts.length > 2) return err(`${text}: at most two parts can be joined with &&`);
  const days = parts.flatMap((part) => dailyRange(part) ?? []);
  const crons = parts.filter((part) => dailyRange(part) === undefined).map(parseQuartzCron);
  const broken = crons.find((cron) => !cron.ok);
  if (broken !== undefined && !broken.ok) return err(`${text}: ${broken.error}`);
  if (days.length > 1 || crons.length > 1) return err(`${text}: of the two parts one must be a time of day`);
  const [daily] = days;
  const [cron] = crons;
  return ok({ text, daily, cron: cron?.ok ? cron.value : undefined });
}

const TIME = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?::(\d{1,3}))?)?$/;
const HIGHEST = [23, 59, 59, 999];
const LENGTHS = [3_600_000, 60_000, 1000, 1];

/** Quartz takes no range that goes over midnight. */
function dailyRange(text: string): { readonly from: number; readonly to: number } | undefined {
  const [from, to, ...more] = text.split('-').map(timeOfDay);
  if (from === undefined || to === undefined || more.length > 0 || from >= to) return undefined;
  return { from, to };
}

function timeOfDay(text: string): number | undefined {
  const parts = TIME.exec(text.trim())
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined || parts.some((part, index) => part > (HIGHEST[index] ?? 0))) return undefined;
  return parts.reduce((sum, part, index) => sum + part * (LENGTHS[index] ?? 0), 0);
}

/** The first of the periods that a time lies in, by the clocks of a time zone. */
export function periodAt(periods: readonly ExcludedPeriod[], timeZone: string, at: number): ExcludedPeriod | undefined {
  return periods.find(({ daily, cron }) => {
    if (daily !== undefined) {
      const time = sinceMidnight(at, timeZone);
      if (time < daily.from || time > daily.to) return false;
    }
    return cron === undefined || fires(cron, timeZone, at);
  });
}

/** An expression holds for whole seconds. */
function fires(cron: QuartzCron, timeZone: string, at: number): boolean {
  const second = Math.floor(at / 1000) * 1000;
  return nextFire(cron, timeZone, second - 1000) === second;
}

function sinceMidnight(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return of('hour') * 3_600_000 + of('minute') * 60_000 + of('second') * 1000 + (at % 1000);
}
