import { describe, expect, it } from 'vitest';
import type { KubeObject } from './object.ts';
import { withReplicas, withStanding } from './trim.ts';

const pod = (status: unknown): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x' },
  spec: { nodeName: 'node' },
  status,
});

describe('a pod as it is kept', () => {
  it('says how it and its containers stand, and nothing of what they are made of', () => {
    const state = { terminated: { exitCode: 0 } };
    const container = { name: 'main', ready: false, state, imageID: 'sha256:0', volumeMounts: [], resources: {} };
    const conditions = [{ type: 'Ready', status: 'False' }];
    const kept = withStanding(
      pod({
        phase: 'Failed',
        reason: 'Evicted',
        podIP: '10.0.0.1',
        hostIP: '10.0.0.2',
        conditions,
        containerStatuses: [container, 1],
      }),
    );
    expect(kept).not.toHaveProperty('spec');
    expect(kept.status).toEqual({
      phase: 'Failed',
      reason: 'Evicted',
      podIP: '10.0.0.1',
      conditions,
      containerStatuses: [{ name: 'main', ready: false, state }],
    });
  });

  it('may have no status yet', () => {
    expect(withStanding(pod(undefined))).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } });
  });
});

describe('a Deployment as it is kept', () => {
  const metadata = { name: 'x', uid: '1' };
  const deployment = (spec: unknown, status: unknown): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec,
    status,
  });
  const keep = withReplicas(['Available']);

  it('says how many replicas there are to be and are, and of conditions those that are read', () => {
    const available = { type: 'Available', status: 'True', lastTransitionTime: 'then' };
    const conditions = [{ type: 'Progressing', status: 'True' }, available, 1];
    const counts = { replicas: 2, updatedReplicas: 2, unavailableReplicas: 1, observedGeneration: 1 };
    const kept = keep(
      deployment({ replicas: 2, template: {} }, { ...counts, conditions, readyReplicas: 2, availableReplicas: 1 }),
    );
    expect(kept).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 2 },
      status: { readyReplicas: 2, availableReplicas: 1, conditions: [available] },
    });
  });

  it('may have no status yet', () => {
    const empty = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: {}, status: {} };
    expect(keep(deployment({ replicas: undefined }, undefined))).toEqual(empty);
    expect(keep(deployment(undefined, { conditions: {} }))).toEqual(empty);
  });
});
