import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { restrictedRange } from '../../lib/ip-address.ts';
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
}

/** Schemes Weir can fetch. */
const FETCHED = ['https:', 'http:'];

/** Where the code of a job comes from; expects a spec without jarIssues. */
export function jarSourceOf({ jarURI }: FlinkJobSpec): JarSource {
  if (isBlank(jarURI)) return { kind: 'class-path' };
  const url = new URL((jarURI ?? '').trim());
  return url.protocol === 'local:'
    ? { kind: 'image', url: `file://${url.pathname}` }
    : { kind: 'remote', url: url.href };
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
  const rule = schemeRule(url, rules) ?? hostRule(url, rules);
  return rule === undefined ? [] : [jarIssue(text, rule)];
}

const FORMS = 'a URL such as https://repo.example.com/job.jar, or local:///path/in/the/image/of/the/session/job.jar';
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

function schemeRule({ protocol }: URL, { allowedSchemes }: JarRules): string | undefined {
  if (protocol === 'file:') {
    return "be local:///path for a jar in the image of the session; file: would be a path of the operator's own, which users may not read";
  }
  if (!FETCHED.includes(protocol)) return `be ${FORMS}; Weir fetches no other schemes`;
  if (allowedSchemes.includes(protocol.slice(0, -1))) return undefined;
  return `have a scheme of ${GUARD_OPTIONS.artifactAllowedSchemes.key} (${allowedSchemes.join(', ')})`;
}

function hostRule({ hostname }: URL, { restrictedHosts }: JarRules): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  const range = /^[\d.]+$|:/.test(host) && restrictedHosts === 'refused' ? restrictedRange(host) : undefined;
  if (range === undefined) return undefined;
  const key = GUARD_OPTIONS.artifactDisallowRestrictedHosts.key;
  return `name a host on the public internet: ${host} is ${range}, and ${key} is true`;
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

function jarIssue(found: string | undefined, rule: string): Issue {
  return issueAt(['spec', 'job', 'jarURI'], found, rule);
}
