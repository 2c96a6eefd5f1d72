import { describe, expect, it } from 'vitest';
import { remembered } from './remembered.ts';

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
