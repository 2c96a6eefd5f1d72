import { describe, expect, it } from 'vitest';
import { podTemplateWarnings } from './pod-template-fields.ts';

describe('podTemplateWarnings', () => {
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
    expect(podTemplateWarnings(template, ['spec', 'podTemplate'])).toEqual([]);
    expect(podTemplateWarnings(undefined, [])).toEqual([]);
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
    const dropped = 'that Weir knows; what Kubernetes does not know either it drops';
    expect(podTemplateWarnings(template, ['t'])).toEqual([
      `t.container: is no field of Pod ${dropped}`,
      `t.spec.env: is no field of PodSpec ${dropped}`,
      `t.spec.initContainers[0].securityContext.runAsUsr: is no field of SecurityContext ${dropped}`,
      `t.spec.constructor: is no field of PodSpec ${dropped}`,
      `t.spec.volumes[0].configmap: is no field of Volume ${dropped}`,
    ]);
  });
});
