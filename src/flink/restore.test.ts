import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { isHaConfigMap } from './restore.ts';

const JOB = '0123456789abcdef0123456789abcdef';

function configMap(name: string, labels: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels } };
}

describe('high-availability data', () => {
  it.each([
    ['of a job, as Flink 2.3 labels it', `orders-${JOB}-config-map`, { app: 'orders' }, true],
    [
      'of a job, as Flink 1.20 labels it',
      `orders-${JOB}-config-map`,
      { app: 'orders', 'configmap-type': 'high-availability' },
      true,
    ],
    ['of a cluster', 'orders-cluster-config-map', { app: 'orders' }, true],
    ['not the configuration', 'flink-config-orders', { app: 'orders' }, false],
    ['not that of a cluster whose name begins alike', `orders-eu-${JOB}-config-map`, { app: 'orders' }, false],
    ['not that of another', 'orders-cluster-config-map', { app: 'other' }, false],
    ['not without a label', 'orders-cluster-config-map', {}, false],
  ])('is told by its name: %s', (_what, name, labels, expected) => {
    expect(isHaConfigMap(configMap(name, labels))).toBe(expected);
  });
});
