import { describe, expect, it } from 'vitest';
import { GENERATION, type KStatus, kstatus, type Row, type Standing } from './testing/standings/standing.ts';
import { TABLES } from './testing/standings/tables.ts';
import { type Verdict, verdictOf } from './wait/verdict.ts';

/** How `weir wait` is to find what kstatus says. */
const STANDINGS: Readonly<Record<KStatus, Verdict['standing']>> = {
  InProgress: 'waiting',
  Current: 'reached',
  Failed: 'failed',
  Terminating: 'failed',
};

/** What holds of the three conditions whatever the state. */
function expectSound({ conditions = [], observedGeneration }: Standing): void {
  const own = conditions.filter(({ type }) => ['Ready', 'Reconciling', 'Stalled'].includes(type));
  expect(own.filter(({ type }) => type === 'Ready')).toHaveLength(1);
  expect(own.filter(({ type, status }) => type !== 'Ready' && status !== 'True')).toEqual([]);
  const ready = own.some(({ type, status }) => type === 'Ready' && status === 'True');
  expect(ready).toBe(own.length === 1 && ready);
  expect(observedGeneration).toBe(GENERATION);
  expect(own.map((condition) => condition.observedGeneration)).toEqual(own.map(() => GENERATION));
}

describe.each(TABLES.map((table) => [table.kind, table] as const))('a %s to Flux, Helm and Argo CD', (_, table) => {
  it.each(table.rows.map((row) => [row.what, row] as const))('%s', (_what, row: Row) => {
    const { resource } = row;
    expect([kstatus(resource), table.brought?.(resource)]).toEqual([row.kstatus, row.brought]);
    expect(verdictOf(resource, 'ready').standing).toBe(STANDINGS[row.kstatus]);
    if (row.kstatus !== 'Terminating') expectSound(resource.status as Standing);
  });

  it('comes through every state there is a word for', () => {
    const seen = new Set(table.rows.map(({ resource }) => table.stateOf(resource)));
    const words = new Set([...seen, ...Object.keys(table.never)]);
    expect([...words].toSorted()).toEqual([...table.states].toSorted());
    expect(Object.keys(table.never).filter((word) => seen.has(word))).toEqual([]);
  });
});
