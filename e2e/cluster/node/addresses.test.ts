import { describe, expect, it } from 'vitest';
import { chooseIndex, maxClusters, overlaps, planAddresses, routedRanges } from './addresses.ts';

describe('planAddresses', () => {
  it('gives every index ranges that touch those of no other', () => {
    const plans = [...Array(maxClusters).keys()].map(planAddresses);
    for (const a of plans) {
      for (const b of plans.filter((plan) => plan.index > a.index)) {
        const left = [a.linkCidr, ...routedRanges(a)];
        const right = [b.linkCidr, ...routedRanges(b)];
        expect(left.some((one) => right.some((other) => overlaps(one, other)))).toBe(false);
      }
    }
  });

  it('keeps the ranges of one cluster apart, and its addresses in them', () => {
    const plan = planAddresses(3);
    const ranges = [plan.linkCidr, ...routedRanges(plan)];
    for (const [index, one] of ranges.entries()) {
      expect(ranges.slice(index + 1).some((other) => overlaps(one, other))).toBe(false);
    }
    expect(overlaps(plan.nodeIp, plan.linkCidr)).toBe(true);
    expect(overlaps(plan.hostIp, plan.linkCidr)).toBe(true);
    expect(overlaps(plan.apiServiceIp, plan.serviceCidr)).toBe(true);
  });

  it('names links no longer than Linux allows', () => {
    expect(planAddresses(maxClusters - 1).hostLink.length).toBeLessThanOrEqual(15);
  });

  it.each([-1, maxClusters, 0.5])('refuses the index %s', (index) => {
    expect(() => planAddresses(index)).toThrow('no cluster index');
  });
});

describe('overlaps', () => {
  it.each([
    ['10.0.0.0/8', '10.96.0.0/16', true],
    ['10.96.0.0/16', '10.97.0.0/16', false],
    ['172.31.0.10', '172.31.0.0/24', true],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['255.255.255.255', '255.255.255.254', false],
    ['10.1.2.3/24', '10.1.2.250/32', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
    expect(overlaps(b, a)).toBe(expected);
  });
});

describe('chooseIndex', () => {
  it('takes the one the cluster had', () => {
    expect(chooseIndex(7, new Set([0, 1]), [])).toBe(7);
  });

  it('takes the lowest free one when the one it had went to another', () => {
    expect(chooseIndex(1, new Set([0, 1]), [])).toBe(2);
  });

  it('avoids ranges the host uses', () => {
    expect(chooseIndex(undefined, new Set(), [planAddresses(0).linkCidr, planAddresses(1).podCidr])).toBe(2);
    expect(chooseIndex(0, new Set(), ['10.96.0.0/15'])).toBe(2);
  });

  it('says so when there is none', () => {
    expect(() => chooseIndex(undefined, new Set(), ['10.0.0.0/8'])).toThrow('no free address range');
    expect(() => chooseIndex(undefined, new Set(Array(maxClusters).keys()), [])).toThrow('no free address range');
  });
});
