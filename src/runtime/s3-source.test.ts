import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Failure, FailureError } from '../core/failure.ts';
import type { ArtifactRequest, S3Settings } from '../core/ports.ts';
import { type ArtifactSourceOptions, createArtifactSource } from './artifact-source.ts';
import { type S3Server, type S3ServerOptions, startS3Server } from './testing/s3-server.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const NOW = Date.parse('2026-11-29T09:00:00Z');
const KEYS = { accessKeyId: 'AKID', secretAccessKey: 'canary-secret' };
const OBJECTS = { 'jars/team/a.jar': 'content', "jars/ü b/+%20!'()*;@&=.jar": 'odd', 'my.jars/a.jar': 'dotted' };
const REQUEST = {
  headers: new Map([['authorization', 'Bearer of-a-user']]),
  allowedSchemes: ['https', 's3', 's3a'],
  restrictedHosts: 'refused',
} as const;

async function store(options: Partial<S3ServerOptions> = {}): Promise<S3Server> {
  const keys = () => ({ [KEYS.accessKeyId]: { secret: KEYS.secretAccessKey } });
  const server = await startS3Server({ objects: OBJECTS, region: 'us-east-1', keys, now: () => NOW, ...options });
  closing.push(() => server.close());
  return server;
}

function settingsOf({ port }: S3Server, more: Partial<S3Settings> = {}): S3Settings {
  const endpoint = { option: 's3.endpoint', text: `http://127.0.0.1:${port}` };
  return { endpoint, pathStyle: true, keys: KEYS, ...more };
}

type Given = Pick<ArtifactRequest, 'url'> & Partial<ArtifactRequest>;
type Options = Omit<ArtifactSourceOptions, 's3'> & { readonly s3?: S3Settings };

async function read(request: Given, { s3, ...options }: Options): Promise<string> {
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const clock = { now: () => NOW };
  const source = createArtifactSource({ resolve, clock, ...(s3 === undefined ? {} : { s3: () => s3 }), ...options });
  closing.push(() => source.close());
  const chunks: Uint8Array[] = [];
  const content = await source.open({ ...REQUEST, ...request }, new AbortController().signal);
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failure(...given: Parameters<typeof read>): Promise<Failure> {
  const error = await read(...given).catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError)) throw new Error(`expected a FailureError, got ${String(error)}`);
  expect(error.message).not.toMatch(/canary|AKID/);
  return error.failure;
}

