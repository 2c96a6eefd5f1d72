import { classifyNetworkError, classifyRefusal, type KubeError } from '../../runtime/classify-failure.ts';

/** A refusal of the API server before it is turned into what a client sees. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** What the simulated server was asked for and cannot do: a gap of the simulation, never an answer a client should handle. */
export class NotSimulated extends Error {
  override readonly name = 'NotSimulated';
}

/** The error the real client throws for a refusal. Any other error is returned as it is. */
export function asKubeError(what: string, error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const { status, reason, message } = error;
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', code: status, reason, message });
  return classifyRefusal({ what, status, body, now: 0 });
}

/** The error the real client throws when no answer comes. */
export function networkError(what: string, why: string): KubeError {
  return classifyNetworkError(what, new Error(why));
}

/** 404 for an object. `plural` as messages call it: `pods`, `things.test.weir.dev`. */
export function notFound(plural: string, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${plural} "${name}" not found`);
}

/** 409 for an object that changed in between. */
export function modified(plural: string, name: string, why?: string): Refusal {
  const said = why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  return new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${plural} "${name}": ${said}`);
}

/** 422: a field has a value it may not have. */
export function invalid(kind: string, name: string, why: string): Refusal {
  return new Refusal(422, 'Invalid', `${kind} "${name}" is invalid: ${why}`);
}
