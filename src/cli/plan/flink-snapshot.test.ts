import { describe, expect, it } from 'vitest';
import { SNAPSHOT_KIND } from '../../flink/snapshot/schema.ts';
import type { KubeObject } from '../../kube/object.ts';
import { planSnapshot } from './flink-snapshot.ts';
import type { ResourcePlan } from './report.ts';

function snapshot(spec: object, status?: object): KubeObject {
  const jobReference = { kind: 'FlinkDeployment', name: 'orders' };
  const metadata = { name: 'before', namespace: 'shop' };
  return { ...SNAPSHOT_KIND, metadata, spec: { jobReference, ...spec }, ...(status === undefined ? {} : { status }) };
}

function plan(spec: object, live?: KubeObject): ResourcePlan {
  return planSnapshot({ source: 'f.yaml', wanted: snapshot(spec), live, compared: live !== undefined });
}

describe('the plan for a FlinkStateSnapshot', () => {
  it.each<[object, string]>([
    [{ savepoint: {} }, 'a savepoint of FlinkDeployment orders is taken once its job runs'],
    [{ checkpoint: {} }, 'a checkpoint of FlinkDeployment orders is taken once its job runs'],
    [{ savepoint: { alreadyExists: true, path: 's3://b/s' } }, 's3://b/s is recorded, nothing is taken'],
  ])('says of %j what is taken', (spec, message) => {
    expect(plan(spec)).toMatchObject({ decision: 'create', message, namespace: 'shop', pods: null });
  });

  it('says that one that was taken is not taken again', () => {
    const live = snapshot({ savepoint: {} }, { state: 'COMPLETED', path: 's3://b/s' });
    expect(plan({ checkpoint: {} }, live)).toMatchObject({
      decision: 'no-op',
      reason: 'COMPLETED',
      changes: ['spec.checkpoint', 'spec.savepoint'],
    });
  });

  it('names what does nothing, as admission does', () => {
    const existing = { savepoint: { alreadyExists: true, path: 's3://b/s' }, backoffLimit: 2 };
    expect(plan(existing).warnings).toEqual([expect.stringContaining('spec.backoffLimit has no effect')]);
  });

  it('names every broken rule', () => {
    const { decision, reason, issues } = plan({ savepoint: {}, checkpoint: {} });
    expect([decision, reason, issues.length > 0]).toEqual(['refuse', 'ValidationError', true]);
  });
});
