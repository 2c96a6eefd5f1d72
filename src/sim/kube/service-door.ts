import { FailureError } from '../../core/failure.ts';
import type { ServiceHttp, ServiceRequest } from '../../core/ports.ts';
import type { KubeObject, ObjectRef } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { ProcessAnswer, ProcessRequest } from '../process.ts';
import type { Life } from '../virtual-time.ts';
import type { RestFault } from './faults.ts';
import type { Gate } from './gate.ts';

/** What stands behind Services. */
export interface Network {
  service(ref: ObjectRef): KubeObject | undefined;
  /** Ready pods with these labels, in order of name. */
  endpoints(namespace: string, labels: Readonly<Record<string, string>>): readonly KubeObject[];
  /** Undefined: nothing answers, not even by refusing. Rejects when the connection is refused or breaks. */
  send(pod: KubeObject, request: ProcessRequest): Promise<ProcessAnswer> | undefined;
}

/** What the operator's access to Services is made with. */
export interface ServiceDoorOptions {
  readonly network: Network;
  readonly gate: Gate;
  readonly life: Life;
  /** How long an answer is under way, in milliseconds. */
  readonly delay: () => number;
}

/** A connection that is not taken up is given up after this long, as the real client does. */
const CONNECT_TIMEOUT_MS = 2_000;

/** ServiceHttp into the pods of the simulation. */
export function createServiceDoor(options: ServiceDoorOptions): ServiceHttp {
  return {
    request(request, signal) {
      // Nobody waits any more for an answer to a process that has ended.
      return options.life.ended ? new Promise(() => {}) : ask(options, request, signal);
    },
  };
}

function describe({ method, service, namespace, port, path }: ServiceRequest): string {
  return `${method} ${service}.${namespace}:${port}${path}`;
}

async function ask(options: ServiceDoorOptions, request: ServiceRequest, signal: AbortSignal): Promise<ProcessAnswer> {
  const { gate, delay } = options;
  const { n, fault } = gate.next('rest');
  if (request.method !== 'GET') gate.effect(n);
  const what = describe(request);
  const done = (answer: string): void => {
    if (request.method !== 'GET' || fault !== undefined) {
      gate.note(`rest ${n}`, `${what}: ${answer}${fault === undefined ? '' : ` [${fault.kind}]`}`);
    }
  };
  try {
    const answer = await withFault(options, request, fault);
    done(`${answer.status}`);
    await pause(options.life, delay() + (fault?.kind === 'late' ? fault.ms : 0), signal);
    return answer;
  } catch (error) {
    // Of what was to be sent: its own failure, not the network's.
    if (error instanceof FailureError) throw error;
    const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    done(message);
    await pause(options.life, isSilence(error) ? CONNECT_TIMEOUT_MS : delay(), signal);
    throw new FailureError({ kind: 'transient', message }, { cause: error });
  }
}

/** Nothing answered, so that only time tells. */
class Silence extends Error {}

function isSilence(error: unknown): boolean {
  return error instanceof Silence;
}

async function withFault(
  { network }: ServiceDoorOptions,
  request: ServiceRequest,
  fault: RestFault | undefined,
): Promise<ProcessAnswer> {
  if (fault?.kind === 'unsent') throw new Silence('no answer');
  if (fault?.kind === 'status') return { status: fault.status, body: { errors: ['simulated'] } };
  const answer = await route(network, request);
  if (fault?.kind === 'lost') throw new Silence('no answer');
  return answer;
}

async function route(network: Network, request: ServiceRequest): Promise<ProcessAnswer> {
  const { namespace, service: name, method, path } = request;
  const service = network.service({ apiVersion: 'v1', kind: 'Service', namespace, name });
  if (service === undefined) throw new Error(`getaddrinfo ENOTFOUND ${name}.${namespace}`);
  const { selector, ports } = fieldsOf(service.spec);
  const [pod] = network.endpoints(namespace, fieldsOf(selector) as Record<string, string>);
  if (pod === undefined) throw new Error('connect ECONNREFUSED');
  const body = request.file === undefined ? request.body : await received(request.file);
  const answer = network.send(pod, { port: targetPort(pod, ports, request.port), method, path, body });
  if (answer === undefined) throw new Silence('connect ETIMEDOUT');
  return answer;
}

async function received({ name, contentType, content }: NonNullable<ServiceRequest['file']>): Promise<object> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return { name, contentType, content: Buffer.concat(chunks) };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function targetPort(pod: KubeObject, ports: unknown, wanted: number | string): number {
  const listed = (Array.isArray(ports) ? ports : []).map(fieldsOf);
  const found = listed.find(({ port, name }) => port === wanted || name === wanted);
  if (found === undefined) throw new Error(`connect ECONNREFUSED: no port ${wanted}`);
  const target = found.targetPort ?? found.port;
  if (typeof target === 'number') return target;
  const containers = fieldsOf(pod.spec).containers;
  const named = (Array.isArray(containers) ? containers : [])
    .flatMap((container) => (fieldsOf(container).ports as unknown[] | undefined) ?? [])
    .map(fieldsOf)
    .find(({ name }) => name === target);
  if (named === undefined) throw new Error(`connect ECONNREFUSED: no container port ${target}`);
  return Number(named.containerPort);
}

/** Lets virtual time pass; throws FailureError when the asker gives up. */
export function pause(life: Life, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancel();
      reject(new FailureError({ kind: 'transient', message: 'given up' }));
    };
    const cancel = life.time.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
