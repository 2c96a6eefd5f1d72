import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { Dispatcher } from 'undici';
import { type Failure, FailureError } from '../core/failure.ts';
import type { ArtifactRequest, ArtifactSource } from '../core/ports.ts';
import { parseIpAddress, restrictedRange } from '../lib/ip-address.ts';
import { Agent, placeOf } from './undici.ts';

/** Bounds of what an artifact may cost. */
export interface ArtifactLimits {
  readonly maxBytes: number;
  readonly maxRedirects: number;
  /** Limit for a connection, for the headers to arrive and for each pause in the body. */
  readonly silenceMs: number;
}

/** What an artifact source is made with, all of it for tests but the limits. */
export interface ArtifactSourceOptions {
  readonly limits?: Partial<ArtifactLimits>;
  /** All addresses of a host name. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Added to TLS connections. */
  readonly ca?: string;
}

const LIMITS: ArtifactLimits = { maxBytes: 1024 ** 3, maxRedirects: 5, silenceMs: 30_000 };

const RESTRICTED_HOSTS = 'kubernetes.operator.user.artifacts.disallow-restricted-hosts';
const ALLOWED_SCHEMES = 'kubernetes.operator.user.artifacts.allowed-schemes';

/**
 * Reads artifacts by http and https. The address that is judged is the one that is connected to, so a name that resolves
 * differently a moment later gains nothing, and every redirect is judged like the first request. Proxy variables of the
 * environment are not read.
 */
export function createArtifactSource(options: ArtifactSourceOptions = {}): ArtifactSource & { close(): Promise<void> } {
  const limits = { ...LIMITS, ...options.limits };
  const door: Door = {
    limits,
    checked: agentOf(limits, options, true),
    unchecked: agentOf(limits, options, false),
  };
  return {
    open: (request, signal) => open(door, request, signal),
    async close() {
      await Promise.all([door.checked.destroy(), door.unchecked.destroy()]);
    },
  };
}

interface Door {
  readonly limits: ArtifactLimits;
  readonly checked: Agent;
  readonly unchecked: Agent;
}

type LookupCallback = (error: Error | null, addresses: readonly LookupAddress[]) => void;

function agentOf(limits: ArtifactLimits, { resolve = resolveAll, ca }: ArtifactSourceOptions, check: boolean): Agent {
  const lookup = (host: string, _options: unknown, callback: LookupCallback): void => {
    resolve(host).then(
      (addresses) => {
        const refusal = check ? restrictedHost(host, addresses) : undefined;
        if (refusal === undefined) callback(null, addresses);
        else callback(refusal, []);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), []),
    );
  };
  return new Agent({
    connections: 4,
    keepAliveTimeout: 1000,
    headersTimeout: limits.silenceMs,
    bodyTimeout: limits.silenceMs,
    // Node then asks for all addresses of a name at once, and connects to those only.
    connect: {
      lookup,
      timeout: limits.silenceMs,
      autoSelectFamily: true,
      ...(ca === undefined ? {} : { ca }),
    } as object,
  });
}

function resolveAll(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

/** One address outside the public internet is enough: whoever owns the name chooses which of them is used. */
function restrictedHost(host: string, addresses: readonly LookupAddress[]): FailureError | undefined {
  for (const { address } of addresses) {
    const range = restrictedRange(address);
    if (range === undefined) continue;
    const what = host === address ? `${host}` : `${host}, which is ${address}`;
    return refused(`host ${what}: the address is ${range}, and ${RESTRICTED_HOSTS} is true`);
  }
  return undefined;
}

async function open(door: Door, request: ArtifactRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const first = new URL(request.url);
  let url = first;
  for (let redirects = 0; ; redirects++) {
    judge(url, request);
    const answer = await get(door, { url, sameOrigin: url.origin === first.origin, request }, signal);
    const { location } = answer.headers;
    if (answer.statusCode < 300 || answer.statusCode >= 400 || location === undefined)
      return contentOf(door, url, answer);
    await answer.body.dump();
    if (redirects === door.limits.maxRedirects) {
      throw refused(`${shown(first)} redirects more than ${door.limits.maxRedirects} times`);
    }
    url = redirectOf(url, String(location));
  }
}

function redirectOf(url: URL, location: string): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (next === undefined) throw refused(`${shown(url)} redirects to something that is no URL`);
  return next;
}

/** What can be said before a name is resolved. An address given as such is never looked up, so it is judged here. */
function judge(url: URL, { allowedSchemes, restrictedHosts }: ArtifactRequest): void {
  const scheme = url.protocol.slice(0, -1);
  if ((scheme !== 'http' && scheme !== 'https') || !allowedSchemes.includes(scheme)) {
    throw refused(`${shown(url)}: scheme ${scheme} is not one of ${ALLOWED_SCHEMES} (${allowedSchemes.join(', ')})`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (restrictedHosts === 'allowed' || parseIpAddress(host) === undefined) return;
  const refusal = restrictedHost(host, [{ address: host, family: 0 }]);
  if (refusal !== undefined) throw refusal;
}

interface Hop {
  readonly url: URL;
  readonly sameOrigin: boolean;
  readonly request: ArtifactRequest;
}

async function get(
  door: Door,
  { url, sameOrigin, request }: Hop,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const dispatcher = request.restrictedHosts === 'allowed' ? door.unchecked : door.checked;
  const headers = sameOrigin ? Object.fromEntries(request.headers) : {};
  try {
    return await dispatcher.request({ ...placeOf(url), method: 'GET', headers, signal });
  } catch (error) {
    throw failureOf(url, error);
  }
}

function failureOf(url: URL, error: unknown): FailureError {
  if (error instanceof FailureError) return error;
  const code = (error as { code?: unknown }).code;
  const said = error instanceof Error && error.message !== '' ? error.message : String(code ?? error);
  const message = `${shown(url)}: ${said}`;
  const failure: Failure = code === 'ENOTFOUND' ? gone(message) : { kind: 'transient', message };
  return new FailureError(failure, { cause: error });
}

async function contentOf(door: Door, url: URL, answer: Dispatcher.ResponseData): Promise<AsyncIterable<Uint8Array>> {
  const { statusCode, headers, body } = answer;
  // Whoever reads gets the error thrown; a body that nobody reads must not end the process with it.
  body.on('error', () => undefined);
  if (statusCode === 200) {
    const announced = Number(headers['content-length'] ?? 0);
    if (announced <= door.limits.maxBytes) return limited(door, url, body);
    body.destroy();
    throw new FailureError(gone(tooLarge(door, url)));
  }
  await body.dump();
  const message = `${shown(url)} answered ${statusCode}`;
  const final = statusCode < 500 && statusCode !== 408 && statusCode !== 429;
  throw new FailureError(final ? gone(message) : { kind: 'transient', message });
}

async function* limited(door: Door, url: URL, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let read = 0;
  try {
    for await (const chunk of body) {
      read += chunk.byteLength;
      if (read > door.limits.maxBytes) throw new FailureError(gone(tooLarge(door, url)));
      yield chunk;
    }
  } catch (error) {
    throw failureOf(url, error);
  }
}

function tooLarge({ limits }: Door, url: URL): string {
  return `${shown(url)} is larger than ${limits.maxBytes} bytes`;
}

/** A URL as messages show it: without a password and without its query, which may hold a signature. */
function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function refused(message: string): FailureError {
  return new FailureError({ kind: 'stalled', reason: 'ArtifactRefused', message });
}

function gone(message: string): Failure {
  return { kind: 'stalled', reason: 'ArtifactNotAvailable', message };
}
