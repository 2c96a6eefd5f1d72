import * as z from 'zod';
import type { Admission, Judgement } from '../core/admission.ts';
import { describeIssue } from '../core/issue.ts';
import type { Reader } from '../core/ports.ts';
import { refusalFor } from '../core/refusal.ts';
import { isBeingDeleted, type KubeObject } from '../kube/object.ts';

/** What a review goes by. */
export interface Rules {
  readonly admissions: readonly Admission[];
  /** Whether this operator looks after a resource; what it does not look after is none of its business. */
  readonly isWatched: (resource: KubeObject) => boolean;
  readonly read: Reader;
}

/** The answer to one AdmissionReview (admission.k8s.io/v1); never a patch. */
export interface ReviewAnswer {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
    readonly warnings?: readonly string[];
  };
}

const Resource = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().default('') }),
});

const Review = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string(),
    operation: z.string(),
    subResource: z.string().optional(),
    object: Resource.nullish(),
    oldObject: Resource.nullish(),
  }),
});

type Request = z.infer<typeof Review>['request'];

/**
 * Answers one AdmissionReview: undefined when the body is none. Creations are refused for every rule they break, updates
 * only for what they break themselves, so that nothing else about a resource that is wrong already is held up; neither
 * subresources nor deletions nor what is being deleted are judged.
 */
export function review(body: unknown, rules: Rules): ReviewAnswer | undefined {
  const parsed = Review.safeParse(body);
  if (!parsed.success) return undefined;
  const { request } = parsed.data;
  const { issues, warnings } = verdict(request, rules);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: request.uid,
      allowed: issues.length === 0,
      ...(issues.length === 0 ? {} : { status: statusOf(issues) }),
      ...(warnings.length === 0 ? {} : { warnings: warnings.slice(0, MAX_WARNINGS) }),
    },
  };
}

/** The API server hands on 4096 characters of them at most. */
const MAX_WARNINGS = 16;

const NOTHING: Judgement = { issues: [], warnings: [] };

function verdict({ operation, subResource = '', object, oldObject }: Request, rules: Rules): Judgement {
  if (subResource !== '' || !object) return NOTHING;
  const judge = judgeOf(asResource(object), rules);
  if (judge === undefined) return NOTHING;
  if (operation === 'CREATE') return judge(asResource(object));
  if (operation !== 'UPDATE' || !oldObject) return NOTHING;
  // The API server counts it up with every change of the spec, before it asks.
  const sameSpec = object.metadata.generation === oldObject.metadata.generation;
  return ofUpdate(judge(asResource(object)), judge(asResource(oldObject)), sameSpec);
}

/** How resources like this one are judged; undefined when it is not this operator's business, or on its way out. */
function judgeOf(
  resource: KubeObject,
  { admissions, isWatched, read }: Rules,
): ((resource: KubeObject) => Judgement) | undefined {
  const { apiVersion, kind } = resource;
  const admission = admissions.find((one) => one.kind.kind === kind && one.kind.apiVersion === apiVersion);
  if (admission === undefined || isBeingDeleted(resource) || !isWatched(resource)) return undefined;
  return (one) => admission.judge(one, read);
}

function asResource(object: NonNullable<Request['object']>): KubeObject {
  return object as unknown as KubeObject;
}

/** The same words as a pass has for it, where the update breaks anything; else what was wrong before is only pointed at. */
function ofUpdate(after: Judgement, before: Judgement, sameSpec: boolean): Judgement {
  const known = new Set(before.issues.map(describeIssue));
  const texts = after.issues.map(describeIssue);
  const fresh = after.warnings.filter((warning) => !before.warnings.includes(warning));
  if (texts.some((text) => !known.has(text))) return { issues: after.issues, warnings: fresh };
  return { issues: [], warnings: sameSpec ? fresh : [...texts.map((text) => `still wrong: ${text}`), ...fresh] };
}

function statusOf(issues: Judgement['issues']): NonNullable<ReviewAnswer['response']['status']> {
  return { code: 422, reason: 'Invalid', message: refusalFor('Invalid', issues).message };
}
