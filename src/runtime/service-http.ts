import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError } from '../core/failure.ts';
import type { ServiceHttp, ServiceRequest } from '../core/ports.ts';
import { hasMorePartsThan } from '../lib/json-parts.ts';
import { KubeError } from './classify-failure.ts';
import type { KubeClient } from './kube-client.ts';
import { multipart } from './multipart.ts';
import { resettingConnector } from './resetting-connector.ts';
import { type Guarded, guarded } from './send-guard.ts';
import { Agent, placeOf } from './undici.ts';
import { wholeAnswer } from './whole-answer.ts';

/** Largest answer that is read; a job's own REST server is not trusted to be small. */
const MAX_BODY = 8 * 1024 * 1024;

/** Most lists, objects and commas in it: a job of a thousand vertices has some 50 thousand (REST API of Flink 2.1). */
const MAX_PARTS = 200_000;

/** Access to Services, and the end of its connections, as of KubeClient. */
export interface ClosableServiceHttp extends ServiceHttp {
  close(): Promise<void>;
}

/** Whom to trust, and who to be, over TLS; PEM. The host name of a Service must be in its certificate. */
export interface ServiceTls {
  /** Certificates of authorities; those of Node.js where there are none. */
  readonly ca?: Buffer;
  /** What the operator shows of itself where Services ask for it. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/**
 * Reads `ca.crt`, `tls.crt` and `tls.key` of a folder, as a Secret of type kubernetes.io/tls is mounted; each may be
 * missing. Throws an Error when a file cannot be read.
 */
export function readServiceTls(folder: string): ServiceTls {
  const read = (file: string): Buffer | undefined => {
    const path = join(folder, file);
    return existsSync(path) ? readFileSync(path) : undefined;
  };
  const [ca, cert, key] = [read('ca.crt'), read('tls.crt'), read('tls.key')];
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

/** How Services are reached by name. */
export interface DnsServiceOptions {
  /** Replaces the origin, for tests. */
  readonly resolve?: (request: ServiceRequest) => string;
  readonly tls?: ServiceTls;
  /** Milliseconds left in which something may be changed (see LeaderElection.writeBudgetMs); questions may be asked at any time. */
  readonly budgetMs?: () => number;
}

/** Reaches Services by DNS name (`<service>.<namespace>`), for an operator that runs as a pod. */
export function createDnsServiceHttp({ resolve = origin, tls, budgetMs }: DnsServiceOptions = {}): ClosableServiceHttp {
  const agent = new Agent({
    connect: resettingConnector({ ...tls, timeout: 2000 }),
    connections: 2,
    keepAliveTimeout: 30_000,
    maxResponseSize: MAX_BODY,
  });
  const dispatcher = guarded(agent);
  return {
    async request(request, signal) {
      try {
        const options = { method: request.method, ...contentOf(request), ...guardOf(request, budgetMs) };
        const place = placeOf(new URL(`${resolve(request)}${request.path}`));
        const { status, text } = await wholeAnswer(dispatcher, { ...place, ...options }, signal);
        return { status, body: parseBody(request, text) };
      } catch (error) {
        throw error instanceof FailureError ? error : unreachable(request, error);
      }
    },
    close: () => agent.destroy(),
  };
}

function origin({ service, namespace, port, tls }: ServiceRequest): string {
  return `${tls === true ? 'https' : 'http'}://${service}.${namespace}:${port}`;
}

/** Whoever may have lost the lease must not stop or start a job that another looks after by now. */
function guardOf({ method }: ServiceRequest, budgetMs: (() => number) | undefined): Guarded {
  return method === 'GET' || budgetMs === undefined ? {} : { mayGo: () => budgetMs() > 0 };
}

/**
 * Time-outs of undici are for short questions; what takes a file, or runs a job's main method, may take as long as the signal
 * allows.
 */
function contentOf({ body, file }: ServiceRequest): object {
  if (file === undefined && body === undefined) return {};
  const { contentType, content } =
    file === undefined ? { contentType: 'application/json', content: JSON.stringify(body) } : multipart(file);
  return { body: content, headers: { 'content-type': contentType }, headersTimeout: 0 };
}

/**
 * Reaches Services through the API server's service proxy, for an operator that runs outside the cluster. For `budgetMs`
 * see DnsServiceOptions.
 */
export function createProxyServiceHttp(client: Pick<KubeClient, 'request'>, budgetMs?: () => number): ServiceHttp {
  return {
    async request(request, signal) {
      const { namespace, service, port, method, path, body, file } = request;
      const content = file === undefined ? {} : multipart(file);
      const [pathname = '', query = ''] = path.split('?');
      const proxied = {
        method,
        path: `/api/v1/namespaces/${namespace}/services/${request.tls === true ? 'https' : 'http'}:${service}:${port}/proxy${pathname}`,
        query: Object.fromEntries(new URLSearchParams(query)),
        what: describe(request),
        signal,
        ...(body === undefined ? {} : { body, contentType: 'application/json' }),
        ...content,
        ...guardOf(request, budgetMs),
      };
      try {
        return { status: 200, body: await client.request(proxied) };
      } catch (error) {
        // What the Service itself answered (404, 409) is an answer; what the proxy says of an unreachable one is not.
        if (error instanceof KubeError && error.status !== undefined && error.status < 500)
          return { status: error.status, body: undefined };
        throw error;
      }
    },
  };
}

function parseBody(request: ServiceRequest, text: string): unknown {
  if (text === '') return undefined;
  if (hasMorePartsThan(text, MAX_PARTS)) throw unusable(request, `has more than ${MAX_PARTS} values`);
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(request, 'is not JSON');
  }
}

function unusable(request: ServiceRequest, what: string): FailureError {
  return new FailureError({ kind: 'transient', message: `${describe(request)}: the answer ${what}` });
}

function unreachable(request: ServiceRequest, error: unknown): FailureError {
  const code = (error as { code?: unknown } | undefined)?.code;
  const said = error instanceof Error ? error.message : String(error);
  const message = `${describe(request)}: ${said === '' ? String(code ?? 'no answer') : said}`;
  return new FailureError({ kind: 'transient', message }, { cause: error });
}

function describe({ method, service, namespace, port, path }: ServiceRequest): string {
  return `${method} ${service}.${namespace}:${port}${path.split('?')[0]}`;
}
