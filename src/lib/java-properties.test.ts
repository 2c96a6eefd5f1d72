import { describe, expect, it } from 'vitest';
import { parseJavaProperties } from './java-properties.ts';

function read(text: string) {
  const parsed = parseJavaProperties(text);
  return parsed.ok ? parsed.value : parsed.error;
}

describe('Java properties', () => {
  it.each([
    ['spark.a 1', { 'spark.a': '1' }],
    ['  spark.a = 1  ', { 'spark.a': '1' }],
    ['spark.a:1\r\nspark.b\t=\t2', { 'spark.a': '1', 'spark.b': '2' }],
    ['spark.a == 1', { 'spark.a': '= 1' }],
    ['# spark.a 1\n\n  ! no\nspark.b 2 # three', { 'spark.b': '2 # three' }],
    ['spark.a one,\\\n    two,\\\r\n  # three', { 'spark.a': 'one,two,# three' }],
    ['spark.a C:\\\\\nspark.b 2', { 'spark.a': 'C:\\', 'spark.b': '2' }],
    ['spark\\ a\\=b\\:c 1', { 'spark a=b:c': '1' }],
    ['spark.a \\u00e9\\t\\x', { 'spark.a': 'é\tx' }],
    ['spark.a', { 'spark.a': '' }],
    ['spark.a 1\nspark.a 2', { 'spark.a': '2' }],
    ['spark.a 1\\', { 'spark.a': '1' }],
    ['spark.a \\\\u12', { 'spark.a': '\\u12' }],
    ['', {}],
  ])('reads %j', (text, properties) => {
    expect(read(text)).toEqual(properties);
  });

  it('names an escape that is none', () => {
    expect(read('spark.a x\\u12zz')).toBe('\\u12zz: is not valid, it must be \\u and four hexadecimal digits');
  });
});
