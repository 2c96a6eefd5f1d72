import { readFile } from 'node:fs/promises';
import { FailureError } from '../core/failure.ts';
import type { S3Keys } from '../core/ports.ts';
import type { Clock } from '../lib/clock.ts';
import type { SmallAnswer } from './artifact-answer.ts';
import { awsHost, type Environment, environmentEndpoint, environmentRegion } from './aws-places.ts';

/** A request to a service that gives credentials. */
export interface CredentialsRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What credentials are looked for with. */
export interface AwsCredentialsOptions {
  readonly env: Environment;
  readonly clock: Clock;
  /** Asks a service; rejects with a FailureError where it does not answer. */
  readonly ask: (url: URL, request: CredentialsRequest) => Promise<SmallAnswer>;
}

/** Credentials of the operator's own pod, renewed before they end. */
export interface AwsCredentials {
  /** Undefined where the environment names none. Throws FailureError `transient` where it names some that cannot be had. */
  current(): Promise<S3Keys | undefined>;
  /** Drops what is held, after it was said to be of no use any more. */
  forget(): void;
}

interface Lasting {
  readonly keys: S3Keys;
  /** When they end, in milliseconds since the epoch. */
  readonly until: number;
}

/** New ones are asked for so long before the end; those held are used to within a minute of it where none can be had. */
const EARLY_MS = 5 * 60_000;
const LAST_MS = 60_000;

/**
 * Looks where AWS's SDKs look in a pod, in their order: keys in the environment, a web identity (IRSA), a container's
 * credentials (EKS Pod Identity). The metadata of the instance is never asked: the node's role is that of everything on the
 * node, and nobody gave it to the operator.
 */
export function createAwsCredentials(options: AwsCredentialsOptions): AwsCredentials {
  const { clock } = options;
  const source = sourceOf(options);
  let held: Lasting | undefined;
  let asking: Promise<Lasting> | undefined;
  const lasts = (ms: number): boolean => held !== undefined && held.until - clock.now() > ms;
  const renewed = async (ask: () => Promise<Lasting>): Promise<S3Keys> => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    held = await asking;
    return held.keys;
  };
  return {
    async current() {
      if (source === undefined) return undefined;
      if (lasts(EARLY_MS)) return held?.keys;
      try {
        return await renewed(source);
      } catch (error) {
        if (lasts(LAST_MS)) return held?.keys;
        throw error;
      }
    },
    forget() {
      held = undefined;
    },
  };
}

function sourceOf(options: AwsCredentialsOptions): (() => Promise<Lasting>) | undefined {
  const { env } = options;
  const [accessKeyId = '', secretAccessKey = ''] = [env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY];
  if (accessKeyId !== '' && secretAccessKey !== '') {
    const keys = { accessKeyId, secretAccessKey, ...tokenOf(env.AWS_SESSION_TOKEN) };
    return () => Promise.resolve({ keys, until: Number.POSITIVE_INFINITY });
  }
  const [tokenFile = '', roleArn = ''] = [env.AWS_WEB_IDENTITY_TOKEN_FILE, env.AWS_ROLE_ARN];
  if (tokenFile !== '' && roleArn !== '') return () => fromWebIdentity(options, tokenFile, roleArn);
  const uri = env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '';
  return uri === '' ? undefined : () => fromContainer(options, uri);
}

function tokenOf(text: string | undefined): Pick<S3Keys, 'sessionToken'> {
  return text === undefined || text === '' ? {} : { sessionToken: text };
}

/** STS, AssumeRoleWithWebIdentity (API version 2011-06-15), which is asked without a signature. */
async function fromWebIdentity(
  { env, ask }: AwsCredentialsOptions,
  tokenFile: string,
  roleArn: string,
): Promise<Lasting> {
  const region = environmentRegion(env);
  const url = environmentEndpoint(env, 'AWS_ENDPOINT_URL_STS') ?? new URL(`https://${awsHost('sts', region)}/`);
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: env.AWS_ROLE_SESSION_NAME || 'weir',
    WebIdentityToken: await tokenIn('AWS_WEB_IDENTITY_TOKEN_FILE', tokenFile),
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await ask(url, { method: 'POST', headers, body: body.toString() });
  return lastingOf(`${url.host} (AWS_ROLE_ARN)`, answer, {
    field: (name) => xmlText(answer.text, name),
    token: 'SessionToken',
  });
}

/** Hosts that AWS's SDKs send a container's token to without TLS: the pod itself, and the agents of ECS and EKS on its node. */
const AGENTS = ['localhost', '127.0.0.1', '[::1]', '169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'];

/** The container credentials provider, as EKS Pod Identity sets it up. */
async function fromContainer({ env, ask }: AwsCredentialsOptions, uri: string): Promise<Lasting> {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (
    url === undefined ||
    (url.protocol !== 'https:' && !(url.protocol === 'http:' && AGENTS.includes(url.hostname)))
  ) {
    throw lacking(`AWS_CONTAINER_CREDENTIALS_FULL_URI must be an https URL, or http and one of ${AGENTS.join(', ')}`);
  }
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file = '', AWS_CONTAINER_AUTHORIZATION_TOKEN: token = '' } = env;
  const authorization = file === '' ? token : await tokenIn('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', file);
  const answer = await ask(url, { method: 'GET', headers: authorization === '' ? {} : { authorization } });
  const fields = jsonFields(answer.text);
  return lastingOf(`${url.host} (AWS_CONTAINER_CREDENTIALS_FULL_URI)`, answer, {
    field: (name) => fields.get(name),
    token: 'Token',
  });
}

/** Kubelets replace these files, so they are read each time. */
async function tokenIn(variable: string, file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw lacking(`the file of ${variable} cannot be read (${error.code})`);
  });
  if (text.trim() === '') throw lacking(`the file of ${variable} is empty`);
  return text.trim();
}

interface Fields {
  readonly field: (name: string) => string | undefined;
  /** What the session token is called. */
  readonly token: string;
}

/** Nothing of an answer is shown but its code: the rest may be a secret. */
function lastingOf(who: string, { status, text }: SmallAnswer, { field, token }: Fields): Lasting {
  if (status !== 200) {
    const code = xmlText(text, 'Code');
    throw lacking(`${who} answered ${status}${code === undefined ? '' : ` ${code}`}`);
  }
  const [accessKeyId, secretAccessKey] = [field('AccessKeyId'), field('SecretAccessKey')];
  const until = Date.parse(field('Expiration') ?? '');
  if (accessKeyId === undefined || secretAccessKey === undefined || Number.isNaN(until)) {
    throw lacking(`${who} gave an answer without AccessKeyId, SecretAccessKey or Expiration`);
  }
  return { keys: { accessKeyId, secretAccessKey, ...tokenOf(field(token)) }, until };
}

function lacking(message: string): FailureError {
  return new FailureError({ kind: 'transient', message: `the operator has no AWS credentials: ${message}` });
}

/** The text of the first element of a name in an answer of AWS; undefined where it is longer or holds more than these words may. */
export function xmlText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([\\w.:/+=-]{1,8192})</${name}>`).exec(xml)?.[1];
}

function jsonFields(text: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Map(); // told as an answer that lacks them
  }
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
