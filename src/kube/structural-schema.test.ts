import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { field, group, integer, intOrString, list, openObject, podTemplate, text } from './schema-parts.ts';
import { structural, structuralSchema } from './structural-schema.ts';

describe('structuralSchema', () => {
  it('keeps types and descriptions, drops notes, bounds of safe integers and nothing else', () => {
    const schema = group({
      count: field(integer(), 'How many.', { fallback: '1', added: true }),
      names: field(list(text()), 'Names.'),
      level: z.int().min(1).max(9),
    });
    expect(structuralSchema(schema, 'spec')).toEqual({
      type: 'object',
      properties: {
        count: { type: 'integer', description: 'How many.' },
        names: { type: 'array', items: { type: 'string' }, description: 'Names.' },
        level: { type: 'integer', minimum: 1, maximum: 9 },
      },
      required: ['level'],
    });
  });

  it('writes IntOrString and open objects as a CRD wants them', () => {
    const schema = group({
      amount: field(intOrString(), 'Amount.'),
      template: field(podTemplate(), 'Pod.'),
      options: field(openObject(), 'Options.'),
      loose: field(z.looseObject({ a: text() }).meta({ 'x-kubernetes-preserve-unknown-fields': true }), 'Loose.'),
    });
    expect(structuralSchema(schema, 'spec').properties).toEqual({
      amount: { description: 'Amount.', 'x-kubernetes-int-or-string': true },
      template: { type: 'object', description: 'Pod.', 'x-kubernetes-preserve-unknown-fields': true },
      options: { description: 'Options.', 'x-kubernetes-preserve-unknown-fields': true },
      loose: {
        type: 'object',
        description: 'Loose.',
        required: ['a'],
        'x-kubernetes-preserve-unknown-fields': true,
      },
    });
  });

  it.each([
    [
      'a union',
      group({ a: group({ b: list(z.union([text(), integer()])) }) }),
      'spec.a.b[]: anyOf is not possible in a CRD',
    ],
    ['a default', group({ a: text().default('x') }), 'spec.a: default is not possible in a CRD'],
    ['a strict object', z.strictObject({}), 'spec.*: false is not a schema a CRD can hold'],
  ])('refuses %s and says where', (_, schema, message) => {
    expect(() => structuralSchema(schema, 'spec')).toThrow(message);
  });

  it.each(['oneOf', 'anyOf', 'allOf', 'not', '$ref'])('refuses %s', (keyword) => {
    expect(() => structural({ properties: { a: { [keyword]: [] } } }, 'spec')).toThrow(
      `spec.a: ${keyword} is not possible in a CRD`,
    );
  });
});
