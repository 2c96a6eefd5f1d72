import * as z from 'zod';
import { FailureError } from '../core/failure.ts';
import type { ServiceHttp, ServiceRequest } from '../core/ports.ts';
import { FIRST_PROBLEM } from '../kube/first-problem.ts';
import { rootCause } from './stack-trace.ts';

/** Which JobManager, and which of its jobs, is asked. */
export interface JobManagerTarget {
  readonly namespace: string;
  /** Name of the FlinkDeployment; the REST Service is `<name>-rest`. */
  readonly name: string;
  /** Port of that Service: `rest.port` of the effective configuration. */
  readonly port: number;
  /** Whether it answers over TLS (`security.ssl.rest.enabled`). */
  readonly tls?: boolean;
  readonly jobId: string | undefined;
}

/** Whom to ask, through what, and until when. */
export interface Door {
  readonly http: ServiceHttp;
  readonly target: JobManagerTarget;
  readonly signal: AbortSignal;
}

/** What a JobManager answered, errors included. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One request to a JobManager's REST API; resolves for every HTTP answer. Throws FailureError when nothing answered, and
 * for a path that leaves its own: ids in it come from JobManagers and from statuses, and both can be forged.
 */
export async function send(
  door: Door,
  method: ServiceRequest['method'],
  path: string,
  body?: unknown,
): Promise<RestAnswer> {
  const { http, target, signal } = door;
  if (!isOwnPath(path)) throw unexpected(target, `${method} ${path.slice(0, 80)} is not asked, an id in it is none`);
  const { namespace, name, port, tls } = target;
  const request = { namespace, service: `${name}-rest`, port, method, path, ...(tls === true ? { tls } : {}) };
  return http.request(body === undefined ? request : { ...request, body }, signal);
}

/** Whether a path has only visible characters and no step up, written as it is or in its encoded form. */
function isOwnPath(path: string): boolean {
  return /^\/[\x21-\x7e]*$/.test(path) && !/\.\.|%2e|#/i.test(path);
}

/** GETs a path and checks the answer's shape. Throws FailureError (transient) for anything but 200 and that shape. */
export async function getJson<T>(door: Door, path: string, shape: z.ZodType<T>): Promise<T> {
  const answer = await send(door, 'GET', path);
  if (answer.status !== 200) throw unexpected(door.target, `GET ${path} answered ${answer.status}`);
  return readAs(door.target, `GET ${path}`, answer.body, shape);
}

/** The body as the shape says. Throws FailureError (transient) with the first thing that is wrong when it is something else. */
export function readAs<T>(target: JobManagerTarget, request: string, body: unknown, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(body, FIRST_PROBLEM);
  if (parsed.success) return parsed.data;
  const first = z.prettifyError({ issues: parsed.error.issues.slice(0, 1) });
  throw unexpected(target, `${request} answered something unreadable: ${first}`);
}

/** A failure that names the JobManager and may pass by itself. */
export function unexpected(target: JobManagerTarget, what: string): FailureError {
  return new FailureError({ kind: 'transient', message: `${describeTarget(target)}: ${what}` });
}

/** `JobManager of namespace/name`, as messages begin. */
export function describeTarget(target: JobManagerTarget): string {
  return `JobManager of ${target.namespace}/${target.name}`;
}

const Errors = z.object({ errors: z.array(z.string()) });

/** What an error answer of Flink's REST API says, in one line; empty when it is none. */
export function errorText(body: unknown): string {
  const parsed = Errors.safeParse(body, FIRST_PROBLEM);
  if (!parsed.success) return '';
  return parsed.data.errors
    .map(rootCause)
    .filter((line) => line !== '')
    .join('; ');
}
