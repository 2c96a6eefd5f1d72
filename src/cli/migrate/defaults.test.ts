import { describe, expect, it } from 'vitest';
import { migrateValues } from './migrate.ts';
import type { Incumbent } from './rules.ts';

describe('values that have no place in the chart of Weir', () => {
  it.each<[string, Incumbent, object]>([
    ['an empty one', 'flink', { metrics: { port: null }, jvmArgs: { operator: '' }, image: { digest: '' } }],
    [
      'text of nothing but comments',
      'flink',
      { defaultConfiguration: { 'log4j-console.properties': '# a\n  # b\n\n' } },
    ],
    ['a default', 'flink', { podSecurityContext: { runAsUser: 9999, runAsGroup: 9999 } }],
    ['the image of some version', 'flink', { image: { tag: 'b4d1f00', pullPolicy: 'IfNotPresent' } }],
    ['a list', 'spark', { controller: { securityContext: { capabilities: { drop: ['ALL'] } } } }],
    ['a feature gate', 'spark', { controller: { featureGates: [{ name: 'RestSubmitter', enabled: false }] } }],
    ['a default of an older version', 'spark', { image: { registry: 'docker.io' } }],
    ['the default of a webhook', 'spark', { webhook: { leaderElection: { enable: true }, logLevel: 'info' } }],
  ])('are not told of where they change nothing: %s', (_, from, values) => {
    const { dropped, defaults } = migrateValues(from, { ...values });
    expect(dropped).toEqual([]);
    expect(defaults).toBeGreaterThan(0);
  });

  it.each<[Incumbent, object, string]>([
    [
      'flink',
      { defaultConfiguration: { 'log4j-console.properties': '# a\nlevel = DEBUG\n' } },
      'defaultConfiguration.log',
    ],
    ['flink', { podSecurityContext: { runAsUser: 1000 } }, 'podSecurityContext.runAsUser'],
    [
      'spark',
      { webhook: { securityContext: { capabilities: { drop: [], add: ['CHOWN'] } } } },
      'webhook.securityContext.capabilities.add',
    ],
    ['spark', { controller: { featureGates: [{ name: 'RestSubmitter' }] } }, 'controller.featureGates.RestSubmitter'],
    ['spark', { controller: { rbac: { annotations: { a: 'b' } } } }, 'controller.rbac.annotations.a'],
  ])('are told of where they were changed: %s %j', (from, values, start) => {
    const { dropped } = migrateValues(from, { ...values });
    expect(dropped.map((line) => line.slice(0, start.length))).toEqual([start]);
  });
});
