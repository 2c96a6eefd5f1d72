import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Failure, FailureError } from '../core/failure.ts';
import { type CredentialsRequest, createAwsCredentials } from './aws-credentials.ts';
import type { Environment } from './aws-places.ts';

const NOW = Date.parse('2026-11-29T09:00:00Z');
const MINUTE = 60_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-aws-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Answers of a service, one after another; the last stays. */
function service(...answers: readonly (readonly [status: number, text: string])[]) {
  const asked: { readonly url: string; readonly request: CredentialsRequest }[] = [];
  const ask = async (url: URL, request: CredentialsRequest) => {
    const [status, text] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, ''];
    asked.push({ url: url.href, request });
    return { status, text, headers: {} };
  };
  return { asked, ask };
}

function credentialsOf(env: Environment, { ask }: ReturnType<typeof service>) {
  const clock = { at: NOW, now: () => clock.at };
  return { clock, ...createAwsCredentials({ env, clock, ask }) };
}

async function failure(asking: Promise<unknown>): Promise<Failure> {
  const error = await asking.catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError)) throw new Error(`expected a FailureError, got ${String(error)}`);
  expect(error.message).not.toContain('canary');
  return error.failure;
}

const ends = (ms: number): string => new Date(NOW + ms).toISOString();

function stsAnswer(id: string, until: string): readonly [number, string] {
  const fields = {
    AccessKeyId: id,
    SecretAccessKey: 'canary/secret+',
    SessionToken: 'canary=token',
    Expiration: until,
  };
  const xml = Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`);
  return [200, `<AssumeRoleWithWebIdentityResponse><Credentials>${xml.join('\n')}</Credentials></AssumeRole…>`];
}

function agentAnswer(id: string, until: string): readonly [number, string] {
  return [200, JSON.stringify({ AccessKeyId: id, SecretAccessKey: 'canary', Token: 'canary-t', Expiration: until })];
}

describe('credentials of the pod', () => {
  it('are none where the environment names none', async () => {
    const nobody = service();
    for (const env of [
      {},
      { AWS_ACCESS_KEY_ID: 'A' },
      { AWS_ROLE_ARN: 'arn' },
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: '' },
    ]) {
      expect(await credentialsOf(env, nobody).current()).toBeUndefined();
    }
    expect(nobody.asked).toEqual([]);
  });

  it('are keys of the environment before all else', async () => {
    const nobody = service();
    const env = {
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 'S',
      AWS_ROLE_ARN: 'arn',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere',
    };
    expect(await credentialsOf(env, nobody).current()).toEqual({ accessKeyId: 'A', secretAccessKey: 'S' });
    const session = credentialsOf({ ...env, AWS_SESSION_TOKEN: 'T' }, nobody);
    expect(await session.current()).toEqual({ accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' });
    expect(nobody.asked).toEqual([]);
  });
});

describe('credentials by a web identity', () => {
  async function irsa(more: Environment = {}): Promise<Environment> {
    const file = join(folder, 'token');
    await writeFile(file, 'canary.jwt\n');
    const role = { AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/weir', AWS_WEB_IDENTITY_TOKEN_FILE: file };
    return { ...role, AWS_REGION: 'eu-central-1', ...more };
  }

  it('are asked of STS in the region, with the token as it is in its file', async () => {
    const sts = service(stsAnswer('ASIA1', ends(60 * MINUTE)));
    const { current } = credentialsOf(await irsa(), sts);
    const keys = { accessKeyId: 'ASIA1', secretAccessKey: 'canary/secret+', sessionToken: 'canary=token' };
    expect(await current()).toEqual(keys);
    expect(sts.asked.map(({ url }) => url)).toEqual(['https://sts.eu-central-1.amazonaws.com/']);
    const request = sts.asked[0]?.request;
    expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::111122223333:role/weir',
      RoleSessionName: 'weir',
      WebIdentityToken: 'canary.jwt',
    });
  });

  it('are asked where and as whom the environment says', async () => {
    const sts = service(stsAnswer('ASIA1', ends(60 * MINUTE)));
    const env = await irsa({ AWS_ENDPOINT_URL_STS: 'http://minio:9000', AWS_ROLE_SESSION_NAME: 'me' });
    await credentialsOf(env, sts).current();
    expect(sts.asked[0]?.url).toBe('http://minio:9000/');
    expect(sts.asked[0]?.request.body).toContain('RoleSessionName=me');
  });

  it('are held, renewed five minutes before they end, and asked for once for all who wait', async () => {
    const sts = service(stsAnswer('ASIA1', ends(60 * MINUTE)), stsAnswer('ASIA2', ends(120 * MINUTE)));
    const { clock, current } = credentialsOf(await irsa(), sts);
    const both = await Promise.all([current(), current()]);
    expect(both.map((keys) => keys?.accessKeyId)).toEqual(['ASIA1', 'ASIA1']);
    clock.at = NOW + 54 * MINUTE;
    expect((await current())?.accessKeyId).toBe('ASIA1');
    expect(sts.asked.length).toBe(1);
    clock.at = NOW + 56 * MINUTE;
    expect((await current())?.accessKeyId).toBe('ASIA2');
    expect(sts.asked.length).toBe(2);
  });

  it('are used to their last minute where they cannot be renewed, and not after it', async () => {
    const sts = service(stsAnswer('ASIA1', ends(60 * MINUTE)), [503, '']);
    const { clock, current } = credentialsOf(await irsa(), sts);
    await current();
    clock.at = NOW + 58 * MINUTE;
    expect((await current())?.accessKeyId).toBe('ASIA1');
    clock.at = NOW + 59.5 * MINUTE;
    expect(await failure(current())).toEqual({
      kind: 'transient',
      message: 'the operator has no AWS credentials: sts.eu-central-1.amazonaws.com (AWS_ROLE_ARN) answered 503',
    });
  });

  it('are asked for again once they were said to be of no use', async () => {
    const sts = service(stsAnswer('ASIA1', ends(60 * MINUTE)), stsAnswer('ASIA2', ends(60 * MINUTE)));
    const { current, forget } = credentialsOf(await irsa(), sts);
    await current();
    forget();
    expect((await current())?.accessKeyId).toBe('ASIA2');
  });

  it.each<[string, readonly [number, string]]>([
    ['answered 403 AccessDenied', [403, '<Error><Code>AccessDenied</Code><Message>canary</Message></Error>']],
    ['answered 400', [400, 'canary']],
    ['gave an answer without AccessKeyId', [200, '<html>canary</html>']],
    ['gave an answer without AccessKeyId', stsAnswer('ASIA1', 'canary')],
  ])('cannot be had where STS %s', async (said, answer) => {
    const { current } = credentialsOf(await irsa(), service(answer));
    expect(await failure(current())).toMatchObject({ kind: 'transient', message: expect.stringContaining(said) });
  });

  it('cannot be had without the token', async () => {
    const none = credentialsOf(await irsa({ AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'none') }), service());
    expect((await failure(none.current())).message).toContain(
      'the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read (ENOENT)',
    );
    await writeFile(join(folder, 'empty'), ' \n');
    const empty = credentialsOf(await irsa({ AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'empty') }), service());
    expect((await failure(empty.current())).message).toContain('the file of AWS_WEB_IDENTITY_TOKEN_FILE is empty');
  });
});

describe('credentials of a container', () => {
  const URI = 'http://169.254.170.23/v1/credentials';

  it('are asked of the agent with the token as it is in its file', async () => {
    const agent = service(agentAnswer('ASIA1', ends(6 * 60 * MINUTE)), agentAnswer('ASIA2', ends(12 * 60 * MINUTE)));
    const file = join(folder, 'agent-token');
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file };
    const { clock, current } = credentialsOf(env, agent);
    await writeFile(file, 'first');
    expect(await current()).toEqual({ accessKeyId: 'ASIA1', secretAccessKey: 'canary', sessionToken: 'canary-t' });
    await writeFile(file, 'second');
    clock.at = NOW + 6 * 60 * MINUTE;
    expect((await current())?.accessKeyId).toBe('ASIA2');
    expect(agent.asked).toEqual([
      { url: URI, request: { method: 'GET', headers: { authorization: 'first' } } },
      { url: URI, request: { method: 'GET', headers: { authorization: 'second' } } },
    ]);
  });

  it('are asked of nobody else without TLS', async () => {
    const agent = service(agentAnswer('ASIA1', ends(60 * MINUTE)));
    const at = (uri: string) => credentialsOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri }, agent).current();
    for (const uri of ['http://169.254.169.254/', 'http://10.0.0.1/', 'ftp://localhost/', 'nowhere']) {
      expect((await failure(at(uri))).message).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI must be an https URL');
    }
    expect(agent.asked).toEqual([]);
    for (const uri of ['https://agent.example.com/', 'http://localhost:1/', 'http://[fd00:ec2::23]/v1/credentials']) {
      expect((await at(uri))?.accessKeyId).toBe('ASIA1');
    }
  });

  it.each<[string, readonly [number, string]]>([
    ['answered 404', [404, 'canary']],
    ['gave an answer without', [200, 'canary']],
    ['gave an answer without', [200, 'null']],
    ['gave an answer without', [200, '{"AccessKeyId":1,"SecretAccessKey":"canary"}']],
  ])('cannot be had where it %s', async (said, answer) => {
    const { current } = credentialsOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: URI }, service(answer));
    expect(await failure(current())).toMatchObject({ kind: 'transient', message: expect.stringContaining(said) });
  });
});
