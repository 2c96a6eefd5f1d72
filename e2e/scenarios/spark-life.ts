import { isDeepStrictEqual } from 'node:util';
import { findCondition } from '../../src/kube/conditions.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import type { ApplicationState, SparkApplicationStatus } from '../../src/spark/status-schema.ts';
import type { Kube } from '../kit/kube.ts';
import {
  describeSpark,
  type LiveSpark,
  readSpark,
  type SparkWish,
  sparkApplication,
  sparkTarget,
} from '../kit/spark.ts';
import type { Look, Patience } from '../kit/until.ts';
import { expectEqual, type ScenarioContext } from './scenario.ts';

/** Every status of one application that the API server stored, in order. */
export interface StatusHistory {
  readonly statuses: readonly SparkApplicationStatus[];
  /** The states in the order in which they came, repetitions left out. */
  states(): ApplicationState[];
  stop(): void;
}

/** Begins to watch the status of the application with this name. */
export async function watchStatus(kube: Kube, namespace: string, name: string): Promise<StatusHistory> {
  const statuses: SparkApplicationStatus[] = [];
  const { stop } = await kube.watch('sparkapplications', namespace, ({ object }) => {
    if (object.metadata.name !== name || object.status === undefined) return;
    if (!isDeepStrictEqual(object.status, statuses.at(-1))) statuses.push(object.status as SparkApplicationStatus);
  });
  const stateOf = ({ applicationState }: SparkApplicationStatus): ApplicationState =>
    (applicationState?.state ?? '') as ApplicationState;
  return {
    statuses,
    states: () => statuses.map(stateOf).filter((state, at, all) => state !== all[at - 1]),
    stop,
  };
}

/** Applies an application of the tests on Spark 4.3 unless the wish names another. */
export async function applySpark(
  context: ScenarioContext,
  wish: Pick<SparkWish, 'name'> & Partial<SparkWish>,
): Promise<void> {
  const { kube, namespace } = context;
  context.say(`apply ${wish.name}`);
  const image = context.sparkImage('4.3.0');
  await kube.apply(sparkApplication({ namespace, image, sparkVersion: '4.3.0', ...wish }));
}

/** Waits until the newest generation of the application is in the state. */
export async function untilState(
  context: ScenarioContext,
  name: string,
  state: ApplicationState,
  patience: Patience = {},
): Promise<LiveSpark> {
  const look = async (): Promise<Look<LiveSpark>> => {
    const seen = await readSpark(context.kube, context.namespace, name);
    const done =
      seen?.status.observedGeneration === seen?.object.metadata.generation &&
      seen?.status.applicationState?.state === state;
    return seen !== undefined && done ? { done: seen } : { not: describeSpark(seen) };
  };
  return context.until(`${name} to be ${state}`, look, patience);
}

/** The conditions a status has, by type: status and reason. */
export function conditionsOf({ status }: LiveSpark): Readonly<Record<string, string>> {
  const types = ['Ready', 'Reconciling', 'Stalled'];
  const found = types.map((type) => [type, findCondition(status.conditions, type)] as const);
  return Object.fromEntries(
    found.flatMap(([type, condition]) =>
      condition === undefined ? [] : [[type, `${condition.status} ${condition.reason}`]],
    ),
  );
}

/** Deletes the application and waits until nothing of it is left. */
export async function deleteSpark(context: ScenarioContext, name: string): Promise<void> {
  const { kube, namespace } = context;
  await kube.delete(sparkTarget(namespace, name));
  await context.until(`${name} and all that belongs to it to be gone`, async () => {
    const left = await leftOf(context, name);
    return left.length === 0 ? { done: true } : { not: left.join(', ') };
  });
}

/** Everything of the application that the API server still has, as `kind/name`. */
export async function leftOf({ kube, namespace }: ScenarioContext, name: string): Promise<string[]> {
  const selector = `sparkoperator.k8s.io/app-name=${name}`;
  const kinds = ['pods', 'services', 'configmaps'] as const;
  const found = await Promise.all(kinds.map((plural) => kube.list(plural, namespace, selector)));
  return found.flat().map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

/** Checks of an application whose driver has ended that its status says so in every field. */
export function checkEnded({ status }: LiveSpark, wanted: { readonly runs: number }): void {
  expectEqual('attempts', [status.executionAttempts, status.submissionAttempts], [wanted.runs, wanted.runs]);
  expectEqual('status.terminationTime is there', typeof status.terminationTime, 'string');
  expectEqual('executors that run', status.executors?.running, 0);
}

/** How many driver pods there were. */
export interface DriverHistory {
  /** The most at once. */
  most(): number;
  all(): number;
  stop(): void;
}

/** Begins to count the driver pods of the scenario, or of one application, as the API server tells of them. */
export async function watchDrivers({ kube, namespace }: ScenarioContext, name?: string): Promise<DriverHistory> {
  const live = new Set<string>();
  const all = new Set<string>();
  let most = 0;
  const { stop } = await kube.watch('pods', namespace, ({ type, object }) => {
    const { uid = '', labels } = object.metadata;
    if (labels?.['spark-role'] !== 'driver') return;
    if (name !== undefined && labels[SPARK_LABELS.appName] !== name) return;
    if (type === 'DELETED') live.delete(uid);
    else live.add(uid);
    all.add(uid);
    most = Math.max(most, live.size);
  });
  return { most: () => most, all: () => all.size, stop };
}
