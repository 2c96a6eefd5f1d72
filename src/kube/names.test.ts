import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDnsLabel, isDnsSubdomain, isFlinkClusterId, isServiceName } from './names.ts';

describe('names', () => {
  it.each([
    ['a', true],
    ['orders-2', true],
    [`a${'b'.repeat(44)}`, true],
    [`a${'b'.repeat(45)}`, false],
    ['a'.repeat(300), false],
    ['2orders', false],
    ['orders-', false],
    ['Orders', false],
    ['or.ders', false],
    ['orders\n', false],
    ['', false],
  ])('isFlinkClusterId(%j) is %s', (name, expected) => {
    expect(isFlinkClusterId(name)).toBe(expected);
  });

  it('a cluster id is a service name, a service name a label, a label a subdomain', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-a-z0-9.]{1,70}$/), (name) => {
        if (isFlinkClusterId(name)) expect(isServiceName(name)).toBe(true);
        if (isServiceName(name)) expect(isDnsLabel(name)).toBe(true);
        if (isDnsLabel(name)) expect(isDnsSubdomain(name)).toBe(true);
      }),
    );
  });

  it.each([
    ['a.b-c.9', true],
    ['a..b', false],
    ['.a', false],
    [`${'a'.repeat(250)}.bc`, true],
    [`${'a'.repeat(251)}.bc`, false],
  ])('isDnsSubdomain(%j) is %s', (name, expected) => {
    expect(isDnsSubdomain(name)).toBe(expected);
  });
});
