import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { UNSEEN } from './observed.ts';
import type { FlinkDeployment } from './schema.ts';
import { situationOf } from './situation.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from './testing.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const DEFAULTS = { flinkConfiguration: {} };
/** About as much as a spec may hold. What takes more than linear time over it does not end within a test's time. */
const LONG = 350_000;

/** Nine lists of nine lists of nine …, in a few hundred characters. */
const BOMB = `[&a [${'x,'.repeat(9)}]${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
  .map((name, index) => `, &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`)
  .join('')}]`;

function planFor(resource: FlinkDeployment) {
  return decide(situationOf(resource, UNSEEN, NOW, DEFAULTS), { fast: 1000, slow: 5000 });
}

function withConf(flinkConfiguration: Record<string, unknown>, spec: FlinkDeploymentOverrides['spec'] = {}) {
  return aFlinkDeployment({ spec: { ...spec, flinkConfiguration } });
}

describe('a configuration made to cost time or memory', () => {
  it.each([
    [
      'slashes',
      withConf({ 'high-availability.type': 'kubernetes', 'high-availability.storageDir': `s3:${'/'.repeat(LONG)}x` }),
    ],
    ['white space', withConf({ 'env.a': `a${' '.repeat(LONG)}b` }, { flinkVersion: 'v1_18' })],
    ['a list that grows', withConf({ 'kubernetes.taskmanager.tolerations': BOMB })],
    ['a map that grows', withConf({ 'kubernetes.jobmanager.labels': `{a: ${BOMB}}` })],
    ['quotes', withConf({ 'kubernetes.jobmanager.labels': "'a'x".repeat(LONG / 4) })],
  ])('%s is taken as what it says', (_what, resource) => {
    expect(planFor(resource).because).toBe('Deploying');
  });

  it('is refused where a key is longer than any', () => {
    const { because, status } = planFor(withConf({ ['a.'.repeat(LONG / 2)]: 'x' }));
    expect(because).toBe('ValidationError');
    expect(status?.error).toContain('it must have a key of at most 512 characters');
  });

  it('is refused where it is nested more deeply than any, wherever', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 5000; level++) deep = { a: deep };
    const plain = aFlinkDeployment();
    for (const field of ['flinkConfiguration', 'podTemplate', 'job']) {
      const { because } = planFor({ ...plain, spec: { ...plain.spec, [field]: deep } as FlinkDeployment['spec'] });
      expect(because, field).toBe('ValidationError');
    }
  });
});

describe('a status forged by whoever may write it', () => {
  function forged(lastReconciledSpec: string): FlinkDeployment {
    return aFlinkDeployment({ status: { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } } });
  }
  const recorded = (spec: string): string => `{"spec":${spec},"resource_metadata":{"firstDeployment":false}}`;

  it.each([
    ['fields of other kinds', recorded('{"job":"x","image":{"a":1},"flinkConfiguration":[1],"podTemplate":5}')],
    ['no object', recorded('[]')],
    ['nesting', recorded(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`)],
    ['prototypes', recorded('{"__proto__":{"job":{"state":"running"}},"constructor":{"prototype":{"polluted":true}}}')],
    ['no JSON', '{{'],
  ])('with %s breaks nothing', (_what, text) => {
    expect(() => planFor(forged(text))).not.toThrow();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
