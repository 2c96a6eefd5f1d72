import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from './structural-schema.ts';
import { unknownFields } from './unknown-fields.ts';

const TEXT: StructuralSchema = { type: 'string' };

const SCHEMA: StructuralSchema = {
  type: 'object',
  properties: {
    name: TEXT,
    labels: { type: 'object', additionalProperties: TEXT },
    open: { 'x-kubernetes-preserve-unknown-fields': true },
    empty: { type: 'object' },
    hosts: { type: 'array', items: { type: 'object', properties: { name: TEXT } } },
  },
};

describe('unknownFields', () => {
  it('finds nothing in what the schema has, however open', () => {
    const value = { name: 'a', labels: { any: 'x' }, open: { a: { b: [1] } }, empty: {}, hosts: [{ name: 'h' }] };
    expect(unknownFields(SCHEMA, value)).toEqual([]);
    expect(unknownFields(SCHEMA, 'a text')).toEqual([]);
    expect(unknownFields(SCHEMA, { names: null })).toEqual([]);
  });

  it('names what it has not, at every level, once', () => {
    const value = {
      nme: 'a',
      'a.b': { c: { d: 1 } },
      empty: { x: 1 },
      hosts: [{ name: 'h' }, { nam: 'i' }],
      constructor: 1,
    };
    expect(unknownFields(SCHEMA, value, ['spec'])).toEqual([
      'spec.nme',
      'spec["a.b"]',
      'spec.empty.x',
      'spec.hosts[1].nam',
      'spec.constructor',
    ]);
  });
});
