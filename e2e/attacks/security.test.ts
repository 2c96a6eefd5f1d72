import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTENT } from './content.ts';
import { DERIVED } from './derived.ts';
import { ASIDE } from './forged.ts';
import { REACH } from './reach.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| T\d+ \|/.test(line));

describe('SECURITY.md', () => {
  it('has a row for every class of threats', () => {
    expect(rows.map((row) => /T\d+/.exec(row)?.[0])).toEqual(Array.from({ length: 21 }, (_, index) => `T${index + 1}`));
  });

  it('names files that are there', () => {
    const paths = [...page.matchAll(/`((?:src|e2e|scripts|charts)\/[\w./-]+)`|\]\(([\w./-]+)\)/g)];
    const named = paths.map(([, code, link]) => code ?? link ?? '');
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('counts attacks for the classes that have some, and no others', () => {
    const made = new Set([...REACH, ...CONTENT, ...ASIDE, ...DERIVED].map(({ threat }) => threat as string));
    const told = rows.flatMap((row) => [...row.matchAll(/attacks (T\d+)/g)].map(([, threat]) => threat));
    const canaries = rows.filter((row) => row.includes('canaries')).map((row) => /T\d+/.exec(row)?.[0]);
    expect([...told, ...canaries].toSorted()).toEqual([...made].toSorted());
  });
});
