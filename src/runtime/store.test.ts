import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStore, isOfStatusAlone, statesOf } from './store.ts';
import { pod } from './testing/objects.ts';

describe('store', () => {
  it('tells a re-created object as deletion and addition', () => {
    const store = createStore();
    store.put(pod('x', { uid: '1', resourceVersion: '1' }));
    expect(store.put(pod('x', { uid: '2', resourceVersion: '5' })).map(({ type }) => type)).toEqual([
      'deleted',
      'added',
    ]);
  });

  it('says nothing about an object it already has in that version', () => {
    const store = createStore();
    store.put(pod('x', { uid: '1', resourceVersion: '1' }));
    expect(store.put(pod('x', { uid: '1', resourceVersion: '1' }))).toEqual([]);
  });

  it('replaces its content, deletions first', () => {
    const store = createStore();
    for (const name of ['x', 'y', 'z']) store.put(pod(name, { uid: name, resourceVersion: '1' }));
    const events = store.replace([
      pod('y', { uid: 'y', resourceVersion: '1' }),
      pod('z', { uid: 'other', resourceVersion: '9' }),
      pod('new', { uid: 'n', resourceVersion: '8' }),
    ]);
    const told = events.map(({ type, object }) => `${type} ${object.metadata.name}`);
    expect(told).toEqual(['deleted x', 'deleted z', 'added z', 'added new']);
  });

  it('finds by labels what a look at every object finds', () => {
    const labels = fc.dictionary(fc.constantFrom('app', 'role'), fc.constantFrom('1', '2'));
    const change = fc.record({
      name: fc.constantFrom('x', 'y', 'z'),
      namespace: fc.constantFrom('a', 'b'),
      labels,
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change), labels, (changes, wanted) => {
        const store = createStore();
        const model = new Map<string, ReturnType<typeof pod>>();
        changes.forEach(({ name, namespace, labels, gone }, version) => {
          const object = pod(name, { namespace, labels, uid: 'u', resourceVersion: String(version) });
          if (gone) store.remove(object);
          else store.put(object);
          if (gone) model.delete(`${namespace}/${name}`);
          else model.set(`${namespace}/${name}`, object);
        });
        const matching = [...model.values()].filter(
          ({ metadata }) =>
            metadata.namespace === 'a' &&
            Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value),
        );
        const names = (objects: readonly { metadata: { name: string } }[]): string[] =>
          objects.map(({ metadata }) => metadata.name).sort();
        expect(names(store.list('a', wanted))).toEqual(names(matching));
        expect(store.size).toBe(model.size);
      }),
    );
  });
});

describe('what a change is about', () => {
  const before = {
    ...pod('x', { uid: '1', resourceVersion: '1', labels: { app: 'a' } }),
    status: { phase: 'Pending' },
  };
  const { status: _status, ...bare } = before;
  const newer = { ...before.metadata, resourceVersion: '2' };

  it.each([
    ['its version alone', { ...before, metadata: newer }, false, true],
    ['its version, and a field without a value', { ...before, metadata: newer, spec: undefined }, false, true],
    ['its status', { ...before, metadata: newer, status: { phase: 'Running' } }, true, true],
    ['that it has a status no more', { ...bare, metadata: newer }, true, true],
    ['a label', { ...before, metadata: { ...newer, labels: { app: 'b' } } }, true, false],
    ['a field of its metadata', { ...before, metadata: { ...newer, deletionTimestamp: 'now' } }, true, false],
    ['a field of its own', { ...before, metadata: newer, data: {} }, true, false],
  ])('%s', (_what, object, isNews, isStatus) => {
    for (const [previous, next] of [
      [before, object],
      [object, before],
    ] as const) {
      const event = { type: 'updated', previous, object: next } as const;
      expect(statesOf(event)).toEqual(isNews ? [previous, next] : []);
      expect(isOfStatusAlone(event)).toBe(isStatus);
    }
  });

  it('an object that comes or goes, in the state that is known', () => {
    for (const type of ['added', 'deleted'] as const) {
      expect(statesOf({ type, object: before })).toEqual([before]);
      expect(isOfStatusAlone({ type, object: before })).toBe(false);
    }
  });
});
