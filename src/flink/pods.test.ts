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
      'JobManager pod orders-jobmanager container flink-main-container: CrashLoopBackOff: last exit code 137 (Error)',
    ],
    [
      'a crash loop, with what the program said and without what differs each time',
      [
        pod(
          'jobmanager',
          waiting('CrashLoopBackOff', 'back-off 20s restarting failed container=flink-main-container', {
            terminated: {
              reason: 'Error',
              exitCode: 1,
              message:
                "java.io.IOException: JAR file does not exist '/opt/a.jar'\n\tat org.apache.flink.util.JarUtils.checkJarFile(JarUtils.java:46)\nWrapped by: org.apache.flink.util.FlinkException: Could not load\n\nCould not create application program.\n",
            },
          }),
        ),
      ],
      "JobManager pod orders-jobmanager container flink-main-container: CrashLoopBackOff: last exit code 1 (Error): java.io.IOException: JAR file does not exist '/opt/a.jar'",
    ],
    [
      'a registry that is not found, without the port it was asked from',
      [
        pod(
          'jobmanager',
          waiting('ErrImagePull', 'lookup r.example.org: read udp 10.0.0.2:46679->10.0.0.53:53: timeout'),
        ),
      ],
      'JobManager pod orders-jobmanager container flink-main-container: ErrImagePull: lookup r.example.org: read udp 10.0.0.2->10.0.0.53:53: timeout',
    ],
    [
      'memory that ran out, though kubelet says crash loop',
      [
        pod(
          'taskmanager',
          waiting('CrashLoopBackOff', 'back-off 10s', { terminated: { reason: 'OOMKilled', exitCode: 137 } }),
        ),
      ],
      'TaskManager pod orders-taskmanager container flink-main-container: OOMKilled: last exit code 137 (OOMKilled)',
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

  it('says what to do about a service account that is missing', () => {
    const message =
      'pods "a" is forbidden: error looking up service account jobs/flink: serviceaccount "flink" not found';
    const status = { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] };
    const jobManager: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'orders' }, status };
    expect(findTrouble({ ...UNSEEN, jobManager })?.message).toBe(
      `${message}; make it in that namespace (docs/watch-scope.md), or name another one in spec.serviceAccount`,
    );
  });

  it('knows whether the JobManager can be asked all the same', () => {
    const found = findTrouble({ ...UNSEEN, pods: [pod('jobmanager', running), pod('taskmanager', unschedulable)] });
    expect(found?.jobManagerRuns).toBe(true);
  });
});
