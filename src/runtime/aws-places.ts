import type { S3Settings } from '../core/ports.ts';
import { parseIpAddress } from '../lib/ip-address.ts';
import type { S3Object } from '../lib/s3-object.ts';
import { textWithoutSecrets } from '../lib/secret.ts';
import { refused } from './artifact-answer.ts';

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the objects of S3 are. */
export interface S3Store {
  /** The region to sign for, as long as no answer names another. */
  readonly region: string;
  /** The URL of an object. AWS's own store has a host for each region, another store has the same for all. */
  urlOf(object: S3Object, region: string): URL;
}

/** Part of a host name. */
const REGION = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const DEFAULT_REGION = 'us-east-1';

/** Whether a text can be the name of a region. */
export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** The host of a service in a region, by the DNS suffix of the region's partition. */
export function awsHost(service: string, region: string): string {
  const suffix = region.startsWith('cn-') ? 'com.cn' : region.startsWith('eusc-') ? 'eu' : 'com';
  return `${service}.${region}.amazonaws.${suffix}`;
}

/** The region that the environment names, else us-east-1. Throws FailureError `stalled` ArtifactRefused for what can be none. */
export function environmentRegion(env: Environment): string {
  return regionIn('AWS_REGION', env.AWS_REGION || env.AWS_DEFAULT_REGION || DEFAULT_REGION);
}

/** The endpoint of a service that the environment names by this variable or for all services. Throws likewise. */
export function environmentEndpoint(env: Environment, variable: string): URL | undefined {
  const name = [variable, 'AWS_ENDPOINT_URL'].find((candidate) => (env[candidate] ?? '') !== '');
  return name === undefined ? undefined : endpointIn(name, env[name] ?? '');
}

/** S3's own endpoint of a region, or of no region: it says where S3 is asked as a region does. */
const AWS_S3 = /^s3(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d+))?\.amazonaws\.com(?:\.cn)?$/;
/** A name that can stand before a host and that one certificate for all buckets covers. */
const HOST_LABEL = /^[a-z0-9-]{3,63}$/;

/**
 * The store that the operator's settings name, else its environment, else AWS's own. Throws FailureError `stalled` ArtifactRefused
 * for settings that name none.
 */
export function s3StoreOf(settings: S3Settings, env: Environment): S3Store {
  const { endpoint: given } = settings;
  const endpoint =
    given === undefined ? environmentEndpoint(env, 'AWS_ENDPOINT_URL_S3') : endpointIn(given.option, given.text);
  const [ofAws, itsRegion] = AWS_S3.exec(endpoint?.hostname ?? '') ?? [];
  const own = ofAws === undefined ? endpoint : undefined;
  const named = settings.region ?? itsRegion;
  return {
    region: named === undefined ? environmentRegion(env) : regionIn('s3.region', named),
    urlOf: (object, region) => urlIn(own ?? new URL(`https://${awsHost('s3', region)}`), object, settings.pathStyle),
  };
}

/**
 * A bucket is put before a host only where that leads to a name below the host, which is the store's: never to another Service of
 * the cluster, as it would with a host of one word, which resolvers look for in namespaces.
 */
function urlIn({ protocol, hostname, host, pathname }: URL, { bucket, key }: S3Object, pathStyle: boolean): URL {
  const inPath =
    pathStyle || !HOST_LABEL.test(bucket) || !hostname.includes('.') || parseIpAddress(hostname) !== undefined;
  const parts = [...(inPath ? [bucket] : []), ...key.split('/')].map(encoded);
  return new URL(`${protocol}//${inPath ? '' : `${bucket}.`}${host}${pathname.replace(/\/+$/, '')}/${parts.join('/')}`);
}

/** As Signature V4 has it: all but RFC 3986's unreserved characters. */
function encoded(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function regionIn(name: string, text: string): string {
  if (isRegion(text)) return text;
  throw refused(`${name} of the operator: "${text}" is not valid, it must be a region such as eu-central-1`);
}

function endpointIn(name: string, text: string): URL {
  const whole = text.includes('://') ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  const plain = url !== undefined && url.username === '' && url.search === '' && url.hash === '';
  if (plain && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  const shown = textWithoutSecrets(name, text);
  throw refused(`${name} of the operator: "${shown}" is not valid, it must be a URL such as http://minio.minio:9000`);
}
