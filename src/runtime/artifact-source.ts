import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { Dispatcher } from 'undici';
import type { FailureError } from '../core/failure.ts';
import type { ArtifactRequest, ArtifactSource, S3Settings } from '../core/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { parseIpAddress, restrictedRange } from '../lib/ip-address.ts';
import { S3_SCHEMES } from '../lib/s3-object.ts';
import { type ArtifactLimits, answered, contentOf, failureOf, refused } from './artifact-answer.ts';
import type { Environment } from './aws-places.ts';
import { createS3Source } from './s3-source.ts';
import { systemTime } from './time.ts';
import { Agent, placeOf } from './undici.ts';

/** What an artifact source is made with; what is not about S3 is for tests. */
export interface ArtifactSourceOptions {
  /** What the operator's configuration says of S3 now; without it only the environment says something. */
  readonly s3?: () => S3Settings;
  /** Where region, endpoints and credentials of AWS are looked for; nowhere without it. */
  readonly env?: Environment;
  readonly clock?: Clock;
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
 * Reads artifacts by http and https, and from S3. Of http and https the address that is judged is the one that is connected
 * to, so a name that resolves differently a moment later gains nothing, and every redirect is judged like the first request; a
 * redirect to S3 is refused. Proxy variables of the environment are not read.
 */
export function createArtifactSource(options: ArtifactSourceOptions = {}): ArtifactSource & { close(): Promise<void> } {
  const limits = { ...LIMITS, ...options.limits };
  const unchecked = agentOf(limits, options, false);
  const { s3: settings = () => ({ pathStyle: false }), env = {}, clock = systemTime } = options;
  const s3 = createS3Source({ dispatcher: unchecked, limits, settings, env, clock });
  const door: Door = { limits, checked: agentOf(limits, options, true), unchecked };
  return {
    async open(request, signal) {
      const first = new URL(request.url);
      if (!S3_SCHEMES.includes(schemeOf(first))) return open(door, request, signal);
      judgeScheme(first, request, S3_SCHEMES);
      return s3.open(request, signal);
    },
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
    if (answer.statusCode === 200) return contentOf(door.limits, shown(url), answer);
    await answer.body.dump();
    if (answer.statusCode < 300 || answer.statusCode >= 400 || location === undefined) {
      throw answered(answer.statusCode, `${shown(url)} answered ${answer.statusCode}`);
    }
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

function schemeOf({ protocol }: URL): string {
  return protocol.slice(0, -1);
}

function judgeScheme(url: URL, { allowedSchemes }: ArtifactRequest, fetched: readonly string[]): void {
  const scheme = schemeOf(url);
  if (fetched.includes(scheme) && allowedSchemes.includes(scheme)) return;
  throw refused(`${shown(url)}: scheme ${scheme} is not one of ${ALLOWED_SCHEMES} (${allowedSchemes.join(', ')})`);
}

/** What can be said before a name is resolved. An address given as such is never looked up, so it is judged here. */
function judge(url: URL, request: ArtifactRequest): void {
  judgeScheme(url, request, ['http', 'https']);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (request.restrictedHosts === 'allowed' || parseIpAddress(host) === undefined) return;
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
    throw failureOf(shown(url), error);
  }
}

/** A URL as messages show it: without a password and without its query, which may hold a signature. */
function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
