import { err, ok, type Result } from './result.ts';

/** One field of a cron expression, in whatever grammar. */
export interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly words?: readonly string[];
}

/** Names of the months, the first one of all first. */
export const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Names of the days of the week, Sunday first. */
export const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** A value of a field, by number or upper-case name. The error is a clause: `hours: 25 is not between 0 and 23`. */
export function numberOf({ name, min, max, words = [] }: CronField, text: string): Result<number, string> {
  const named = words.indexOf(text);
  const value = named >= 0 ? named + min : Number(text);
  if (/^\d+$/.test(text) || named >= 0) {
    return value >= min && value <= max ? ok(value) : err(`${name}: ${text} is not between ${min} and ${max}`);
  }
  const known = words.length === 0 ? '' : `, nor one of ${words.join(', ')}`;
  return err(`${name}: ${text} is no number${known}`);
}
