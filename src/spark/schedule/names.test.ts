import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isServiceName } from '../../kube/names.ts';
import { askedRunName, dueRunName, type TimestampPrecision } from './names.ts';

const DUE = Date.parse('2026-01-05T10:00:00Z');

describe('the name of a run', () => {
  it.each<[TimestampPrecision, string]>([
    ['nanos', 'report-1767607200000000000'],
    ['micros', 'report-1767607200000000'],
    ['millis', 'report-1767607200000'],
    ['seconds', 'report-1767607200'],
    ['minutes', 'report-29460120'],
  ])('has the time it is due in %s', (precision, name) => {
    expect(dueRunName('report', DUE, precision)).toBe(name);
  });

  it('has at most 63 characters and is the name of no other run', () => {
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    const precision = fc.constantFrom<TimestampPrecision>('nanos', 'micros', 'millis', 'seconds', 'minutes');
    fc.assert(
      fc.property(name, name, precision, (a, b, how) => {
        const [one, other] = [dueRunName(a, DUE, how), dueRunName(b, DUE, how)];
        expect(isServiceName(one)).toBe(true);
        expect(one === other).toBe(a === b);
        expect(dueRunName(a, DUE + 60_000, how)).not.toBe(one);
        expect(isServiceName(askedRunName(a, 'uid', 'token'))).toBe(true);
      }),
    );
  });

  it('that was asked for follows from resource and token', () => {
    const name = askedRunName('report', 'uid', 'a');
    expect(name).toBe(askedRunName('report', 'uid', 'a'));
    expect(name).not.toBe(askedRunName('report', 'uid', 'b'));
    expect(name).not.toBe(askedRunName('report', 'uid-2', 'a'));
  });
});
