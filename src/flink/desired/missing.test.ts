import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { effectiveConf } from '../flink-conf.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from '../testing.ts';
import { type DesiredCluster, desiredCluster, missingObjects } from './index.ts';

const start = { startId: 's', jobId: '0'.repeat(32), generation: 1, haResultStoreId: 's' };
const ha = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://flink/ha' };
const podTemplate = { spec: { containers: [{ name: 'sidecar', image: 'sidecar:1' }] } };

const SPECS: readonly (readonly [string, NonNullable<FlinkDeploymentOverrides['spec']>])[] = [
  ['native', {}],
  ['native with high availability', { flinkConfiguration: ha }],
  ['standalone', { mode: 'standalone' }],
  ['with pod template and Ingress', { podTemplate, ingress: { template: '{{name}}.example.org' } }],
];

function objectsOf({ owned, taskManager, ingress }: Omit<DesiredCluster, 'jobManager'>): readonly KubeObject[] {
  return [...owned, taskManager, ingress].filter((object) => object !== undefined);
}

describe.each(SPECS)('what is missing of a cluster: %s', (_name, spec) => {
  const deployment = aFlinkDeployment({ spec });
  const conf = effectiveConf(deployment, { flinkConfiguration: {} }, start);
  const all = objectsOf(desiredCluster(deployment, conf, start));
  const missing = (there: readonly KubeObject[]) => {
    const keys = there.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    return objectsOf(missingObjects(deployment, conf, start, new Set(keys)));
  };

  it('is nothing when all is there, and all but the JobManager when nothing is', () => {
    expect(missing(all)).toEqual([]);
    expect(missing([])).toEqual(all);
  });

  it('is each object that is not there, as a start makes it', () => {
    for (const gone of all) expect(missing(all.filter((object) => object !== gone))).toEqual([gone]);
  });
});
