import { describe, expect, it } from 'vitest';
import { podLimits, podRequests, podShapeOf } from './pod-shape.ts';

function container(name: string, cpu: string, more: object = {}): object {
  return { name, resources: { requests: { cpu } }, ...more };
}

describe('pod shape', () => {
  it('adds main containers, and takes the larger of them and of each init container', () => {
    const containers = [container('a', '1'), container('b', '500m')];
    expect(podRequests(podShapeOf({ containers }))).toEqual({ cpu: 1500 });
    expect(podRequests(podShapeOf({ containers, initContainers: [container('i', '1')] }))).toEqual({ cpu: 1500 });
    expect(podRequests(podShapeOf({ containers, initContainers: [container('i', '4')] }))).toEqual({ cpu: 4000 });
  });

  it('counts a sidecar beside the main containers and beside the init containers after it', () => {
    const sidecar = container('s', '1', { restartPolicy: 'Always' });
    const containers = [container('a', '1')];
    expect(podRequests(podShapeOf({ containers, initContainers: [sidecar] }))).toEqual({ cpu: 2000 });
    expect(podRequests(podShapeOf({ containers, initContainers: [sidecar, container('i', '3')] }))).toEqual({
      cpu: 4000,
    });
    expect(podRequests(podShapeOf({ containers, initContainers: [container('i', '3'), sidecar] }))).toEqual({
      cpu: 3000,
    });
  });

  it('counts overhead, for limits only where there is one', () => {
    const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } };
    const shape = podShapeOf({ overhead: { cpu: '250m', memory: '1Gi' }, containers: [{ name: 'a', resources }] });
    expect(podRequests(shape)).toEqual({ cpu: 1250, memory: 2 * 2 ** 30 });
    expect(podLimits(shape)).toEqual({ memory: 3 * 2 ** 30 });
  });

  it('takes the pod own resources instead of those of its containers', () => {
    const shape = podShapeOf({ resources: { requests: { cpu: '3' } }, containers: [container('a', '1')] });
    expect(podRequests(shape)).toEqual({ cpu: 3000 });
  });

  it('takes a limit for the request where there is none', () => {
    const shape = podShapeOf({ containers: [{ name: 'a', resources: { limits: { memory: '1Gi' } } }] });
    expect(podRequests(shape)).toEqual({ memory: 2 ** 30 });
  });

  it('names the rules of the scheduler that are not worked out', () => {
    const required = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] };
    const shape = podShapeOf({
      affinity: { podAffinity: required, podAntiAffinity: required },
      topologySpreadConstraints: [{ whenUnsatisfiable: 'DoNotSchedule' }],
      resourceClaims: [{ name: 'gpu' }],
    });
    expect(shape.otherRules).toEqual(['pod affinity', 'pod anti-affinity', 'topology spread', 'resource claims']);
    const wished = podShapeOf({
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] } },
      topologySpreadConstraints: [{ whenUnsatisfiable: 'ScheduleAnyway' }],
    });
    expect(wished.otherRules).toEqual([]);
  });

  it('takes anything for a pod', () => {
    expect(podRequests(podShapeOf(undefined))).toEqual({});
    expect(podRequests(podShapeOf({ containers: 'x', tolerations: [1], affinity: [] }))).toEqual({});
  });
});
