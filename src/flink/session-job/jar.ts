import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { restrictedRange } from '../../lib/ip-address.ts';
import { isBelow, parseS3Object, S3_SCHEMES } from '../../lib/s3-object.ts';
import { GUARD_OPTIONS } from '../options/operator-table.ts';
import type { FlinkJobSpec } from '../schema.ts';

/**
 * What brings the job's code to the session.
 * - remote: the operator fetches the jar and uploads it.
 * - image: the jar is in the session's image, at this `file:` URL there.
 * - class-path: the main class is on the session's class path already.
 */
export type JarSource =
  | { readonly kind: 'remote'; readonly url: string }
  | { readonly kind: 'image'; readonly url: string }
  | { readonly kind: 'class-path' };

/** What the operator's configuration allows of spec.job.jarURI. */
export interface JarRules {
  /** Lower-case schemes. */
  readonly allowedSchemes: readonly string[];
  readonly restrictedHosts: 'allowed' | 'refused';
  /** Buckets and folders in the form of parseS3Prefix; undefined for any. */
  readonly s3Prefixes: readonly string[] | undefined;
}

/** Schemes Weir can fetch. */
const FETCHED = ['https', 'http', ...S3_SCHEMES];

/** Where the code of a job comes from; expects a spec without jarIssues. */
export function jarSourceOf({ jarURI }: FlinkJobSpec): JarSource {
  if (isBlank(jarURI)) return { kind: 'class-path' };
  const text = (jarURI ?? '').trim();
  const url = new URL(text);
  if (url.protocol === 'local:') return { kind: 'image', url: `file://${url.pathname}` };
  // A key in S3 is taken as it is written.
  return { kind: 'remote', url: S3_SCHEMES.includes(schemeOf(url)) ? text : url.href };
}

/**
 * Every rule that jarURI and entryClass break, without asking anybody: a host given by name is judged when its address
 * is known, by whoever fetches the jar.
 */
export function jarIssues(job: FlinkJobSpec, rules: JarRules): readonly Issue[] {
  if (isBlank(job.jarURI)) return isBlank(job.entryClass) ? [jarIssue(job.jarURI, NOTHING_TO_RUN)] : [];
  const text = (job.jarURI ?? '').trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return [jarIssue(text, `be ${FORMS}`)];
  if (url.protocol === 'local:') return imageIssues(job, url);
  const placeRule = S3_SCHEMES.includes(schemeOf(url)) ? s3Rule(text, rules) : hostRule(url, rules);
  const rule = schemeRule(url, rules) ?? placeRule;
  return rule === undefined ? [] : [jarIssue(text, rule)];
}

const FORMS =
  'a URL such as https://repo.example.com/job.jar or s3://bucket/job.jar, or local:///path/in/the/image/of/the/session/job.jar';
const NOTHING_TO_RUN = "name the job's jar, unless entryClass names a class on the class path of the session";

/** Flink asks the uploaded jar for a main class, and there none is uploaded. */
function imageIssues(job: FlinkJobSpec, url: URL): readonly Issue[] {
  const absolute = url.host === '' && url.pathname.length > 1;
  return [
    ...(absolute ? [] : [jarIssue(job.jarURI, 'have three slashes and a path: local:///opt/flink/usrlib/job.jar')]),
    ...(isBlank(job.entryClass)
      ? [
          issueAt(
            ['spec', 'job', 'entryClass'],
            job.entryClass,
            'name the main class, since jarURI is a path in the image',
          ),
        ]
      : []),
  ];
}

function schemeOf({ protocol }: URL): string {
  return protocol.slice(0, -1);
}

const AZURE = 'a URL with a shared access signature (https://ACCOUNT.blob.core.windows.net/CONTAINER/job.jar?…)';
const SIGNED = 'a signed URL of it';

/** What there is in place of jars in other stores that Flink has file systems for. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['gs', `${SIGNED} (https://storage.googleapis.com/BUCKET/job.jar?…)`],
  ['oss', SIGNED],
  ['abfs', AZURE],
  ['abfss', AZURE],
  ['wasb', AZURE],
  ['wasbs', AZURE],
  ['hdfs', 'a copy of it on a web server'],
]);

function schemeRule(url: URL, { allowedSchemes }: JarRules): string | undefined {
  const scheme = schemeOf(url);
  if (scheme === 'file') {
    return "be local:///path for a jar in the image of the session; file: would be a path of the operator's own, which users may not read";
  }
  if (!FETCHED.includes(scheme)) {
    const instead = INSTEAD.get(scheme);
    const forIt = instead === undefined ? '' : `; for ${scheme}: name ${instead}, or put the jar into the image`;
    return `be ${FORMS}; Weir fetches no other schemes${forIt}`;
  }
  if (allowedSchemes.includes(scheme)) return undefined;
  return `have a scheme of ${GUARD_OPTIONS.artifactAllowedSchemes.key} (${allowedSchemes.join(', ')})`;
}

function hostRule({ hostname }: URL, { restrictedHosts }: JarRules): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  const range = /^[\d.]+$|:/.test(host) && restrictedHosts === 'refused' ? restrictedRange(host) : undefined;
  if (range === undefined) return undefined;
  const key = GUARD_OPTIONS.artifactDisallowRestrictedHosts.key;
  return `name a host on the public internet: ${host} is ${range}, and ${key} is true`;
}

function s3Rule(text: string, { s3Prefixes }: JarRules): string | undefined {
  const object = parseS3Object(text);
  if (object === undefined) {
    return "be s3://bucket/key with the name of a bucket and the key of an object, without user, port, '?', '#' or folders named . or ..";
  }
  if (s3Prefixes === undefined || isBelow(object, s3Prefixes)) return undefined;
  const places = s3Prefixes.map((prefix) => `s3://${prefix}`).join(', ');
  return `be in a bucket or folder of ${GUARD_OPTIONS.artifactS3Prefixes.key} (${places})`;
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

function jarIssue(found: string | undefined, rule: string): Issue {
  return issueAt(['spec', 'job', 'jarURI'], found, rule);
}
