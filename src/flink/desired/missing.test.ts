import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { effectiveConf } from '../flink-conf.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from '../testing.ts';
import { type DesiredCluster, desiredCluster, isWhole, missingObjects } from './index.ts';

const start = { startId: 's', jobId: '0'.repeat(32), generation: 1, haResultStoreId: 's' };
const ha = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://flink/ha' };
const podTemplate = { spec: { containers: [{ name: 'sidecar', image: 'sidecar:1' }] } };

const SPECS: readonly (readonly [string, NonNullable<FlinkDeploymentOverrides['spec']>])[] = [
  ['native', {}],
  ['native with high availability', { flinkConfiguration: ha }],
  ['standalone', { mode: 'standalone' }],
  ['with pod template and Ingress', { podTemplate, ingress: { template: '{{name}}.example.org' } }],
  [
    'with an Ingress that is not the operator’s to make',
    {
      ingress: { template: '{{name}}.example.org' },
      flinkConfiguration: { 'kubernetes.operator.ingress.manage': 'false' },
    },
  ],
  ['with an empty Ingress', { ingress: { template: ' ' } }],
];

function objectsOf({ owned, taskManager, ingress }: Omit<DesiredCluster, 'jobManager'>): readonly KubeObject[] {
  return [...owned, taskManager, ingress].filter((object) => object !== undefined);
}

describe.each(SPECS)('what is missing of a cluster: %s', (_name, spec) => {
  const deployment = aFlinkDeployment({ spec });
  const conf = effectiveConf(deployment, { flinkConfiguration: {} }, start);
  const all = objectsOf(desiredCluster(deployment, conf, start));
  const keysOf = (there: readonly KubeObject[]) =>
    new Set(there.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const missing = (there: readonly KubeObject[]) => objectsOf(missingObjects(deployment, conf, start, keysOf(there)));

  it('is nothing when all is there, and all but the JobManager when nothing is', () => {
    expect(missing(all)).toEqual([]);
    expect(missing([])).toEqual(all);
  });

  it('is each object that is not there, as a start makes it', () => {
    for (const gone of all) expect(missing(all.filter((object) => object !== gone))).toEqual([gone]);
  });

  it('is told of a cluster whose start is not looked at', () => {
    const shared = effectiveConf(deployment, { flinkConfiguration: {} });
    const whole = (there: readonly KubeObject[]) => isWhole(deployment, shared, keysOf(there));
    expect(whole(all)).toBe(true);
    for (const gone of all) expect(whole(all.filter((object) => object !== gone))).toBe(false);
  });
});
