import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextFire, parseQuartzCron } from './quartz-cron.ts';

const START = '2026-01-01T00:00:00.000Z'; // a Thursday

/** The next times of an expression, as ISO texts without their constant end. */
function times(expression: string, count: number, { zone = 'UTC', from = START } = {}): string[] {
  const cron = parseQuartzCron(expression);
  if (!cron.ok) throw new Error(cron.error);
  const found: string[] = [];
  for (let at: number | undefined = Date.parse(from); found.length < count; ) {
    at = nextFire(cron.value, zone, at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().slice(0, 19));
  }
  return found;
}

describe('a Quartz cron expression', () => {
  it.each([
    ['0 0 3 * * ?', ['2026-01-01T03:00:00', '2026-01-02T03:00:00']],
    ['30 15 10 ? * *', ['2026-01-01T10:15:30', '2026-01-02T10:15:30']],
    ['0 0/15 * * * ?', ['2026-01-01T00:15:00', '2026-01-01T00:30:00']],
    ['0 /20 5 * * ?', ['2026-01-01T05:00:00', '2026-01-01T05:20:00', '2026-01-01T05:40:00', '2026-01-02T05:00:00']],
    ['0 50/5 * * * ?', ['2026-01-01T00:50:00', '2026-01-01T00:55:00', '2026-01-01T01:50:00']],
    ['0 0 22-2/2 * * ?', ['2026-01-01T02:00:00', '2026-01-01T22:00:00', '2026-01-02T00:00:00']],
    ['0 0 0 1,15 jan-mar ?', ['2026-01-15T00:00:00', '2026-02-01T00:00:00', '2026-02-15T00:00:00']],
    ['0 0 0 ? * 1', ['2026-01-04T00:00:00', '2026-01-11T00:00:00']],
    ['0 0 0 ? * FRI-MON', ['2026-01-02T00:00:00', '2026-01-03T00:00:00', '2026-01-04T00:00:00', '2026-01-05T00:00:00']],
    ['0 0 0 ? * MON,WED', ['2026-01-05T00:00:00', '2026-01-07T00:00:00', '2026-01-12T00:00:00']],
    ['0 0 0 ? * L', ['2026-01-03T00:00:00', '2026-01-10T00:00:00']],
    ['0 0 0 ? * 6L', ['2026-01-30T00:00:00', '2026-02-27T00:00:00']],
    ['0 0 0 ? * FRI#3', ['2026-01-16T00:00:00', '2026-02-20T00:00:00']],
    ['0 0 0 ? * 6#5', ['2026-01-30T00:00:00', '2026-05-29T00:00:00']],
    ['0 0 0 L * ?', ['2026-01-31T00:00:00', '2026-02-28T00:00:00']],
    ['0 0 0 L-3 * ?', ['2026-01-28T00:00:00', '2026-02-25T00:00:00', '2026-03-28T00:00:00']],
    ['0 0 0 L-27 2 ?', ['2026-02-01T00:00:00', '2027-02-01T00:00:00', '2028-02-02T00:00:00']],
    ['0 0 0 L-3W * ?', ['2026-01-28T00:00:00', '2026-02-25T00:00:00', '2026-03-27T00:00:00']],
    ['0 0 0 L-6W 1,4 ?', ['2026-01-26T00:00:00', '2026-04-24T00:00:00']],
    ['0 0 0 L-0W * ?', ['2026-01-30T00:00:00', '2026-02-27T00:00:00']],
    ['0 0 0 LW * ?', ['2026-01-30T00:00:00', '2026-02-27T00:00:00']],
    ['0 0 0 15W * ?', ['2026-01-15T00:00:00', '2026-02-16T00:00:00']],
    ['0 0 0 29 2 ?', ['2028-02-29T00:00:00', '2032-02-29T00:00:00']],
    ['0 0 0 1 1 ? 2028-2030/2', ['2028-01-01T00:00:00', '2030-01-01T00:00:00']],
    ['0 0 0 1 1 ? 2020', []],
  ])('%s fires', (expression, expected) => {
    expect(times(expression, expected.length || 1)).toEqual(expected);
  });

  it.each([
    ['0 3 * * *', '6 or 7 fields are needed, seconds first and a year last if at all, and there are 5'],
    ['0 0 3 * * ? * *', '6 or 7 fields are needed, seconds first and a year last if at all, and there are 8'],
    ['soon', '6 or 7 fields are needed, seconds first and a year last if at all, and there are 1'],
    ['0 0 3 * * *', 'exactly one of day-of-month and day-of-week must be ?'],
    ['0 0 3 ? * ?', 'exactly one of day-of-month and day-of-week must be ?'],
    ['60 0 3 * * ?', 'seconds: 60 is not between 0 and 59'],
    ['0 x 3 * * ?', 'minutes: X is no number'],
    ['0 0 22-25 * * ?', 'hours: 25 is not between 0 and 23'],
    ['0 0 0 0 * ?', 'day-of-month: 0 is not between 1 and 31'],
    ['0 0 0 32W * ?', 'day-of-month: 32 is not between 1 and 31'],
    ['0 0 0 L-28 * ?', 'day-of-month: L-28 is not between L-0 and L-27'],
    ['0 0 0 L-27W * ?', 'day-of-month: L-27W is not between L-0W and L-26W'],
    ['0 0 0 1W,15W * ?', 'day-of-month: 1W must stand alone, not in a list'],
    ['0 0 0 15,L * ?', 'day-of-month: L must stand alone, not in a list'],
    ['0 0 0 ? * MON#1,FRI#3', 'day-of-week: MON#1 must stand alone, not in a list'],
    ['0 0 0 ? * MON,6L', 'day-of-week: 6L must stand alone, not in a list'],
    ['0 0 0 1 13 ?', 'month: 13 is not between 1 and 12'],
    [
      '0 0 0 1 JANUARY ?',
      'month: JANUARY is no number, nor one of JAN, FEB, MAR, APR, MAY, JUN, JUL, AUG, SEP, OCT, NOV, DEC',
    ],
    ['0 0 0 ? * 0', 'day-of-week: 0 is not between 1 and 7'],
    ['0 0 0 ? * 8L', 'day-of-week: 8 is not between 1 and 7'],
    ['0 0 0 ? * 6#6', 'day-of-week: "6#6" is no value, range or step'],
    ['0 0/0 0 * * ?', 'minutes: the step 0 is not between 1 and 59'],
    ['0 5,,6 0 * * ?', 'minutes: "" is no value, range or step'],
    ['? 0 0 * * ?', 'seconds: "?" is no value, range or step'],
    ['0 0 0 1 1 ? 2030-2028', 'year: 2030 is after 2028'],
    ['0 0 0 1 1 ? 1969', 'year: 1969 is not between 1970 and 2099'],
    ['0 0 0 30 2 ?', 'it never fires'],
    ['0 0 0 31 4,6,9,11 ?', 'it never fires'],
    ['0 0 0 29 2 ? 2021-2023', 'it never fires'],
  ])('%s is refused', (expression, why) => {
    expect(parseQuartzCron(expression)).toEqual({ ok: false, error: why });
  });

  it('goes by the clocks of the time zone, also where they are changed', () => {
    const zone = 'Europe/Berlin';
    expect(times('0 30 2 * * ?', 3, { zone, from: '2026-03-27T12:00:00Z' })).toEqual([
      '2026-03-28T01:30:00',
      '2026-03-29T01:00:00',
      '2026-03-30T00:30:00',
    ]);
    expect(times('0 30 2 * * ?', 3, { zone, from: '2026-10-24T12:00:00Z' })).toEqual([
      '2026-10-25T00:30:00',
      '2026-10-26T01:30:00',
      '2026-10-27T01:30:00',
    ]);
  });

  it('fires on the working day that is nearest to so many days before the last of each month', () => {
    const month = fc.integer({ min: 0, max: 12 * 60 });
    fc.assert(
      fc.property(month, fc.integer({ min: 0, max: 26 }), (months, before) => {
        const last = new Date(Date.UTC(2026, months + 1, 0));
        const wanted = new Date(Date.UTC(2026, months + 1, 0 - before));
        const inMonth = (days: number) => Date.UTC(2026, months + 1, 0 - before + days);
        const shift = { 0: before === 0 ? -2 : 1, 6: wanted.getUTCDate() === 1 ? 2 : -1 }[wanted.getUTCDay()] ?? 0;
        const [next] = times(`0 0 0 L-${before}W * ?`, 1, { from: new Date(Date.UTC(2026, months, 0)).toISOString() });
        expect(next).toBe(new Date(inMonth(shift)).toISOString().slice(0, 19));
        expect(next?.slice(0, 7)).toBe(last.toISOString().slice(0, 7));
      }),
      { numRuns: 300 },
    );
  });

  it('never fires at or before the time it is asked about, and agrees with its fields', () => {
    const time = fc.integer({ min: 0, max: Date.UTC(2090, 0, 1) });
    const clock = fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 59 }), fc.nat({ max: 23 }));
    fc.assert(
      fc.property(time, clock, fc.integer({ min: 1, max: 7 }), (after, [second, minute, hour], day) => {
        const cron = parseQuartzCron(`${second} ${minute} ${hour} ? * ${day}`);
        const next = cron.ok ? nextFire(cron.value, 'UTC', after) : undefined;
        const at = new Date(next ?? 0);
        expect(next).toBeGreaterThan(after);
        expect((next ?? 0) - after).toBeLessThanOrEqual(7 * 86_400_000);
        expect([at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours(), at.getUTCDay() + 1]).toEqual([
          second,
          minute,
          hour,
          day,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});
