import { describe, expect, it } from 'vitest';
import { excludedPeriods, periodAt } from './excluded-periods.ts';

/** Monday, 2 March 2026; daylight saving starts in Berlin on the 29th. */
const at = (time: string): number => Date.parse(`2026-03-02T${time}Z`);

function isIn(text: string, time: number, timeZone = 'UTC'): boolean {
  return periodAt(excludedPeriods.parse(text) ?? [], timeZone, time) !== undefined;
}

describe('excludedPeriods', () => {
  it.each([
    ['9:30:30-10:50:20', '09:30:30', true],
    ['9:30:30-10:50:20', '09:30:29.999', false],
    ['9:30:30-10:50:20', '10:50:20', true],
    ['9:30:30-10:50:20', '10:50:20.001', false],
    ['9:30-10:50:20:500', '10:50:20.500', true],
    ['* * 9-11,14-16 * * ?', '11:59:59.999', true],
    ['* * 9-11,14-16 * * ?', '12:00:00', false],
    ['* * 9-11,14-16 * * ?', '14:00:00', true],
    ['* * * ? * 2-6', '12:00:00', true],
    ['* * * ? * 1,7', '12:00:00', false],
    ['9:30:30-10:50:20 && * * * ? * 2,5', '10:00:00', true],
    ['9:30:30-10:50:20 && * * * ? * 3', '10:00:00', false],
    ['* * * ? * 2,5 && 9:30-10:50', '11:00:00', false],
    ['1:00-2:00;11:00-12:00', '11:30:00', true],
  ])('%s at %s: %s', (text, time, inside) => {
    expect(isIn(text, at(time))).toBe(inside);
  });

  it('goes by the clocks of a time zone, in summer and winter', () => {
    expect(isIn('9:00-10:00', at('08:30:00'), 'Europe/Berlin')).toBe(true);
    expect(isIn('9:00-10:00', Date.parse('2026-03-30T08:30:00Z'), 'Europe/Berlin')).toBe(false);
    expect(isIn('* * 9 * * ?', Date.parse('2026-03-30T07:30:00Z'), 'Europe/Berlin')).toBe(true);
  });

  it.each([
    ['9:00', '9:00: 6 or 7 fields are needed'],
    ['10:00-9:00', '10:00-9:00: 6 or 7 fields are needed'],
    ['9:00-9:00', '9:00-9:00: 6 or 7 fields are needed'],
    ['24:00-25:00', '24:00-25:00: 6 or 7 fields are needed'],
    ['* * 25 * * ?', '* * 25 * * ?: hours: 25 is not between 0 and 23'],
    ['9:00-10:00 && 11:00-12:00', 'of the two parts one must be a time of day'],
    ['* * 9 * * ? && * * 10 * * ?', 'of the two parts one must be a time of day'],
    ['9:00-10:00 && * * 9 * * ? && * * 9 * * ?', 'at most two parts can be joined with &&'],
  ])('does not take %s', (text, problem) => {
    expect(excludedPeriods.parse(text)).toBeUndefined();
    expect(excludedPeriods.problem?.(text)).toContain(problem);
  });
});
