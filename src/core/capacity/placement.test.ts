import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amounts } from './amounts.ts';
import { type Placeable, placeableAlone, placeableBeside } from './placement.ts';

function group(each: Amounts, count: number, nodes: number): Placeable {
  return { each, count, allowed: Array.from({ length: nodes }, () => true) };
}

/** What the function must answer, by trying every node for every pod. */
function bruteForce(groups: readonly Placeable[], free: readonly Amounts[]): number {
  const others = groups.slice(0, -1).flatMap((other) => Array.from({ length: other.count }, () => other));
  const last = groups.at(-1);
  const place = (index: number, rooms: readonly Amounts[]): number => {
    const pod = others[index];
    if (pod === undefined) return last === undefined ? 0 : placeableAlone(last, rooms);
    const ways = rooms.map((room, node) => {
      const fits = Object.entries(pod.each).every(([name, amount]) => (room[name] ?? 0) >= amount);
      if (!fits || !pod.allowed[node]) return -1;
      const after = Object.fromEntries(
        Object.entries(room).map(([name, have]) => [name, have - (pod.each[name] ?? 0)]),
      );
      return place(index + 1, rooms.with(node, after));
    });
    return Math.max(-1, ...ways);
  };
  return place(0, free);
}

describe('placement', () => {
  it('places what first fit would not: the small pod goes where the large ones leave a gap', () => {
    const free = [{ cpu: 8 }, { cpu: 5 }];
    const groups = [group({ cpu: 5 }, 1, 2), group({ cpu: 4 }, 2, 2)];
    expect(placeableBeside(groups, free)).toBe(2);
  });

  it('says when not even the others find a place', () => {
    expect(placeableBeside([group({ cpu: 5 }, 2, 2), group({ cpu: 1 }, 9, 2)], [{ cpu: 8 }, { cpu: 4 }])).toBe(-1);
  });

  it('keeps to the nodes that are allowed', () => {
    const only = { ...group({ cpu: 1 }, 5, 2), allowed: [false, true] };
    expect([placeableAlone(only, [{ cpu: 9 }, { cpu: 3 }]), placeableBeside([only], [{ cpu: 9 }, { cpu: 3 }])]).toEqual(
      [3, 3],
    );
  });

  it('gives up rather than trying a million ways', () => {
    const free = Array.from({ length: 1000 }, () => ({ cpu: 100 }));
    expect(placeableBeside([group({ cpu: 1 }, 5000, 1000), group({ cpu: 2 }, 6000, 1000)], free)).toBeUndefined();
  });

  const amounts = fc.record({ cpu: fc.integer({ min: 0, max: 9 }), memory: fc.integer({ min: 0, max: 9 }) });
  const each = fc.record({ cpu: fc.integer({ min: 1, max: 5 }), memory: fc.integer({ min: 1, max: 5 }) });
  const scene = fc
    .record({
      free: fc.array(amounts, { minLength: 1, maxLength: 4 }),
      sizes: fc.array(each, { minLength: 1, maxLength: 3 }),
    })
    .chain(({ free, sizes }) =>
      fc
        .tuple(
          ...sizes.map((size) =>
            fc.record({
              each: fc.constant(size),
              count: fc.integer({ min: 0, max: 2 }),
              allowed: fc.array(fc.boolean(), { minLength: free.length, maxLength: free.length }),
            }),
          ),
        )
        .map((groups) => ({ free, groups })),
    );

  it('finds the best of all ways, so never places more than there is room for', () => {
    fc.assert(
      fc.property(scene, ({ free, groups }) => {
        expect(placeableBeside(groups, free)).toBe(bruteForce(groups, free));
      }),
    );
  });

  it('never places fewer when a node has more room or a node is added', () => {
    fc.assert(
      fc.property(scene, amounts, fc.nat(4), ({ free, groups }, extra, at) => {
        const before = placeableBeside(groups, free) ?? -1;
        const node = at % free.length;
        const room = free[node] ?? { cpu: 0, memory: 0 };
        const grown = free.with(node, { cpu: room.cpu + extra.cpu, memory: room.memory + extra.memory });
        const more = groups.map((one) => ({ ...one, allowed: [...one.allowed, true] }));
        expect(placeableBeside(groups, grown)).toBeGreaterThanOrEqual(before);
        expect(placeableBeside(more, [...free, extra])).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});
