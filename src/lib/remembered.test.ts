import { describe, expect, it } from 'vitest';
import { remembered, rememberedText, rememberedWith } from './remembered.ts';

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

describe('rememberedText', () => {
  it('works a value out once for each short text, and keeps few', () => {
    const asked: string[] = [];
    const lengthOf = rememberedText((text) => {
      asked.push(text);
      return text === '' ? undefined : text.length;
    });
    const long = 'x'.repeat(33);
    for (const text of ['', '1Gi', long]) {
      expect([lengthOf(text), lengthOf(text)]).toEqual(Array(2).fill(text === '' ? undefined : text.length));
    }
    expect(asked).toEqual(['', '1Gi', long, long]);
    for (let index = 0; index < 1000; index++) lengthOf(`${index}`);
    asked.length = 0;
    expect([lengthOf('999'), lengthOf('1Gi')]).toEqual([3, 3]);
    expect(asked).toEqual(['1Gi']);
  });
});
