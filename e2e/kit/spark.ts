import type { Condition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { SparkApplicationStatus } from '../../src/spark/status-schema.ts';
import { javaOptions } from './java.ts';
import type { Kube, Target } from './kube.ts';

/** What differs from one SparkApplication of the tests to the next. */
export interface SparkWish {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly sparkVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Merged over the spec the tests share. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly driver?: Readonly<Record<string, unknown>>;
  readonly executor?: Readonly<Record<string, unknown>>;
  readonly sparkConf?: Readonly<Record<string, string>>;
}

/** The jar with the tests' own applications, see images/jobs/spark. */
const weirJobs = 'local:///opt/spark/examples/weir/weir-jobs.jar';

/** Main class and jar of one of the tests' own applications. */
export function weirJob(name: string, ...args: readonly string[]): Readonly<Record<string, unknown>> {
  return { type: 'Java', mainClass: `dev.weir.spark.${name}`, mainApplicationFile: weirJobs, arguments: args };
}

/** Spark's own example that reckons Pi in Python, with this many tasks. */
export function pythonPi(tasks: number): Readonly<Record<string, unknown>> {
  const mainApplicationFile = 'local:///opt/spark/examples/src/main/python/pi.py';
  return { type: 'Python', mainApplicationFile, arguments: [`${tasks}`] };
}

/** A SparkApplication of the tests: one executor, as small as they go. */
export function sparkApplication(wish: SparkWish): KubeObject {
  const { name, namespace, image, sparkVersion, labels = {} } = wish;
  const role = { cores: 1, coreRequest: '100m', memory: '512m', javaOptions };
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name, namespace, labels },
    spec: {
      mode: 'cluster',
      image,
      imagePullPolicy: 'IfNotPresent',
      sparkVersion,
      sparkConf: { 'spark.kubernetes.allocation.batch.delay': '500ms', ...wish.sparkConf },
      driver: { ...role, serviceAccount: 'spark', ...wish.driver },
      executor: { ...role, instances: 1, ...wish.executor },
      ...wish.spec,
    },
  };
}

/** A SparkApplication as read back. */
export interface LiveSpark {
  readonly object: KubeObject;
  readonly status: SparkApplicationStatus;
}

/** Where a SparkApplication is. */
export function sparkTarget(namespace: string, name: string): Target {
  return { plural: 'sparkapplications', namespace, name };
}

/** The SparkApplication with its status (empty before the operator wrote one); undefined when it is gone. */
export async function readSpark(kube: Kube, namespace: string, name: string): Promise<LiveSpark | undefined> {
  const object = await kube.get(sparkTarget(namespace, name));
  return object === undefined ? undefined : { object, status: (object.status ?? {}) as SparkApplicationStatus };
}

/** One line on how a SparkApplication stands: state and what went wrong, attempts, executors, conditions. */
export function describeSpark(live: LiveSpark | undefined): string {
  if (live === undefined) return 'it is gone';
  const { object, status } = live;
  const { applicationState: { state = '-', errorMessage = '' } = {}, executorState = {} } = status;
  const conditions = ((status.conditions ?? []) as readonly Condition[]).map(
    ({ type, status: value, reason, message }) => `${type}=${value} (${reason}: ${message})`,
  );
  const generations = `generation ${object.metadata.generation ?? '?'}, observed ${status.observedGeneration ?? 'none'}`;
  const attempts = `run ${status.executionAttempts ?? 0}, submission ${status.submissionAttempts ?? 0}`;
  return [`${state} ${errorMessage}`, attempts, JSON.stringify(executorState), generations, ...conditions].join('; ');
}

/** What the driver container of a pod has written so far. */
export async function driverLog(kube: Kube, namespace: string, pod: string): Promise<string> {
  return kube.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log?container=spark-kubernetes-driver`);
}
