import { endOf, isUsable, type Stored } from './stored.ts';

/** How long certificates live, in milliseconds. */
export interface RotationTiming {
  /** Of a new one. */
  readonly validityMs: number;
  /** What is left of it when its successor is made. */
  readonly renewBeforeMs: number;
  /** How long API servers are given to learn of a new authority before its certificate is served. */
  readonly settleMs: number;
}

/** What holds at the moment. `now` is in milliseconds since the epoch. */
export interface RotationFacts {
  readonly stored: Stored;
  readonly hosts: readonly string[];
  readonly now: number;
  /** For how long all authorities in `stored` are known to be in the webhook configuration, in milliseconds. */
  readonly trustedForMs: number;
}

/**
 * The next step. `issue`: make one, to be served at once, since there is none that could be. `prepare`: make the
 * successor, to be trusted before it is served. `store`: these certificates are the ones from now on.
 */
export type RotationStep =
  | { readonly kind: 'rest' }
  | { readonly kind: 'issue' | 'prepare'; readonly because: string }
  | { readonly kind: 'store'; readonly because: string; readonly stored: Stored };

/*
 *   Secret                       webhook configuration trusts      served
 *   nothing                                                        nothing, until `issue`
 *   tls                          its authority                     tls
 *   tls, next                    both authorities                  tls         `prepare` made next
 *   tls (was next)               both authorities                  tls         once both were trusted long enough
 *   tls                          its authority                     tls         once the old one has ended
 */
/** Decides the next step. Pure. */
export function rotationStep(facts: RotationFacts, { renewBeforeMs, settleMs }: RotationTiming): RotationStep {
  const { stored, hosts, now, trustedForMs } = facts;
  const { serving, next } = stored;
  const authorities = stored.authorities.filter((pem) => (endOf(pem) ?? 0) > now);
  const usable = (pair: Stored['serving']): boolean =>
    pair !== undefined && isUsable(pair, { authorities, hosts, now });
  const promoted = (because: string): RotationStep => {
    return { kind: 'store', because, stored: { serving: next, next: undefined, authorities } };
  };
  if (!usable(serving))
    return usable(next)
      ? promoted('the one before cannot be served')
      : { kind: 'issue', because: 'there is none that could be served' };
  if (next !== undefined && !usable(next)) {
    return {
      kind: 'store',
      because: 'its successor cannot be served',
      stored: { serving, next: undefined, authorities },
    };
  }
  if (next !== undefined) return trustedForMs >= settleMs ? promoted('it is trusted by now') : { kind: 'rest' };
  if ((endOf(serving?.certificate ?? '') ?? 0) - now <= renewBeforeMs)
    return { kind: 'prepare', because: 'the one that is served ends soon' };
  if (authorities.length === stored.authorities.length) return { kind: 'rest' };
  return { kind: 'store', because: 'an authority has ended', stored: { serving, next, authorities } };
}
