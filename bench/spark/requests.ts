import { setImmediate } from 'node:timers/promises';
import { execute } from '../../src/core/execute.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { javaStringHash } from '../../src/lib/hash.ts';
import { OPERATOR_KINDS } from '../../src/operator-access.ts';
import { createEventRecorder } from '../../src/runtime/event-recorder.ts';
import { createKinds } from '../../src/runtime/kinds.ts';
import type { KubeClient, KubeRequest } from '../../src/runtime/kube-client.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { systemTime } from '../../src/runtime/time.ts';
import { createWriter } from '../../src/runtime/writer.ts';
import { decide } from '../../src/spark/decide.ts';
import { type Observed, UNSEEN } from '../../src/spark/observed.ts';
import type { SparkApplicationStatus } from '../../src/spark/schema.ts';
import { situationOf } from '../../src/spark/situation.ts';
import { NAMESPACE } from '../api.ts';
import { sparkApplication } from './objects.ts';

/** A request of the operator. */
export interface OperatorRequest extends KubeRequest {
  /** It was sent before the one before it was answered. */
  readonly beside: boolean;
}

/** What the operator asks of the API server for one application, in its order; Events are last of each. */
export interface OperatorRequests {
  readonly submitted: readonly OperatorRequest[];
  /** Once its driver runs. */
  readonly running: readonly OperatorRequest[];
  /** Once its driver has ended. */
  readonly ended: readonly OperatorRequest[];
}

const SAMPLE = { name: 'the-name-of-a-sample', uid: '11111111-2222-4333-8444-555555555555' };

/**
 * The operator's writes for an application of the bench, as its own parts make them: decided by `decide`, carried out by the
 * writer and the event recorder, over a client that keeps the requests and stores nothing.
 */
export async function recordRequests(): Promise<(created: KubeObject) => OperatorRequests> {
  const sent: OperatorRequest[] = [];
  let unanswered = 0;
  const client: KubeClient = {
    kinds: createKinds(OPERATOR_KINDS),
    fieldManager: 'weir',
    request: async (request) => {
      sent.push({ ...request, beside: unanswered > 0 });
      unanswered += 1;
      await setImmediate();
      unanswered -= 1;
      return stored(request.body as KubeObject);
    },
    stream: () => Promise.reject(new Error('nothing is watched')),
    close: () => Promise.resolve(),
  };
  const write = createWriter({ client }).in(NAMESPACE);
  const log = createLogger({ level: 'error' });
  const events = createEventRecorder({ client, time: systemTime, log, instance: 'bench' });
  const perform = (): Promise<void> => Promise.reject(new Error('a plan of Spark has no effects'));
  let current = stored(sparkApplication(SAMPLE.name), SAMPLE.uid);
  const pass = async (observed: Partial<Observed>): Promise<readonly OperatorRequest[]> => {
    const plan = decide(situationOf(current, { ...UNSEEN, ...observed }, new Date()));
    current = (await execute(current, plan, { write, events, perform })).resource;
    await events.flush(1000);
    return sent.splice(0);
  };
  const submitted = await pass({});
  const made = submitted.flatMap(({ body }) => stored(body as KubeObject));
  const supports = made.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Service').map(withAddress);
  const driver = made.find(({ kind }) => kind === 'Pod') as KubeObject;
  const running = await pass({ supports, drivers: [{ ...driver, status: { phase: 'Running' } }] });
  const ended = await pass({ supports, drivers: [{ ...driver, status: { phase: 'Succeeded' } }] });
  const { submissionID = '' } = (current.status ?? {}) as SparkApplicationStatus;
  return (created) => adapted({ submitted, running, ended }, submissionID, created);
}

/** An object as the API server would answer it, as far as the operator reads that. */
function stored(object: KubeObject, uid = 'made'): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { uid, resourceVersion: '1', generation: 1, ...metadata } };
}

function withAddress(object: KubeObject): KubeObject {
  const spec = object.spec as { readonly clusterIP?: string } | undefined;
  if (object.kind !== 'Service' || spec?.clusterIP !== undefined) return object;
  return { ...object, spec: { ...spec, clusterIP: '10.96.0.1' } };
}

/** The same for another application: with its name, its uid and ids of its own, which are made of that. */
function adapted(of: OperatorRequests, submissionId: string, { metadata }: KubeObject): OperatorRequests {
  const { name, uid = '' } = metadata;
  const digitsOf = (id: string, count: number): string => id.replaceAll('-', '').slice(0, count);
  const texts: readonly (readonly [string, string])[] = [
    [SAMPLE.name, name],
    [SAMPLE.uid, uid],
    [submissionId, uid],
    ...[32, 16, 8].map((count) => [digitsOf(submissionId, count), digitsOf(uid, count)] as const),
  ];
  const text = texts.reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(of));
  const requests = JSON.parse(text) as OperatorRequests;
  const named = (request: OperatorRequest): OperatorRequest => withEventName(request, uid);
  const { submitted, running, ended } = requests;
  return { submitted: submitted.map(named), running: running.map(named), ended: ended.map(named) };
}

/** Names of Events are hashes of what they are about. */
function withEventName(request: OperatorRequest, uid: string): OperatorRequest {
  const body = request.body as KubeObject;
  if (body.kind !== 'Event') return request;
  const name = `Operator.${javaStringHash(`${body.metadata.name}${uid}`)}`;
  return { ...request, body: { ...body, metadata: { ...body.metadata, name } } };
}
