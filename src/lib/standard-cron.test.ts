import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastFire, nextFire, parseStandardCron, type StandardCron } from './standard-cron.ts';

const START = '2026-01-01T00:00:00.000Z'; // a Thursday

function read(expression: string, timeZone = 'UTC'): StandardCron {
  const cron = parseStandardCron(expression, { timeZone, local: 'Asia/Tokyo' });
  if (!cron.ok) throw new Error(cron.error);
  return cron.value;
}

/** The next times of an expression, as ISO texts without their constant end. */
function times(expression: string, count: number, { zone = 'UTC', from = START } = {}): string[] {
  const cron = read(expression, zone);
  const found: string[] = [];
  for (let at: number | undefined = Date.parse(from); found.length < count; ) {
    at = nextFire(cron, at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe('a standard cron expression', () => {
  it.each([
    ['0 3 * * *', ['2026-01-01T03:00', '2026-01-02T03:00']],
    ['  5   4 * * ?  ', ['2026-01-01T04:05', '2026-01-02T04:05']],
    ['*/15 * * * *', ['2026-01-01T00:15', '2026-01-01T00:30']],
    ['50/5 * * * *', ['2026-01-01T00:50', '2026-01-01T00:55', '2026-01-01T01:50']],
    ['0 8-18/4,23 * * *', ['2026-01-01T08:00', '2026-01-01T12:00', '2026-01-01T16:00', '2026-01-01T23:00']],
    ['0 0 1,15 jan-Mar *', ['2026-01-15T00:00', '2026-02-01T00:00', '2026-02-15T00:00']],
    ['0 0 * * MON-wed', ['2026-01-05T00:00', '2026-01-06T00:00', '2026-01-07T00:00', '2026-01-12T00:00']],
    ['0 0 ? * 0', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['0 0 31 * *', ['2026-01-31T00:00', '2026-03-31T00:00']],
    ['0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['5,,6, 0 * * *', ['2026-01-01T00:05', '2026-01-01T00:06']],
    ['@yearly', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['@annually', ['2027-01-01T00:00']],
    ['@monthly', ['2026-02-01T00:00', '2026-03-01T00:00']],
    ['@weekly', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['@daily', ['2026-01-02T00:00']],
    ['@midnight', ['2026-01-02T00:00']],
    ['@hourly', ['2026-01-01T01:00', '2026-01-01T02:00']],
    ['@every 1h30m', ['2026-01-01T01:30', '2026-01-01T03:00']],
    ['CRON_TZ=Asia/Tokyo 0 3 * * *', ['2026-01-01T18:00']],
    ['TZ=Asia/Tokyo @daily', ['2026-01-01T15:00']],
    ['TZ=Local @daily', ['2026-01-01T15:00']],
    ['TZ= @daily', ['2026-01-02T00:00']],
  ])('%s fires', (expression, expected) => {
    expect(times(expression, expected.length)).toEqual(expected);
  });

  it.each([
    ['given both, a day fits either', '0 0 13 * 5', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00']],
    ['* leaves the choice to the other', '0 0 * * 5', ['2026-01-02T00:00', '2026-01-09T00:00']],
    ['*/1 is * too', '0 0 */1 * 5', ['2026-01-02T00:00', '2026-01-09T00:00']],
    ['* among others is * too', '0 0 13 * *,1', ['2026-01-13T00:00', '2026-02-13T00:00']],
    ['all days named one by one are not', '0 0 1-31 * 5', ['2026-01-02T00:00', '2026-01-03T00:00']],
    ['a step above 1 is a choice', '0 0 */15 * 5', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-16T00:00']],
  ])('of day of month and of week: %s (%s)', (_rule, expression, expected) => {
    expect(times(expression, expected.length)).toEqual(expected);
  });

  it.each([
    ['', '5 fields are needed, minutes first and the day of the week last, and there are 0'],
    ['0 0 3 * * ?', '5 fields are needed, minutes first and the day of the week last, and there are 6'],
    ['soon', '5 fields are needed, minutes first and the day of the week last, and there are 1'],
    [
      '@fortnightly',
      '@fortnightly is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every with a duration',
    ],
    ['@every soon', '@every: "soon" is no duration such as 1h30m'],
    ['60 3 * * *', 'minutes: 60 is not between 0 and 59'],
    ['x 3 * * *', 'minutes: X is no number'],
    ['0 22-25 * * *', 'hours: 25 is not between 0 and 23'],
    ['0 22-2 * * *', 'hours: 22-2 ends before it begins'],
    ['0 0 0 * *', 'day-of-month: 0 is not between 1 and 31'],
    ['0 0 L * *', 'day-of-month: L is no number'],
    ['0 0 1 13 *', 'month: 13 is not between 1 and 12'],
    ['0 0 * * 7', 'day-of-week: 7 is not between 0 and 6'],
    ['0 0 * * MONDAY', 'day-of-week: MONDAY is no number, nor one of SUN, MON, TUE, WED, THU, FRI, SAT'],
    ['*/0 * * * *', 'minutes: the step of */0 is 0'],
    [', * * * *', 'minutes: "," has no value'],
    ['1-2-3 * * * *', 'minutes: "1-2-3" is no value, range or step'],
    ['-5 * * * *', 'minutes: "-5" is no value, range or step'],
    ['TZ=Mars/Olympus 0 3 * * *', 'the time zone Mars/Olympus is not known'],
    ['0 0 30 2 *', 'it never fires'],
    ['0 0 31 4,6,9,11 *', 'it never fires'],
  ])('"%s" is refused', (expression, why) => {
    expect(parseStandardCron(expression, { timeZone: 'UTC', local: 'UTC' })).toEqual({ ok: false, error: why });
  });

  it('counts @every in whole seconds, at least one', () => {
    expect(read('@every 1500ms')).toEqual({ kind: 'every', ms: 1000 });
    expect(read('@every 10ms')).toEqual({ kind: 'every', ms: 1000 });
    expect(read('@every -1h')).toEqual({ kind: 'every', ms: 1000 });
  });
});

describe('where the clocks are changed', () => {
  const BERLIN = { zone: 'Europe/Berlin' };
  const NEW_YORK = { zone: 'America/New_York' };

  it.each([
    // 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
    ['30 2 * * *', BERLIN, '2026-03-28', ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']],
    ['30 2 * * *', BERLIN, '2026-10-24', ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']],
    ['30 1 * * *', NEW_YORK, '2026-11-01', ['2026-11-01T05:30', '2026-11-02T06:30']],
  ])('%s of %o fires once on each day from %s', (expression, zone, from, expected) => {
    expect(times(expression, expected.length, { ...zone, from: `${from}T00:00:00Z` })).toEqual(expected);
  });

  it.each([
    ['30 * * * *', BERLIN, '2026-03-29', ['2026-03-29T00:30', '2026-03-29T01:30', '2026-03-29T02:30']],
    ['30 * * * *', BERLIN, '2026-10-25', ['2026-10-25T00:30', '2026-10-25T01:30', '2026-10-25T02:30']],
    ['0 2,3 * * *', NEW_YORK, '2026-03-08', ['2026-03-08T07:00', '2026-03-09T06:00', '2026-03-09T07:00']],
  ])('%s of %o, more than once a day, goes by the clocks from %s', (expression, zone, from, expected) => {
    expect(times(expression, expected.length, { ...zone, from: `${from}T00:00:00Z` })).toEqual(expected);
  });

  it('a day without midnight begins at one', () => {
    const from = { zone: 'America/Sao_Paulo', from: '2018-11-03T12:00:00Z' };
    expect(times('@daily', 2, from)).toEqual(['2018-11-04T03:00', '2018-11-05T02:00']);
  });

  it('an interval knows nothing of clocks', () => {
    expect(times('@every 24h', 2, { ...BERLIN, from: '2026-03-28T12:00:00Z' })).toEqual([
      '2026-03-29T12:00',
      '2026-03-30T12:00',
    ]);
  });
});

describe('the last time it fired', () => {
  it('is the newest one, however many there were', () => {
    const expression = fc.constantFrom('* * * * *', '0 3 * * *', '1-5 4 1 * *', '@every 7m', '@weekly');
    const first = fc.integer({ min: 1_700_000_000, max: 1_800_000_000 });
    fc.assert(
      fc.property(expression, first, fc.integer({ min: 0, max: 40 * 86_400 }), (text, from, seconds) => {
        const cron = read(text, 'Europe/Berlin');
        const firstMs = nextFire(cron, from * 1000) ?? 0;
        const nowMs = firstMs + seconds * 1000;
        const last = lastFire(cron, firstMs, nowMs);
        expect(last).toBeGreaterThanOrEqual(firstMs);
        expect(last).toBeLessThanOrEqual(nowMs);
        expect(nextFire(cron, last)).toBeGreaterThan(nowMs);
        if (last !== firstMs && cron.kind === 'fields') expect(nextFire(cron, last - 1)).toBe(last);
      }),
      { numRuns: 100 },
    );
  });
});
