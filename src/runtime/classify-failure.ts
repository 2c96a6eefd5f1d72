import { type Failure, FailureError } from '../core/failure.ts';
import { isRecord } from '../lib/json.ts';

/** A request the API server did not carry out. `status` is the HTTP status, undefined when no answer came. */
export class KubeError extends FailureError {
  readonly status: number | undefined;
  /** `reason` of the returned meta/v1 Status: Conflict, AlreadyExists, Expired… */
  readonly reason: string | undefined;

  constructor(failure: Failure, answer: { status?: number | undefined; reason?: string | undefined }, cause?: unknown) {
    super(failure, cause === undefined ? undefined : { cause });
    this.name = 'KubeError';
    this.status = answer.status;
    this.reason = answer.reason;
  }
}

/** Whether something else has the name of what was to be made. */
export function isAlreadyExists(error: unknown): error is KubeError {
  return error instanceof KubeError && error.reason === 'AlreadyExists';
}

/** Whether the API server knows the kind and has no object of that name; a kind it does not know is a 404 without a reason. */
export function isNoSuchObject(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 404 && error.reason !== undefined;
}

/** Whether the object that was to be deleted is not there any more, or another has its name. */
export function isAlreadyGone(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return error.status === 404 || (error.status === 409 && /UID in (the )?precondition/.test(error.message));
}

/** An answer that is no success. `what` is verb and object: `patch FlinkDeployment default/a`. */
export interface Refusal {
  readonly what: string;
  readonly status: number;
  /** Seconds or HTTP date of the Retry-After header. */
  readonly retryAfter?: string | undefined;
  /** The body as text; only its `message` and `reason` are used. */
  readonly body: string;
  /** Wall clock, for a Retry-After given as a date. */
  readonly now: number;
}

const QUOTA_RETRY_MS = 30_000;
const NOT_FOUND_RETRY_MS = 5_000;
const LONGEST_MESSAGE = 2_000;

/** Sorts an answer of the API server by what to do next. */
export function classifyRefusal(refusal: Refusal): KubeError {
  const { message: said = unsaid(refusal), reason } = readStatus(refusal.body);
  const message = `${refusal.what}: ${said} (HTTP ${refusal.status}${reason ? ` ${reason}` : ''})`;
  return new KubeError(failureOf(refusal, message, reason), { status: refusal.status, reason });
}

/** Of a path it does not know, the API server says nothing but that: nobody has installed the kind. */
function unsaid({ status }: Refusal): string {
  return status === 404 ? 'the API server does not know this kind; is its CRD installed?' : 'no reason given';
}

function failureOf(refusal: Refusal, message: string, reason: string | undefined): Failure {
  const { status } = refusal;
  if (status === 409) return { kind: 'conflict', message };
  if (status === 403) return forbidden(message);
  if (status === 404) {
    return { kind: 'waiting', reason: reason ?? 'KindNotFound', message, retryAfterMs: NOT_FOUND_RETRY_MS };
  }
  if (status === 410 || status === 401 || status === 408 || status === 429 || status >= 500) {
    return transient(message, retryAfterMs(refusal.retryAfter, refusal.now));
  }
  return { kind: 'stalled', reason: reason ?? (status === 413 ? 'RequestEntityTooLarge' : 'BadRequest'), message };
}

/** Quota and a terminating namespace change by themselves; missing rights and pod security need a human. */
function forbidden(message: string): Failure {
  if (/exceeded quota/.test(message)) {
    return { kind: 'waiting', reason: 'QuotaExceeded', message, retryAfterMs: QUOTA_RETRY_MS };
  }
  if (/is being terminated/.test(message)) {
    return { kind: 'waiting', reason: 'NamespaceTerminating', message, retryAfterMs: QUOTA_RETRY_MS };
  }
  return { kind: 'stalled', reason: 'Forbidden', message };
}

function transient(message: string, retryAfter: number | undefined): Failure {
  return { kind: 'transient', message, ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }) };
}

/** Milliseconds a Retry-After header asks for, at most an hour; undefined when absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), 3_600_000);
}

function readStatus(body: string): { message?: string; reason?: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (!isRecord(parsed)) return {};
    const { message, reason } = parsed;
    return {
      ...(typeof message === 'string' ? { message: withoutValues(message.slice(0, LONGEST_MESSAGE)) } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    };
  } catch {
    // A proxy's or load balancer's HTML page: its status code says enough.
    return {};
  }
}

/** Of a field with a value of the wrong kind the API server shows the value, which may be a secret (structured-merge-diff 6). */
function withoutValues(message: string): string {
  return message.replace(/valueUnstructured\{Value:[^}]*\}?/g, 'a value of another kind');
}

/** Sorts an error raised while sending or reading: always transient, told by the error's code and message only. */
export function classifyNetworkError(what: string, error: unknown): KubeError {
  const failure: Failure = { kind: 'transient', message: `${what}: ${describeNetworkError(error)}` };
  return new KubeError(failure, {}, error);
}

function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  const text = error.message === '' && error instanceof AggregateError ? String(error.errors[0]) : error.message;
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}
