import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a store for tests has and asks for. */
export interface S3ServerOptions {
  /** Content by `bucket/key`. */
  readonly objects: Readonly<Record<string, string>>;
  /** The region signatures must be for. */
  readonly region: string;
  /** Secrets and tokens by access key; asked for each request. */
  readonly keys: () => Readonly<Record<string, { readonly secret: string; readonly token?: string }>>;
  /** In milliseconds since the epoch. */
  readonly now: () => number;
  /** Host name behind that of the bucket, where the bucket is not in the path. */
  readonly host?: string;
  /** Answers before all else, if it returns true. */
  readonly first?: (request: IncomingMessage, answer: ServerResponse) => boolean;
}

/** A store on loopback that checks Signature V4 by its rules, and not by the library that made it. */
export interface S3Server {
  readonly port: number;
  /** `METHOD host/path -> status` of what was asked. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Starts a store that answers as S3 does: GET of objects with unsigned payload, errors as XML. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const asked: string[] = [];
  const server = createServer((request, answer) => {
    answer.on('finish', () =>
      asked.push(`${request.method} ${request.headers.host}${request.url} -> ${answer.statusCode}`),
    );
    if (options.first?.(request, answer)) return;
    const error = signatureError(options, request);
    if (error !== undefined) return refuse(answer, error, options.region);
    const content = options.objects[pathOf(options, request)];
    if (content === undefined) refuse(answer, [404, 'NoSuchKey'], options.region);
    else answer.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type S3Error = readonly [status: number, code: string];

function refuse(answer: ServerResponse, [status, code]: S3Error, region: string): void {
  const where = code === 'AuthorizationHeaderMalformed' ? `<Region>${region}</Region>` : '';
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>AKID told here</Message>${where}</Error>`;
  answer.writeHead(status, { 'content-type': 'application/xml' }).end(xml);
}

function pathOf({ host }: S3ServerOptions, { headers, url = '' }: IncomingMessage): string {
  const path = decodeURIComponent(url.slice(1));
  const name = (headers.host ?? '').split(':')[0] ?? '';
  return host !== undefined && name.endsWith(`.${host}`) ? `${name.slice(0, -host.length - 1)}/${path}` : path;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** AWS, "Authenticating Requests: Using the Authorization Header (Signature Version 4)". */
function signatureError(options: S3ServerOptions, request: IncomingMessage): S3Error | undefined {
  const { headers } = request;
  const [, id = '', day = '', region = '', names = '', signature = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (id === '') return [403, 'AccessDenied'];
  if (region !== options.region) return [400, 'AuthorizationHeaderMalformed'];
  const key = options.keys()[id];
  if (key === undefined) return [403, 'InvalidAccessKeyId'];
  if (headers['x-amz-security-token'] !== key.token) return [400, 'ExpiredToken'];
  const date = String(headers['x-amz-date']);
  if (Math.abs(timeOf(date) - options.now()) > 15 * 60_000) return [403, 'RequestTimeTooSkewed'];
  const signed = names.split(';');
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const canonical = [
    request.method,
    request.url,
    '',
    ...signed.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${key.secret}`));
  const whole = needed.every((name) => signed.includes(name)) && date.startsWith(day);
  return whole && hmac(signingKey, text).toString('hex') === signature ? undefined : [403, 'SignatureDoesNotMatch'];
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
