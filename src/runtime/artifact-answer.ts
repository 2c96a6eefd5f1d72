import type { Dispatcher } from 'undici';
import { type Failure, FailureError } from '../core/failure.ts';

/** Bounds of what an artifact may cost. */
export interface ArtifactLimits {
  readonly maxBytes: number;
  readonly maxRedirects: number;
  /** Limit for a connection, for the headers to arrive and for each pause in the body. */
  readonly silenceMs: number;
}

/**
 * The content of a 200, up to the limit of bytes; `name` is the artifact in messages. Throws FailureError, as reading the content does:
 * `stalled` ArtifactNotAvailable where it is too large, else `transient`.
 */
export function contentOf(
  { maxBytes }: ArtifactLimits,
  name: string,
  { headers, body }: Dispatcher.ResponseData,
): AsyncIterable<Uint8Array> {
  // Whoever reads gets the error thrown; a body that nobody reads must not end the process with it.
  body.on('error', () => undefined);
  const tooLarge = (): FailureError => new FailureError(gone(`${name} is larger than ${maxBytes} bytes`));
  if (Number(headers['content-length'] ?? 0) <= maxBytes) return limited({ maxBytes, name, tooLarge }, body);
  body.destroy();
  throw tooLarge();
}

interface Bounds {
  readonly maxBytes: number;
  readonly name: string;
  readonly tooLarge: () => FailureError;
}

async function* limited(
  { maxBytes, name, tooLarge }: Bounds,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  try {
    for await (const chunk of body) {
      read += chunk.byteLength;
      if (read > maxBytes) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    throw failureOf(name, error);
  }
}

/** A failed request as a FailureError: final for a host that does not exist, else `transient`. One that is such already stays. */
export function failureOf(name: string, error: unknown): FailureError {
  if (error instanceof FailureError) return error;
  const code = (error as { code?: unknown }).code;
  const said = error instanceof Error && error.message !== '' ? error.message : String(code ?? error);
  const message = `${name}: ${said}`;
  const failure: Failure = code === 'ENOTFOUND' ? gone(message) : { kind: 'transient', message };
  return new FailureError(failure, { cause: error });
}

/** What an answer other than 200 means: final for a 4xx that does not pass by itself, else `transient`. */
export function answered(status: number, message: string): FailureError {
  const final = status < 500 && status !== 408 && status !== 429;
  return new FailureError(final ? gone(message) : { kind: 'transient', message });
}

/** A rule forbids asking. */
export function refused(message: string): FailureError {
  return new FailureError({ kind: 'stalled', reason: 'ArtifactRefused', message });
}

function gone(message: string): Failure {
  return { kind: 'stalled', reason: 'ArtifactNotAvailable', message };
}

/** An answer that is read for what it says, as text. */
export interface SmallAnswer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

/** More than any error of S3, any credentials and any token. */
const SMALL_BYTES = 64 * 1024;

/** The whole answer, its body up to 64 KiB. Rejects as reading the body does. */
export async function smallAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<SmallAnswer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop ends the body.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > SMALL_BYTES) break;
  }
  return { status: statusCode, headers, text: Buffer.concat(chunks).subarray(0, SMALL_BYTES).toString() };
}
