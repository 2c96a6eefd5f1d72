import { describe, expect, it } from 'vitest';
import { splitAccess } from './cli/rbac.ts';
import { triplesOf } from './core/access.ts';
import type { Access } from './core/reconciler.ts';
import { certificateAccess, operatorAccess, SCOPE_ACCESS } from './operator-access.ts';

const { own, cluster } = certificateAccess({ secret: 'weir-webhook', configuration: 'weir' });

/** With everything on. */
const all = (engine: 'flink' | 'spark'): readonly Access[] => [
  ...operatorAccess([engine]),
  ...SCOPE_ACCESS,
  ...own,
  ...cluster,
];

describe('rights of the operator', () => {
  it('are few: group, resource and verb of each engine with everything on, and in a watched namespace', () => {
    const counts = (['flink', 'spark'] as const).map((engine) => {
      const { watched, batchScheduler } = splitAccess(operatorAccess([engine]));
      return [all(engine), watched, batchScheduler].map((access) => triplesOf(access).length);
    });
    expect(counts).toEqual([
      [55, 44, 0],
      [60, 41, 8],
    ]);
  });

  it('never include what would let it have others, and Secrets by name only', () => {
    const every = [...all('flink'), ...all('spark')];
    const texts = triplesOf(every).map((triple) => triple.split('/'));
    for (const word of ['*', 'bind', 'escalate', 'impersonate', 'deletecollection', 'exec', 'token']) {
      expect(texts.filter((parts) => parts.includes(word))).toEqual([]);
    }
    const secrets = every.filter(({ resources }) => resources.includes('secrets'));
    expect(secrets.map(({ names }) => names)).toEqual([['weir-webhook'], ['weir-webhook']]);
    expect(every.filter(({ group }) => group === 'rbac.authorization.k8s.io')).toEqual([]);
  });

  it('are on Leases by name, but to make one, which no name can limit', () => {
    const leases = operatorAccess(['flink'], 'ours').filter(({ resources }) => resources.includes('leases'));
    expect(leases.map(({ names, verbs }) => [names, verbs])).toEqual([
      [undefined, ['create']],
      [['ours'], ['get', 'patch']],
    ]);
  });

  it('say why each is needed', () => {
    for (const { why } of [...all('flink'), ...all('spark')]) expect(why).not.toBe('');
  });
});
