import { describe, expect, it } from 'vitest';
import {
  amountOf,
  amountsOf,
  countIn,
  describeAmount,
  describeAmounts,
  largest,
  minus,
  missing,
  plus,
} from './amounts.ts';

describe('amounts', () => {
  it.each([
    ['cpu', '500m', 500],
    ['cpu', 2, 2000],
    ['cpu', '0.1', 100],
    ['cpu', '1u', 1],
    ['requests.cpu', '1500m', 1500],
    ['memory', '2Gi', 2147483648],
    ['memory', '1500m', 2],
    ['nvidia.com/gpu', '1', 1],
    ['cpu', 'many', undefined],
    ['cpu', null, undefined],
  ])('%s %j', (name, quantity, amount) => {
    expect(amountOf(name, quantity)).toBe(amount);
  });

  it('leaves out what is no quantity', () => {
    expect(amountsOf({ cpu: '1', memory: 'much', pods: {} })).toEqual({ cpu: 1000 });
    expect(amountsOf(undefined)).toEqual({});
  });

  it('adds, takes away without going below zero, and takes the larger', () => {
    const [a, b] = [
      { cpu: 1, memory: 5 },
      { memory: 7, pods: 1 },
    ];
    expect(plus(a, b)).toEqual({ cpu: 1, memory: 12, pods: 1 });
    expect(minus(a, b)).toEqual({ cpu: 1, memory: 0 });
    expect(largest(a, b)).toEqual({ cpu: 1, memory: 7, pods: 1 });
    expect(missing(b, a)).toEqual({ memory: 2, pods: 1 });
  });

  it('counts how often something fits, which is always for nothing', () => {
    expect(countIn({ cpu: 300, pods: 1 }, { cpu: 1000, pods: 9 }, 7)).toBe(3);
    expect(countIn({ 'nvidia.com/gpu': 1 }, { cpu: 1000 }, 7)).toBe(0);
    expect(countIn({ cpu: 0 }, {}, 7)).toBe(7);
  });

  it.each([
    ['cpu', 1000, '1 core'],
    ['cpu', 1500, '1.5 cores'],
    ['memory', 64 * 2 ** 30, '64 GiB memory'],
    ['requests.cpu', 1000, '1 core of requests.cpu'],
    ['limits.memory', 2 ** 30, '1 GiB of limits.memory'],
    ['ephemeral-storage', 2 ** 30, '1 GiB of ephemeral-storage'],
    ['pods', 1, '1 pod'],
    ['pods', 3, '3 pods'],
    ['nvidia.com/gpu', 2, '2 nvidia.com/gpu'],
  ])('%s %d is said as %s', (name, amount, text) => {
    expect(describeAmount(name, amount)).toBe(text);
  });

  it('says cpu and memory first', () => {
    expect(describeAmounts({ 'a/b': 1, memory: 1024, cpu: 1000 })).toBe('1 core, 1 KiB memory, 1 a/b');
    expect(describeAmounts({})).toBe('nothing');
  });
});
