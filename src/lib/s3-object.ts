/** An object in S3 or in a store that speaks its protocol. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/** Schemes of Flink's file systems for S3, all of which name the same: s3a and s3p choose between its plug-ins. */
export const S3_SCHEMES: readonly string[] = ['s3', 's3a', 's3p'];

/** Names of buckets, those from before 2018 in us-east-1 included (AWS, "General purpose bucket naming rules"). */
const URI = /^s3[ap]?:\/\/([a-z0-9][a-z0-9._-]{1,253}[a-z0-9])(?:\/+(.*))?$/i;
const CONTROL = /\p{Cc}/u;
/** S3's limit, in bytes of UTF-8. */
const MAX_KEY = 1024;

/**
 * The object that a URI such as `s3://bucket/folder/job.jar` names, as Flink's paths do: the key is taken as it is written, `%`
 * included, and slashes that follow each other count as one. Undefined for every other text, among them URIs with a user, a port, a
 * query, a fragment, `.` or `..`, or without a key.
 */
export function parseS3Object(uri: string): S3Object | undefined {
  const [, bucket, rest = ''] = URI.exec(uri) ?? [];
  const key = rest.replace(/\/+/g, '/');
  return bucket === undefined || key === '' || key.endsWith('/') || !isPlain(key) ? undefined : { bucket, key };
}

/** The form in which isBelow takes what `s3://bucket` or `s3://bucket/folder` names; undefined for every other text. */
export function parseS3Prefix(uri: string): string | undefined {
  const [, bucket, rest = ''] = URI.exec(uri) ?? [];
  const folder = rest.replace(/\/+/g, '/').replace(/\/$/, '');
  if (bucket === undefined || !isPlain(folder)) return undefined;
  return folder === '' ? bucket : `${bucket}/${folder}`;
}

/** Whether an object is in one of some buckets or folders, whole names compared, each in the form of parseS3Prefix. */
export function isBelow({ bucket, key }: S3Object, prefixes: readonly string[]): boolean {
  const path = `${bucket}/${key}`;
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

function isPlain(key: string): boolean {
  const odd = CONTROL.test(key) || /[?#]/.test(key) || !key.isWellFormed();
  if (odd || key.split('/').some((part) => part === '.' || part === '..')) return false;
  return new TextEncoder().encode(key).byteLength <= MAX_KEY;
}
