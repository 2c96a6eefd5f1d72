import { describe, expect, it } from 'vitest';
import { unknownPodFields } from './pod-template-fields.ts';

describe('unknownPodFields', () => {
  it('knows what a pod may have, however deep, and takes what is in maps for any', () => {
    const template = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ignored', labels: { 'any.key/of': 'mine' }, annotations: null },
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
            },
          },
        },
        containers: [
          {
            name: 'a',
            env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
            lifecycle: { preStop: { exec: { command: ['x'] } } },
            resources: { limits: { 'nvidia.com/gpu': 1 } },
          },
        ],
        nodeSelector: { disk: 'fast' },
        topologySpreadConstraints: [{ maxSkew: 1, labelSelector: { matchLabels: { app: 'a' } } }],
        volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }],
      },
    };
    expect(unknownPodFields(template, ['spec', 'podTemplate'])).toEqual([]);
    expect(unknownPodFields(undefined, [])).toEqual([]);
  });

  it('names what none has, with the type it is in', () => {
    const template = {
      container: [],
      spec: {
        env: [{ name: 'A' }],
        initContainers: [{ name: 'a', securityContext: { runAsUsr: 1 } }],
        constructor: 1,
        volumes: [{ name: 'v', configmap: { name: 'c' } }],
      },
    };
    expect(unknownPodFields(template, ['t'])).toEqual([
      { path: 't.container', type: 'Pod' },
      { path: 't.spec.env', type: 'PodSpec' },
      { path: 't.spec.initContainers[0].securityContext.runAsUsr', type: 'SecurityContext' },
      { path: 't.spec.constructor', type: 'PodSpec' },
      { path: 't.spec.volumes[0].configmap', type: 'Volume' },
    ]);
  });
});
