import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isDnsLabel,
  isDnsSubdomain,
  isFlinkClusterId,
  isLabelValue,
  isPortName,
  isQualifiedName,
  isServiceName,
} from './names.ts';

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

  it.each([
    ['a', true],
    ['jmx-exporter', true],
    ['8090', false],
    ['a--b', false],
    ['-a', false],
    ['Metrics', false],
    ['a'.repeat(16), false],
    ['', false],
  ])('isPortName(%j) is %s', (name, expected) => {
    expect(isPortName(name)).toBe(expected);
  });

  it.each([
    ['', true],
    ['A_b.c-9', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['.a', false],
    ['a b', false],
  ])('isLabelValue(%j) is %s', (value, expected) => {
    expect(isLabelValue(value)).toBe(expected);
  });

  it.each([
    ['team', true],
    ['example.org/Team_1', true],
    ['', false],
    ['/team', false],
    ['example.org/', false],
    ['Example.org/team', false],
    ['a/b/c', false],
  ])('isQualifiedName(%j) is %s', (key, expected) => {
    expect(isQualifiedName(key)).toBe(expected);
  });
});
