import { expect, it } from 'vitest';
import { field, group, integer, list, openObject, quantityMap, text } from '../../src/kube/schema-parts.ts';
import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { fieldTables } from './fields.ts';

it('makes a table for each object, one for those that are alike', () => {
  const part = group({ size: field(integer(), 'How big.', { fallback: '1' }) });
  const schema = group({
    name: field(text(), 'A | name.'),
    first: field(part, 'First.'),
    more: field(list(part), 'More.', { added: true }),
    amounts: field(quantityMap(), 'Amounts.'),
    options: field(openObject(), 'Options.'),
  });
  expect(fieldTables('spec', jsonSchemaOf(schema))).toBe(`## spec

| field | type | when absent | meaning |
| --- | --- | --- | --- |
| \`name\` | text |  | A \\| name. |
| \`first\` | [object](#specfirst) |  | First. |
| \`more\` ⁺ | list of [object](#specfirst) |  | More. |
| \`amounts\` | map of integer or text |  | Amounts. |
| \`options\` | options |  | Options. |

### spec.first

| field | type | when absent | meaning |
| --- | --- | --- | --- |
| \`size\` | integer | 1 | How big. |
`);
});
