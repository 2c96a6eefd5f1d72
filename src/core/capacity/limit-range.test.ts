import { describe, expect, it } from 'vitest';
import { limitViolation, withDefaults } from './limit-range.ts';
import { podLimits, podRequests, podShapeOf } from './pod-shape.ts';
import { limitRangeFacts } from './read.ts';

function range(...limits: object[]) {
  return limitRangeFacts({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'rules' }, spec: { limits } });
}

function group(...containers: object[]) {
  return { role: 'TaskManager', count: 2, shape: podShapeOf({ containers }) };
}

const MAIN = { name: 'main', resources: { requests: { memory: '4Gi' }, limits: { memory: '8Gi' } } };

describe('LimitRange', () => {
  it('gives containers the defaults of what they do not say, the first range first', () => {
    const first = range({
      type: 'Container',
      default: { memory: '1Gi' },
      defaultRequest: { memory: '512Mi', cpu: '100m' },
    });
    const second = range(
      { type: 'Container', default: { memory: '9Gi', cpu: '2' } },
      { type: 'Pod', default: { pods: '1' } },
    );
    const shape = withDefaults(podShapeOf({ containers: [MAIN, { name: 'log' }] }), [first, second]);
    expect(podRequests(shape)).toEqual({ cpu: 200, memory: 4.5 * 2 ** 30 });
    expect(podLimits(shape)).toEqual({ cpu: 4000, memory: 9 * 2 ** 30 });
  });

  it.each([
    [
      { max: { memory: '6Gi' } },
      'LimitRange "rules" allows at most 6 GiB memory per Container, container "main" of the TaskManager pod has a limit of 8 GiB memory',
    ],
    [
      { max: { cpu: '1' } },
      'LimitRange "rules" allows at most 1 core per Container, container "main" of the TaskManager pod has no limit',
    ],
    [
      { min: { memory: '5Gi' } },
      'LimitRange "rules" demands at least 5 GiB memory per Container, container "main" of the TaskManager pod requests 4 GiB memory',
    ],
    [
      { min: { cpu: '100m' } },
      'LimitRange "rules" demands at least 0.1 cores per Container, container "main" of the TaskManager pod requests none',
    ],
    [
      { maxLimitRequestRatio: { memory: '1500m' } },
      'LimitRange "rules" allows a memory limit of at most 1.5 times the request per Container, container "main" of the TaskManager pod requests 4 GiB memory with a limit of 8 GiB memory',
    ],
    [
      { maxLimitRequestRatio: { cpu: '2' } },
      'LimitRange "rules" allows a cpu limit of at most 2 times the request per Container, container "main" of the TaskManager pod requests none',
    ],
    [{ max: { memory: '8Gi' }, min: { memory: '4Gi' }, maxLimitRequestRatio: { memory: '2' } }, undefined],
  ])('%j', (item, message) => {
    expect(limitViolation(group(MAIN), [range({ type: 'Container', ...item })])).toBe(message);
  });

  it('adds up the containers for limits of type Pod', () => {
    expect(
      limitViolation(group(MAIN, { ...MAIN, name: 'twin' }), [range({ type: 'Pod', max: { memory: '12Gi' } })]),
    ).toBe('LimitRange "rules" allows at most 12 GiB memory per Pod, the TaskManager pod has a limit of 16 GiB memory');
  });

  it('finds a default limit that stands below a container own request', () => {
    const ranges = [range({ type: 'Container', default: { cpu: '500m' } })];
    const pods = group({ name: 'log', resources: { requests: { cpu: '1' } } });
    expect(limitViolation({ ...pods, shape: withDefaults(pods.shape, ranges) }, ranges)).toBe(
      `container "log" of the TaskManager pod requests 1 core, above its limit of 0.5 cores, a LimitRange's default`,
    );
  });

  it('does not concern volume claims, or pods of which there are none', () => {
    expect(
      limitViolation(group(MAIN), [range({ type: 'PersistentVolumeClaim', max: { memory: '1' } })]),
    ).toBeUndefined();
    expect(
      limitViolation({ ...group(MAIN), count: 0 }, [range({ type: 'Pod', max: { memory: '1' } })]),
    ).toBeUndefined();
  });
});
