import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenarios } from '../../e2e/scenarios/index.ts';

const root = join(import.meta.dirname, '..', '..');

describe.each([
  { page: 'flink-compatibility.md', features: 53 },
  { page: 'flink-known-problems.md', features: 84 },
  { page: 'spark-compatibility.md', features: 54 },
  { page: 'spark-known-problems.md', features: 125 },
])('docs/reference/$page', ({ page, features }) => {
  const rows = readFileSync(join(root, 'docs/reference', page), 'utf8')
    .split('\n')
    .filter((line) => /^\| \d+ \|/.test(line));

  it('has a row for each feature', () => {
    expect(rows.map((row) => Number(/\d+/.exec(row)?.[0]))).toEqual(
      Array.from({ length: features }, (_, index) => index + 1),
    );
  });

  it('names scenarios that there are', () => {
    const named = rows.flatMap((row) => [...row.matchAll(/scenario `([^`]+)`/g)].map(([, name]) => name));
    const known: readonly string[] = scenarios.map(({ name }) => name);
    expect(named.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
  });

  it('names tests that there are, and one for all that works', () => {
    const named = rows.flatMap((row) => [...row.matchAll(/`([^`:]+\.test\.ts): ([^`]+)`/g)]);
    const wrong = named.filter(([, file = '', title = '']) => {
      const path = join(root, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(title.replaceAll('\\|', '|'));
    });
    expect(wrong.map(([text]) => text)).toEqual([]);
    const unshown = rows.filter((row) => /\| works\b/.test(row) && !row.includes('.test.ts: '));
    expect(unshown).toEqual([]);
  });
});
