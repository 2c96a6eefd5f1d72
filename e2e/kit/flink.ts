import type { FlinkDeploymentStatus } from '../../src/flink/status-schema.ts';
import type { Condition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { javaOptions } from './java.ts';
import type { Kube, Target } from './kube.ts';

/** What differs from one FlinkDeployment of the tests to the next. */
export interface FlinkWish {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly flinkVersion: string;
  /** Merged over the spec the tests share, one level of fields deep. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly job?: Readonly<Record<string, unknown>>;
  readonly flinkConfiguration?: Readonly<Record<string, string>>;
}

/** The volume claim on which the jobs of a namespace keep their checkpoints. */
export function stateClaim(namespace: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'state', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

/** Small and quick: what lets a whole Flink cluster start in seconds on a machine of two cores shared with everything. */
const configuration = {
  'env.java.opts.all': javaOptions,
  // A TaskManager that still holds the slots of a lost JobManager when the next one comes refuses its jar, whose blobs have
  // other names, and the job restarts without end (docs/recovery.md). It gives them back after this time, 10 s unless set.
  'taskmanager.slot.timeout': '4 s',
  'taskmanager.numberOfTaskSlots': '2',
  'kubernetes.jobmanager.cpu.limit-factor': '10',
  'kubernetes.taskmanager.cpu.limit-factor': '10',
  'taskmanager.memory.managed.size': '32m',
  'taskmanager.memory.network.min': '16m',
  'taskmanager.memory.network.max': '32m',
  'jobmanager.memory.jvm-overhead.min': '64m',
  'taskmanager.memory.jvm-overhead.min': '64m',
  'taskmanager.memory.framework.off-heap.size': '64m',
  'execution.checkpointing.interval': '2s',
  'state.checkpoints.dir': 'file:///state/checkpoints',
  'heartbeat.interval': '3000',
  'heartbeat.timeout': '20000',
};

/** High availability on Kubernetes, and all that a job must not lose below one folder: a path that all pods can write. */
export function highlyAvailable(root: string): Readonly<Record<string, string>> {
  return {
    'high-availability.type': 'kubernetes',
    'high-availability.storageDir': `${root}/ha`,
    // What a killed JobManager held is free in seconds.
    'high-availability.kubernetes.leader-election.lease-duration': '6s',
    'high-availability.kubernetes.leader-election.renew-deadline': '4s',
    'high-availability.kubernetes.leader-election.retry-period': '1s',
    'state.checkpoints.dir': `${root}/checkpoints`,
    'state.savepoints.dir': `${root}/savepoints`,
    // Real files for all state, however little: else it would be in the checkpoint's metadata.
    'state.storage.fs.memory-threshold': '0b',
  };
}

/** The example job that counts state machines: two vertices, keyed state, a few records a second. */
export const stateMachine = {
  jarURI: 'local:///opt/flink/examples/streaming/StateMachineExample.jar',
  entryClass: 'org.apache.flink.streaming.examples.statemachine.StateMachineExample',
  args: ['--rps', '20', '--error-rate', '0.0'],
  parallelism: 2,
  upgradeMode: 'stateless',
};

/** A FlinkDeployment of the tests: checkpoints on the claim `state`, JobManager and TaskManager as small as they go. */
export function flinkDeployment(wish: FlinkWish): KubeObject {
  const { name, namespace, image, flinkVersion } = wish;
  const mount = { name: 'state', mountPath: '/state' };
  return {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: 'FlinkDeployment',
    metadata: { name, namespace },
    spec: {
      image,
      imagePullPolicy: 'IfNotPresent',
      flinkVersion,
      serviceAccount: 'flink',
      flinkConfiguration: { ...configuration, ...wish.flinkConfiguration },
      podTemplate: {
        spec: {
          // The folders of a fresh volume belong to root; Flink runs as another user.
          initContainers: [
            {
              name: 'open-state',
              image,
              command: ['chmod', '1777', '/state'],
              securityContext: { runAsUser: 0 },
              volumeMounts: [mount],
            },
          ],
          containers: [{ name: 'flink-main-container', volumeMounts: [mount] }],
          volumes: [{ name: 'state', persistentVolumeClaim: { claimName: 'state' } }],
        },
      },
      jobManager: { resource: { memory: '900m', cpu: 0.2 } },
      taskManager: { resource: { memory: '1100m', cpu: 0.2 } },
      job: { ...stateMachine, ...wish.job },
      ...wish.spec,
    },
  };
}

/** A FlinkDeployment as read back. */
export interface LiveFlink {
  readonly object: KubeObject;
  readonly status: FlinkDeploymentStatus;
}

/** Where a FlinkDeployment is. */
export function flinkTarget(namespace: string, name: string): Target {
  return { plural: 'flinkdeployments', namespace, name };
}

/** The FlinkDeployment with its status (empty before the operator wrote one); undefined when it is gone. */
export async function readFlink(kube: Kube, namespace: string, name: string): Promise<LiveFlink | undefined> {
  const object = await kube.get(flinkTarget(namespace, name));
  return object === undefined ? undefined : { object, status: (object.status ?? {}) as FlinkDeploymentStatus };
}

/** One line on how a FlinkDeployment stands: states, generation, conditions with reason and message. */
export function describeFlink(live: LiveFlink | undefined): string {
  if (live === undefined) return 'it is gone';
  const { object, status } = live;
  const conditions = ((status.conditions ?? []) as readonly Condition[]).map(
    ({ type, status: value, reason, message }) => `${type}=${value} (${reason}: ${message})`,
  );
  const generations = `generation ${object.metadata.generation ?? '?'}, observed ${status.observedGeneration ?? 'none'}`;
  const states = [status.jobStatus?.state, status.lifecycleState, status.jobManagerDeploymentStatus];
  return [states.map((state) => state ?? '-').join(' '), generations, ...conditions].join('; ');
}

/** An answer of a JobManager's REST interface, through the API server, so that any cluster will do. */
export async function flinkRest(kube: Kube, namespace: string, name: string, path: string): Promise<unknown> {
  return kube.json(`/api/v1/namespaces/${namespace}/services/http:${name}-rest:8081/proxy${path}`);
}

/** What of `GET /jobs/:id` the tests read. */
export interface FlinkJobAnswer {
  readonly state: string;
  readonly vertices: readonly { readonly id: string; readonly name: string; readonly parallelism: number }[];
}

/** What of `GET /jobs/:id/checkpoints` the tests read. */
export interface CheckpointsAnswer {
  readonly counts: { readonly completed: number; readonly failed: number; readonly restored: number };
  readonly latest: {
    readonly completed: { readonly id: number; readonly external_path: string } | null;
    readonly restored: { readonly id: number; readonly is_savepoint: boolean; readonly external_path?: string } | null;
  };
}
