/** The outcome of pure work that can fail for a reason the caller must handle. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** A success. */
export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

/** A failure. */
export function err<E>(error: E): Result<never, E> {
  return { ok: false, error };
}
