import type { KubeObject } from '../../src/kube/object.ts';
import { isAlreadyExists } from '../../src/runtime/classify-failure.ts';
import type { KubeRequest } from '../../src/runtime/kube-client.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import { SPARK_APPLICATION_KIND } from '../../src/spark/schema.ts';
import type { Api } from '../api.ts';
import type { ControlPlane } from '../control-plane.ts';
import type { Observer } from '../observer.ts';
import { type Spread, spread } from '../stats.ts';
import { between, hasRunningStatus, isDriver, type Load, putOn, track } from './load.ts';
import { sparkApplication, submissionObjects } from './objects.ts';
import { type OperatorRequest, type OperatorRequests, recordRequests } from './requests.ts';

/** Where applications are made and watched. */
export interface SparkStage {
  readonly plane: ControlPlane;
  readonly observer: Observer;
  /** Of the account that the operator runs as. */
  readonly kubeconfigPath: string;
  /** The API server under that account, for what is done in its place. */
  readonly operatorApi: Api;
}

/** Applications a second whose driver pods run, when the bench makes them and their objects, no status and no Event. */
export async function floorOfObjects({ plane, observer, operatorApi }: SparkStage, load: Load): Promise<number> {
  const applications = track(observer, ({ podRunning }) => podRunning !== undefined);
  const took = await putOn(load, applications, async (name) => {
    const created = await plane.api.create(sparkApplication(name));
    for (const object of submissionObjects({ ...created, ...SPARK_APPLICATION_KIND })) await operatorApi.create(object);
  });
  return applications.all.size / took;
}

/** What the control plane does by itself. */
export interface WritesFloor {
  /** Applications a second whose status says RUNNING. */
  readonly perSecond: number;
  /** Milliseconds: create request started → driver pod on a watch. */
  readonly driverMs: Spread;
}

/**
 * A load for which the bench makes every request of the operator in its place, in the same order and with the same bodies,
 * until the applications are COMPLETED: what is left over is the operator itself and its watches.
 */
export async function floorOfWrites({ plane, observer, operatorApi }: SparkStage, load: Load): Promise<WritesFloor> {
  const requestsOf = await recordRequests();
  const applications = track(observer, hasRunningStatus);
  const phases = phasesOf(observer);
  const played: Promise<void>[] = [];
  const took = await putOn(load, applications, async (name) => {
    const created = await plane.api.create(sparkApplication(name));
    played.push(play(operatorApi, created, requestsOf(created), phases));
  });
  await Promise.all(played);
  return { perSecond: applications.all.size / took, driverMs: spread(between(applications, 'asked', 'driver'), 0) };
}

type Phases = (name: string, phase: string) => Promise<void>;

/** Waits until a driver is seen in a phase. */
function phasesOf(observer: Observer): Phases {
  const seen = new Map<string, PromiseWithResolvers<void>>();
  const of = (name: string, phase: string): PromiseWithResolvers<void> => {
    const key = `${name}/${phase}`;
    const found = seen.get(key) ?? Promise.withResolvers<void>();
    seen.set(key, found);
    return found;
  };
  observer.each(({ object }) => {
    const { phase } = (object.status ?? {}) as { readonly phase?: string };
    const name = object.metadata.labels?.[SPARK_LABELS.appName];
    if (isDriver(object) && name !== undefined && phase !== undefined) of(name, phase).resolve();
  });
  return (name, phase) => of(name, phase).promise;
}

async function play(api: Api, created: KubeObject, requests: OperatorRequests, phases: Phases): Promise<void> {
  const { name } = created.metadata;
  let version = created.metadata.resourceVersion;
  const events: Promise<unknown>[] = [];
  const send = async (request: KubeRequest): Promise<void> => {
    const body = request.body as KubeObject;
    // The operator writes Events beside its passes, under names of 32 bits, two of which may be the same.
    if (body.kind === 'Event') return void events.push(api.send(request).catch(unlessThere));
    if (request.method !== 'PUT') return void (await api.send(request));
    const metadata = { ...body.metadata, resourceVersion: version };
    version = (await api.send({ ...request, body: { ...body, metadata } })).metadata.resourceVersion;
  };
  const sendAll = async (all: readonly OperatorRequest[]): Promise<void> => {
    const begun: Promise<void>[] = [];
    for (const { beside, ...request } of all) {
      if (!beside) await Promise.all(begun.splice(0));
      begun.push(send(request));
    }
    await Promise.all(begun);
  };
  await sendAll(requests.submitted);
  await phases(name, 'Running');
  await sendAll(requests.running);
  await phases(name, 'Succeeded');
  await sendAll(requests.ended);
  await Promise.all(events);
}

function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}
