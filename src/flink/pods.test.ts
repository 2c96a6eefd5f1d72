import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { UNSEEN } from './observed.ts';
import { describeTrouble, findTrouble } from './pods.ts';

function pod(component: string, status: object, metadata: object = {}): KubeObject {
  const labels = { app: 'orders', component };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `orders-${component}`, namespace: 'a', labels, ...metadata },
    status,
  };
}

function waiting(reason: string, message: string, lastState: object = {}): object {
  return { containerStatuses: [{ name: 'flink-main-container', state: { waiting: { reason, message } }, lastState }] };
}

const running = { containerStatuses: [{ name: 'flink-main-container', state: { running: {} } }] };
const unschedulable = {
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
    },
  ],
};

function troubleOf(pods: readonly KubeObject[]): string | undefined {
  const found = findTrouble({ ...UNSEEN, pods });
  return found === undefined ? undefined : describeTrouble(found);
}

describe('findTrouble', () => {
  it.each<[string, readonly KubeObject[], string | undefined]>([
    ['pods that start', [pod('jobmanager', waiting('ContainerCreating', ''))], undefined],
    ['pods that run', [pod('jobmanager', running), pod('taskmanager', running)], undefined],
    [
      'an image that cannot be pulled',
      [pod('jobmanager', waiting('ImagePullBackOff', 'Back-off pulling image "x"'))],
      'JobManager pod orders-jobmanager container flink-main-container: ImagePullBackOff: Back-off pulling image "x"',
    ],
    [
      'a crash loop, with the exit code',
      [
        pod(
          'jobmanager',
          waiting('CrashLoopBackOff', 'back-off 10s', { terminated: { reason: 'Error', exitCode: 137 } }),
        ),
      ],
      'JobManager pod orders-jobmanager container flink-main-container: CrashLoopBackOff: back-off 10s, last exit code 137 (Error)',
    ],
    [
      'memory that ran out, though kubelet says crash loop',
      [
        pod(
          'taskmanager',
          waiting('CrashLoopBackOff', 'back-off 10s', { terminated: { reason: 'OOMKilled', exitCode: 137 } }),
        ),
      ],
      'TaskManager pod orders-taskmanager container flink-main-container: OOMKilled: back-off 10s, last exit code 137 (OOMKilled)',
    ],
    [
      "a TaskManager that fits nowhere, in the scheduler's words",
      [pod('jobmanager', running), pod('taskmanager', unschedulable)],
      'TaskManager pod orders-taskmanager: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.',
    ],
    ['a pod on its way out', [pod('taskmanager', unschedulable, { deletionTimestamp: 'x' })], undefined],
  ])('%s', (_name, pods, expected) => {
    expect(troubleOf(pods)).toBe(expected);
  });

  it('names a Deployment whose pods may not be created', () => {
    const message = 'pods "a" is forbidden: exceeded quota';
    const status = { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] };
    const jobManager: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'orders' }, status };
    expect(findTrouble({ ...UNSEEN, jobManager })).toEqual({
      reason: 'FailedCreate',
      who: 'JobManager Deployment orders',
      message,
      jobManagerRuns: false,
    });
  });

  it('knows whether the JobManager can be asked all the same', () => {
    const found = findTrouble({ ...UNSEEN, pods: [pod('jobmanager', running), pod('taskmanager', unschedulable)] });
    expect(found?.jobManagerRuns).toBe(true);
  });
});