describe('an object in S3', () => {
  it('is read with a signature, from the private address of a store that the operator names', async () => {
    const server = await store();
    expect(await read({ url: 's3://jars/team/a.jar' }, { s3: settingsOf(server) })).toBe('content');
    expect(await read({ url: "s3a://jars/ü b/+%20!'()*;@&=.jar" }, { s3: settingsOf(server) })).toBe('odd');
    expect(server.asked[0]).toBe(`GET 127.0.0.1:${server.port}/jars/team/a.jar -> 200`);
  });

  it('is read from a host of its bucket, unless the bucket or the host cannot be part of one', async () => {
    const server = await store({ host: 's3.test' });
    const at = (host: string): Options => ({
      s3: settingsOf(server, {
        pathStyle: false,
        endpoint: { option: 's3.endpoint', text: `http://${host}:${server.port}` },
      }),
    });
    expect(await read({ url: 's3://jars/team/a.jar' }, at('s3.test'))).toBe('content');
    expect(await read({ url: 's3://my.jars/a.jar' }, at('s3.test'))).toBe('dotted');
    expect(await read({ url: 's3://jars/team/a.jar' }, at('minio'))).toBe('content');
    expect(server.asked.map((line) => line.replaceAll(`:${server.port}`, ''))).toEqual([
      'GET jars.s3.test/team/a.jar -> 200',
      'GET s3.test/my.jars/a.jar -> 200',
      'GET minio/jars/team/a.jar -> 200',
    ]);
  });

  it.each<[string, Partial<S3ServerOptions>]>([
    ['by an answer to the signature', {}],
    [
      'by a redirect, which itself is not followed',
      {
        first({ headers }: IncomingMessage, answer: ServerResponse) {
          if (headers.authorization?.includes('/eu-central-1/')) return false;
          const moved = { 'x-amz-bucket-region': 'eu-central-1', location: 'http://elsewhere.test/' };
          answer.writeHead(301, moved).end();
          return true;
        },
      },
    ],
  ])('in another region is read there, told %s', async (_how, options) => {
    const server = await store({ region: 'eu-central-1', ...options });
    expect(await read({ url: 's3://jars/team/a.jar' }, { s3: settingsOf(server) })).toBe('content');
    expect(server.asked.length).toBe(2);
  });

  it('is not looked for in one region after another', async () => {
    let asked = 0;
    const server = await store({
      first(_request, answer) {
        asked++;
        answer.writeHead(301, { 'x-amz-bucket-region': `eu-west-${asked}` }).end();
        return true;
      },
    });
    expect(await failure({ url: 's3://jars/team/a.jar' }, { s3: settingsOf(server) })).toMatchObject({
      kind: 'stalled',
      message: 's3://jars/team/a.jar answered 301',
    });
    expect(asked).toBe(2);
  });

  it('is not asked for where a redirect leads', async () => {
    const first = (_request: IncomingMessage, answer: ServerResponse): boolean => {
      answer.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      return true;
    };
    const server = await store({ first });
    expect(await failure({ url: 's3://jars/team/a.jar' }, { s3: settingsOf(server) })).toMatchObject({
      kind: 'stalled',
      reason: 'ArtifactNotAvailable',
      message: 's3://jars/team/a.jar answered 302',
    });
    expect(server.asked.length).toBe(1);
  });

  it('is not reached by a redirect of a web server', async () => {
    const server = await store({
      first(_request, answer) {
        answer.writeHead(302, { location: 's3://jars/team/a.jar' }).end();
        return true;
      },
    });
    const allowed = { allowedSchemes: ['http', 's3'], restrictedHosts: 'allowed' } as const;
    const url = `http://jars.test:${server.port}/a.jar`;
    expect(await failure({ url, ...allowed }, { s3: settingsOf(server) })).toMatchObject({
      kind: 'stalled',
      reason: 'ArtifactRefused',
    });
  });

  it('is refused by what the operator allows, before anything is asked', async () => {
    const server = await store();
    const refusal = async (request: Given): Promise<string> => {
      const told = await failure(request, { s3: settingsOf(server) });
      expect(told).toMatchObject({ kind: 'stalled', reason: 'ArtifactRefused' });
      return told.message;
    };
    const url = 's3://jars/team/a.jar';
    expect(await refusal({ url, allowedSchemes: ['https'] })).toContain('scheme s3 is not one of');
    expect(await refusal({ url, s3Prefixes: ['jars/tea', 'other'] })).toContain(
      's3.allowed-prefixes (jars/tea, other)',
    );
    expect(await refusal({ url: 's3://canary@jars/a.jar' })).toContain('s3://bucket/key');
    expect(await read({ url, s3Prefixes: ['jars/team'] }, { s3: settingsOf(server) })).toBe('content');
    expect(server.asked.length).toBe(1);
  });

  it.each<[string, Partial<S3Settings>, string, Failure['kind']]>([
    ['s3://jars/none.jar', {}, '404 NoSuchKey', 'stalled'],
    [
      's3://jars/team/a.jar',
      { keys: { ...KEYS, secretAccessKey: 'canary-other' } },
      '403 SignatureDoesNotMatch',
      'stalled',
    ],
    ['s3://jars/team/a.jar', { keys: { ...KEYS, accessKeyId: 'AKID2' } }, '403 InvalidAccessKeyId', 'stalled'],
    ['s3://jars/team/a.jar', { keys: { ...KEYS, sessionToken: 'canary-token' } }, '400 ExpiredToken', 'transient'],
  ])('%s with %j fails: %s', async (url, more, said, kind) => {
    const server = await store();
    const told = await failure({ url }, { s3: settingsOf(server, more) });
    expect(told).toMatchObject({ kind, message: `${url} answered ${said}` });
  });

  it.each([
    [
      403,
      'AccessDenied',
      'stalled',
      ": the operator's credentials do not allow s3:GetObject, or there is no such object",
    ],
    [503, 'SlowDown', 'transient', ''],
  ])('that is answered by %s %s is a %s failure', async (status, code, kind, hint) => {
    const first = (_request: IncomingMessage, answer: ServerResponse): boolean => {
      answer.writeHead(status).end(`<Error><Code>${code}</Code>${'canary '.repeat(20_000)}</Error>`);
      return true;
    };
    const server = await store({ first });
    const url = 's3://jars/team/a.jar';
    const told = await failure({ url }, { s3: settingsOf(server) });
    expect(told).toMatchObject({ kind, message: `${url} answered ${status} ${code}${hint}` });
  });

  it('that is too large is refused', async () => {
    const server = await store();
    const told = await failure({ url: 's3://jars/team/a.jar' }, { s3: settingsOf(server), limits: { maxBytes: 6 } });
    expect(told).toMatchObject({ kind: 'stalled', message: 's3://jars/team/a.jar is larger than 6 bytes' });
  });

  it('fails for the time being where the store does not answer', async () => {
    const server = await store();
    await server.close();
    const told = await failure({ url: 's3://jars/team/a.jar' }, { s3: settingsOf(server) });
    expect(told.kind).toBe('transient');
  });

  it('is not asked for without credentials', async () => {
    const server = await store();
    const { keys, ...anonymous } = settingsOf(server);
    const told = await failure({ url: 's3://jars/team/a.jar' }, { s3: anonymous });
    expect(told).toMatchObject({ kind: 'stalled', reason: 'ArtifactRefused' });
    expect(told.message).toMatch(
      /^s3:\/\/jars\/team\/a\.jar: the operator has no credentials for S3.*AWS_ACCESS_KEY_ID/,
    );
    expect(server.asked).toEqual([]);
  });

  it('is read with what the environment says where the configuration says nothing', async () => {
    const server = await store({
      region: 'eu-west-1',
      keys: () => ({ AKID: { secret: 'canary-secret', token: 'canary-token' } }),
    });
    const env = {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'canary-secret',
      AWS_SESSION_TOKEN: 'canary-token',
    };
    expect(await read({ url: 's3://jars/team/a.jar' }, { env })).toBe('content');
    expect(server.asked.length).toBe(1);
  });
});
