import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePodTemplates } from './pod-template.ts';

type Any = Record<string, unknown>;

function merge(base: Any, over: Any, arrays: 'by name' | 'by position' = 'by name'): Any | undefined {
  return mergePodTemplates<Any>(base, over, arrays);
}

describe('mergePodTemplates', () => {
  it('takes the one there is', () => {
    expect(mergePodTemplates(undefined, { a: 1 }, 'by name')).toEqual({ a: 1 });
    expect(mergePodTemplates({ a: 1 }, undefined, 'by name')).toEqual({ a: 1 });
  });

  it('merges objects deep; the later wins, null says nothing', () => {
    const base = { metadata: { labels: { a: '1', b: '1' } }, spec: { hostNetwork: true, priority: 1 } };
    const over = { metadata: { labels: { b: '2' } }, spec: { priority: 0, hostNetwork: null } };
    expect(merge(base, over)).toEqual({
      metadata: { labels: { a: '1', b: '2' } },
      spec: { hostNetwork: true, priority: 0 },
    });
  });

  const common = {
    containers: [
      { name: 'sidecar', image: 's:1' },
      { name: 'main', env: [{ name: 'A', value: 'common' }] },
    ],
  };
  const own = {
    containers: [
      {
        name: 'main',
        env: [
          { name: 'A', value: 'own' },
          { name: 'B', value: 'own' },
        ],
      },
    ],
  };

  it('merges lists by name', () => {
    expect(merge(common, own)).toEqual({
      containers: [
        { name: 'sidecar', image: 's:1' },
        {
          name: 'main',
          env: [
            { name: 'A', value: 'own' },
            { name: 'B', value: 'own' },
          ],
        },
      ],
    });
  });

  it('or by position, where a sidecar becomes part of the main container', () => {
    expect(merge(common, own, 'by position')).toEqual({
      containers: [{ name: 'main', image: 's:1', env: own.containers[0]?.env }, common.containers[1]],
    });
  });

  it('by position where an element has no name', () => {
    const base = { tolerations: [{ key: 'a', effect: 'NoSchedule' }, { key: 'b' }] };
    expect(merge(base, { tolerations: [{ key: 'c' }] })).toEqual({
      tolerations: [{ key: 'c', effect: 'NoSchedule' }, { key: 'b' }],
    });
  });

  it('mounts one volume in two places', () => {
    const base = { volumeMounts: [{ name: 'data', mountPath: '/a' }] };
    const over = {
      volumeMounts: [
        { name: 'data', mountPath: '/b' },
        { name: 'other', mountPath: '/a' },
      ],
    };
    expect(merge(base, over)).toEqual({
      volumeMounts: [
        { name: 'other', mountPath: '/a' },
        { name: 'data', mountPath: '/b' },
      ],
    });
  });

  it('replaces lists of texts', () => {
    expect(merge({ args: ['a', 'b'] }, { args: ['c'] })).toEqual({ args: ['c'] });
  });

  it('does not pollute prototypes', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}');
    const merged = merge({ spec: {} }, hostile);
    expect(({} as Any).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });

  it('changes nothing when merged with itself or with nothing', () => {
    const json = fc.dictionary(
      fc.string(),
      fc.jsonValue().filter((value) => !JSON.stringify(value).includes('null')),
    );
    fc.assert(
      fc.property(json, (template) => {
        expect(merge(template, {})).toEqual(template);
      }),
    );
  });
});
