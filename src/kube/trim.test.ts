import { describe, expect, it } from 'vitest';
import type { KubeObject } from './object.ts';
import { withStanding } from './trim.ts';

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
