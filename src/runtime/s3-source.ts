import aws4 from 'aws4';
import type { Dispatcher } from 'undici';
import { FailureError } from '../core/failure.ts';
import type { ArtifactRequest, S3Keys, S3Settings } from '../core/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { isBelow, parseS3Object, type S3Object } from '../lib/s3-object.ts';
import {
  type ArtifactLimits,
  answered,
  contentOf,
  failureOf,
  refused,
  type SmallAnswer,
  smallAnswer,
} from './artifact-answer.ts';
import { type AwsCredentials, type CredentialsRequest, createAwsCredentials, xmlText } from './aws-credentials.ts';
import { type Environment, isRegion, s3StoreOf } from './aws-places.ts';
import { placeOf } from './undici.ts';

/** What objects are read with. */
export interface S3SourceOptions {
  /** Connects to any address: no user says where S3 is. */
  readonly dispatcher: Dispatcher;
  readonly limits: ArtifactLimits;
  readonly settings: () => S3Settings;
  readonly env: Environment;
  readonly clock: Clock;
}

/** Reads objects of S3. */
export interface S3Source {
  /** As ArtifactSource; the scheme was judged. */
  open(request: ArtifactRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Reads objects with the operator's own credentials, signed by Signature V4. Where S3 is, only the operator's configuration and
 * environment say: redirects are not followed, but for one to another region, which leads to that region's own endpoint.
 */
export function createS3Source(options: S3SourceOptions): S3Source {
  const { dispatcher, limits, env, clock } = options;
  // Not ended with a single pass: others may wait for the same credentials.
  const ask = (url: URL, request: CredentialsRequest): Promise<SmallAnswer> =>
    dispatcher
      .request({ ...placeOf(url), ...request, signal: AbortSignal.timeout(limits.silenceMs) })
      .then(smallAnswer)
      .catch((error: unknown) => {
        const { message } = failureOf(url.host, error);
        throw new FailureError({ kind: 'transient', message: `the operator has no AWS credentials: ${message}` });
      });
  const credentials = createAwsCredentials({ env, clock, ask });
  return { open: (request, signal) => open({ ...options, credentials }, request, signal) };
}

interface Parts extends S3SourceOptions {
  readonly credentials: AwsCredentials;
}

async function open(parts: Parts, request: ArtifactRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const object = judged(request);
  const name = request.url;
  const settings = parts.settings();
  const store = s3StoreOf(settings, parts.env);
  const keys = settings.keys ?? (await parts.credentials.current());
  if (keys === undefined) throw refused(`${name}: ${NO_CREDENTIALS}`);
  const get = (region: string): Promise<Dispatcher.ResponseData> =>
    signedGet(parts, { url: store.urlOf(object, region), region, keys }, signal);
  try {
    const answer = await get(store.region);
    if (answer.statusCode === 200) return contentOf(parts.limits, name, answer);
    const error = await smallAnswer(answer);
    const region = regionTold(error);
    if (region === undefined || region === store.region) throw told(parts, name, error);
    const second = await get(region);
    if (second.statusCode === 200) return contentOf(parts.limits, name, second);
    throw told(parts, name, await smallAnswer(second));
  } catch (error) {
    throw failureOf(name, error);
  }
}

const NO_CREDENTIALS =
  'the operator has no credentials for S3. Whoever runs it gives its service account a role (IRSA or EKS Pod Identity), or sets ' +
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, or s3.access-key and s3.secret-key in its configuration; what ' +
  'everyone may read has an https URL';

function judged({ url, s3Prefixes }: ArtifactRequest): S3Object {
  const object = parseS3Object(url);
  if (object === undefined) throw refused('a jar in S3 is named as s3://bucket/key');
  if (s3Prefixes === undefined || isBelow(object, s3Prefixes)) return object;
  throw refused(
    `${url}: is not below kubernetes.operator.user.artifacts.s3.allowed-prefixes (${s3Prefixes.join(', ')})`,
  );
}

interface SignedGet {
  readonly url: URL;
  readonly region: string;
  readonly keys: S3Keys;
}

function signedGet(
  { dispatcher, clock }: Parts,
  { url, region, keys }: SignedGet,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const headers = {
    host: url.host,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  };
  const signed = aws4.sign({ method: 'GET', service: 's3', region, host: url.host, path: url.pathname, headers }, keys);
  return dispatcher.request({
    ...placeOf(url),
    method: 'GET',
    headers: signed.headers as Record<string, string>,
    signal,
  });
}

/** The region a bucket is in, where an answer says that it is another (301 and 307, or 400 for the signature). */
function regionTold({ status, headers, text }: SmallAnswer): string | undefined {
  if (status !== 301 && status !== 307 && status !== 400) return undefined;
  const region = headers['x-amz-bucket-region'] ?? xmlText(text, 'Region');
  return typeof region === 'string' && isRegion(region) ? region : undefined;
}

/** Codes of S3 for what passes by itself: the next attempt has other credentials or another time. */
const PASSING = /^(ExpiredToken|InvalidToken|TokenRefreshRequired|RequestTimeTooSkewed)$/;

/** Without s3:ListBucket S3 says this of an object that is not there, too. */
const DENIED = ": the operator's credentials do not allow s3:GetObject, or there is no such object";

/** Only the code of an error is shown: its message may name keys. */
function told({ credentials }: Parts, name: string, { status, text }: SmallAnswer): FailureError {
  const code = xmlText(text, 'Code') ?? '';
  const hint = code === 'AccessDenied' ? DENIED : '';
  const message = `${name} answered ${status}${code === '' ? '' : ` ${code}`}${hint}`;
  if (!PASSING.test(code)) return answered(status, message);
  credentials.forget();
  return new FailureError({ kind: 'transient', message });
}
