import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { CANARY_LABEL } from './canary.ts';
import { decide } from './decide.ts';
import { UNSEEN } from './observed.ts';
import { FLINK_FINALIZER, situationOf } from './situation.ts';
import { resourceOf } from './testing/pass.ts';
import { aFlinkDeployment } from './testing.ts';

const CANARY: KubeObject = {
  apiVersion: 'flink.apache.org/v1beta1',
  kind: 'FlinkDeployment',
  metadata: { name: 'canary', namespace: 'default', uid: 'u', labels: { [CANARY_LABEL]: 'true' } },
};

function planOf(resource: KubeObject, flinkConfiguration: Record<string, string> = {}) {
  const situation = situationOf(resource, UNSEEN, new Date(0), { flinkConfiguration });
  return decide(situation, { fast: 1, slow: 2 });
}

describe('a canary', () => {
  it('is looked at again and again, and nothing is made of it', () => {
    const nothing = { because: 'Canary', status: undefined, actions: [], events: [] };
    expect(planOf(CANARY)).toEqual({ ...nothing, requeueAfterMs: 15_000 });
    const slower = { 'kubernetes.operator.health.canary.resource.timeout': '2 min' };
    expect(planOf(CANARY, slower)).toEqual({ ...nothing, requeueAfterMs: 30_000 });
  });

  it('may have a whole spec, of which nothing is made either', () => {
    const whole = aFlinkDeployment({ metadata: { labels: { [CANARY_LABEL]: 'TRUE' } } });
    expect(planOf(whole).actions).toEqual([]);
  });

  it('goes when deleted, with a finalizer the incumbent put on it', () => {
    const deleted = { ...CANARY.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [FLINK_FINALIZER] };
    const plan = planOf({ ...CANARY, metadata: deleted });
    expect(plan.requeueAfterMs).toBeUndefined();
    expect(plan.actions).toEqual([{ kind: 'finalizer', op: 'remove', finalizer: FLINK_FINALIZER, because: 'Canary' }]);
  });

  it('is none once something was started', () => {
    const started = resourceOf({});
    const labelled = { ...started, metadata: { ...started.metadata, labels: { [CANARY_LABEL]: 'true' } } };
    expect(planOf(labelled).because).not.toBe('Canary');
  });

  it('is none without the label, or with another value of it', () => {
    const other = aFlinkDeployment({ metadata: { labels: { [CANARY_LABEL]: 'false' } } });
    expect(planOf(other).because).toBe('Deploying');
    expect(planOf(aFlinkDeployment()).because).toBe('Deploying');
  });
});
