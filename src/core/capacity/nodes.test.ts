import { describe, expect, it } from 'vitest';
import { mismatchOf, roomOn, takesNow } from './nodes.ts';
import { podShapeOf } from './pod-shape.ts';
import { aNode, aPod } from './testing.ts';

const BIG = { cpu: '8', memory: '32Gi' };

function required(...nodeSelectorTerms: object[]): object {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

describe('nodes', () => {
  const node = aNode('n1', BIG, { labels: { pool: 'flink', size: '16' } });

  it.each([
    [{}, true],
    [{ nodeSelector: { pool: 'flink' } }, true],
    [{ nodeSelector: { pool: 'spark' } }, false],
    [{ nodeName: 'n1' }, true],
    [{ nodeName: 'n2' }, false],
    [{ affinity: required({ matchExpressions: [{ key: 'pool', operator: 'In', values: ['a', 'flink'] }] }) }, true],
    [{ affinity: required({ matchExpressions: [{ key: 'pool', operator: 'NotIn', values: ['flink'] }] }) }, false],
    [{ affinity: required({ matchExpressions: [{ key: 'gpu', operator: 'NotIn', values: ['x'] }] }) }, true],
    [{ affinity: required({ matchExpressions: [{ key: 'pool', operator: 'Exists' }] }) }, true],
    [{ affinity: required({ matchExpressions: [{ key: 'pool', operator: 'DoesNotExist' }] }) }, false],
    [{ affinity: required({ matchExpressions: [{ key: 'size', operator: 'Gt', values: ['15'] }] }) }, true],
    [{ affinity: required({ matchExpressions: [{ key: 'size', operator: 'Lt', values: ['16'] }] }) }, false],
    [{ affinity: required({ matchExpressions: [{ key: 'pool', operator: 'Gt', values: ['1'] }] }) }, false],
    [{ affinity: required({ matchExpressions: [{ key: 'pool', operator: 'Like', values: ['f'] }] }) }, false],
    [{ affinity: required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }) }, true],
    [{ affinity: required({}) }, false],
    [
      {
        affinity: required(
          { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
          { matchExpressions: [{ key: 'pool', operator: 'Exists' }] },
        ),
      },
      true,
    ],
  ])('a pod with %j: %s', (spec, matches) => {
    expect(mismatchOf(podShapeOf(spec), node) === undefined).toBe(matches);
  });

  it.each([
    [[], false],
    [[{ operator: 'Exists' }], true],
    [[{ key: 'dedicated', operator: 'Exists' }], true],
    [[{ key: 'dedicated', value: 'flink' }], true],
    [[{ key: 'dedicated', operator: 'Equal', value: 'flink', effect: 'NoSchedule' }], true],
    [[{ key: 'dedicated', value: 'flink', effect: 'NoExecute' }], false],
    [[{ key: 'dedicated', value: 'spark' }], false],
    [[{ key: 'other', operator: 'Exists' }], false],
  ])('a taint beside tolerations %j: %s', (tolerations, tolerated) => {
    const tainted = aNode('t', BIG, { spec: { taints: [{ key: 'dedicated', value: 'flink', effect: 'NoSchedule' }] } });
    expect(mismatchOf(podShapeOf({ tolerations }), tainted) === undefined).toBe(tolerated);
  });

  it('knows taints that only wish, and taints that pass', () => {
    const wishing = aNode('w', BIG, { spec: { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] } });
    expect(takesNow(podShapeOf({}), wishing)).toBe(true);
    const pressed = aNode('p', BIG, {
      spec: { taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }] },
    });
    expect([mismatchOf(podShapeOf({}), pressed), takesNow(podShapeOf({}), pressed)]).toEqual([undefined, false]);
  });

  it('a node that is cordoned or not ready may take pods later, not now', () => {
    for (const resting of [aNode('c', BIG, { spec: { unschedulable: true } }), aNode('n', BIG, { ready: 'Unknown' })]) {
      expect([mismatchOf(podShapeOf({}), resting), takesNow(podShapeOf({}), resting)]).toEqual([undefined, false]);
    }
  });

  it('has free what neither stays nor others hold, once the leaving are gone', () => {
    const agent = aPod('n1', { cpu: '500m', memory: '1Gi' }, { stays: true });
    const other = aPod('n1', { cpu: '2', memory: '8Gi' });
    const old = aPod('n1', { cpu: '4', memory: '16Gi' });
    const waiting = aPod(undefined, { cpu: '4', memory: '16Gi' });
    const gib = 2 ** 30;
    const pods = [agent, other, old, waiting];
    for (let turn = 0; turn < 2; turn++) {
      const [room] = roomOn([node], pods, new Set([old.uid]));
      expect(room?.whenEmpty).toEqual({ cpu: 7500, memory: 31 * gib, pods: 109 });
      expect(room?.free).toEqual({ cpu: 5500, memory: 23 * gib, pods: 108 });
      const [full] = roomOn([node], pods, new Set());
      expect(full?.whenEmpty).toEqual({ cpu: 7500, memory: 31 * gib, pods: 109 });
      expect(full?.free).toEqual({ cpu: 1500, memory: 7 * gib, pods: 107 });
    }
  });
});
