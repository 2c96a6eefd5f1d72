import { describe, expect, it } from 'vitest';
import { remembered, rememberedWith } from './remembered.ts';

describe('remembered', () => {
  it('works a value out once for each object, also when there is none', () => {
    const asked: string[] = [];
    const lengthOf = remembered(({ name }: { readonly name: string }) => {
      asked.push(name);
      return name === '' ? undefined : name.length;
    });
    const [long, empty] = [{ name: 'long' }, { name: '' }];
    expect([lengthOf(long), lengthOf(empty), lengthOf(long), lengthOf(empty)]).toEqual([4, undefined, 4, undefined]);
    expect(lengthOf({ name: 'long' })).toBe(4);
    expect(asked).toEqual(['long', '', 'long']);
  });
});

describe('rememberedWith', () => {
  interface Input {
    readonly object: { readonly name: string };
    readonly parts: readonly unknown[];
  }

  it('works a value out anew for another object, and where a part is another than the last time', () => {
    let made = 0;
    const count = rememberedWith(
      ({ object }: Input) => object,
      ({ parts }) => parts,
      () => ++made,
    );
    const [one, other, part] = [{ name: 'a' }, { name: 'a' }, {}];
    expect(count({ object: one, parts: ['x', part] })).toBe(1);
    expect(count({ object: one, parts: ['x', part] })).toBe(1);
    expect(count({ object: other, parts: ['x', part] })).toBe(2);
    expect(count({ object: one, parts: ['x', {}] })).toBe(3);
    expect(count({ object: one, parts: ['x', part] })).toBe(4);
  });
});
