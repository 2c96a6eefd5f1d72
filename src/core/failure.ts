/** Everything that can go wrong when a plan is carried out, sorted by what to do next. */
export type Failure =
  /** A human must change something; no retry until the object or a child changes, then back-off capped high. */
  | { readonly kind: 'stalled'; readonly reason: string; readonly message: string }
  /** Something else must happen first; look again after the given time, or after growing times up to `upToMs`. */
  | {
      readonly kind: 'waiting';
      readonly reason: string;
      readonly message: string;
      readonly retryAfterMs: number;
      readonly upToMs?: number;
    }
  /** Somebody else wrote in between: read again at once, no noise. */
  | { readonly kind: 'conflict'; readonly message: string }
  /** Network, time-out, 5xx, 429: exponential back-off. `retryAfterMs` as the server asked, if it did. */
  | { readonly kind: 'transient'; readonly message: string; readonly retryAfterMs?: number };

/** A failure as a throwable, for ports whose callers cannot go on. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'FailureError';
    this.failure = failure;
  }
}
