import { describe, expect, it } from 'vitest';
import type { Admission } from '../core/admission.ts';
import { aSessionJob } from '../flink/session-job/testing.ts';
import { aFlinkDeployment } from '../flink/testing.ts';
import type { KubeObject } from '../kube/object.ts';
import { admissionsOf } from '../operator-webhook.ts';
import { aSparkConnect } from '../spark/connect/testing.ts';
import { aSchedule } from '../spark/schedule/testing.ts';
import { aSparkApplication } from '../spark/testing.ts';
import { type Rules, review } from './review.ts';
import { watchedBy } from './scope.ts';

/** A kind whose spec lists what is wrong with it and what it warns of. */
interface ThingSpec {
  readonly wrong?: readonly string[];
  readonly odd?: readonly string[];
  readonly size?: number;
}

const KIND = { apiVersion: 'example.com/v1', kind: 'Thing', plural: 'things' };

const THINGS: Admission = {
  kind: KIND,
  judge: ({ spec }) => {
    const { wrong = [], odd = [] } = spec as ThingSpec;
    return { issues: wrong.map((path) => ({ path, value: '1', rule: 'be 2' })), warnings: odd };
  },
};

const RULES: Rules = { admissions: [THINGS], isWatched: () => true, read: { get: () => undefined, list: () => [] } };

function thing(spec: ThingSpec, metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  const { apiVersion, kind } = KIND;
  return { apiVersion, kind, metadata: { name: 'a', namespace: 'team', ...metadata }, spec };
}

function answer(request: object, rules: Rules = RULES) {
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u1', ...request } };
  return review(body, rules)?.response;
}

const created = (object: KubeObject, rules?: Rules) => answer({ operation: 'CREATE', object, oldObject: null }, rules);
const updated = (oldObject: KubeObject, object: KubeObject) => answer({ operation: 'UPDATE', object, oldObject });

/** Stands for a value that no literal could have. */
const NESTED = { metadata: { labels: { nested: 'deep' } } };

const ALLOWED = { uid: 'u1', allowed: true };

describe('review', () => {
  it('allows what breaks no rule, with no patch', () => {
    expect(created(thing({}))).toEqual(ALLOWED);
  });

  it('names every broken rule', () => {
    expect(created(thing({ wrong: ['spec.a', 'spec.b'] }))).toEqual({
      uid: 'u1',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'spec.a: 1 is not valid, it must be 2; spec.b: 1 is not valid, it must be 2',
      },
    });
  });

  it('hands warnings on, with a refusal too, and not too many', () => {
    expect(created(thing({ odd: ['old'] }))).toEqual({ ...ALLOWED, warnings: ['old'] });
    expect(created(thing({ wrong: ['spec.a'], odd: ['old'] }))).toMatchObject({ allowed: false, warnings: ['old'] });
    expect(created(thing({ odd: Array<string>(100).fill('old') }))?.warnings).toHaveLength(16);
  });

  describe('of an update', () => {
    it('refuses what it breaks, naming all that is broken then', () => {
      const response = updated(thing({ wrong: ['spec.a'] }), thing({ wrong: ['spec.a', 'spec.b'] }));
      expect(response?.allowed).toBe(false);
      expect(response?.status?.message).toBe(
        'spec.a: 1 is not valid, it must be 2; spec.b: 1 is not valid, it must be 2',
      );
    });

    it('lets the metadata of a resource that is wrong already change', () => {
      const wrong = { wrong: ['spec.a'], odd: ['old'] };
      const before = thing(wrong, { finalizers: ['example.com/keep'] });
      expect(updated(before, thing(wrong, { finalizers: [] }))).toEqual(ALLOWED);
    });

    it('lets what is wrong be put right step by step, and points at the rest', () => {
      const after = thing({ wrong: ['spec.b'] }, { generation: 2 });
      expect(updated(thing({ wrong: ['spec.a', 'spec.b'] }), after)).toEqual({
        ...ALLOWED,
        warnings: ['still wrong: spec.b: 1 is not valid, it must be 2'],
      });
    });

    it('warns only of what is new', () => {
      expect(updated(thing({ odd: ['old'] }), thing({ odd: ['old', 'new'], size: 2 }))?.warnings).toEqual(['new']);
    });
  });

  it('judges nothing of what is being deleted, of deletions, or of subresources', () => {
    const wrong = thing({ wrong: ['spec.a'] });
    const leaving = thing({ wrong: ['spec.b'] }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(updated(wrong, leaving)).toEqual(ALLOWED);
    expect(answer({ operation: 'DELETE', object: null, oldObject: wrong })).toEqual(ALLOWED);
    expect(answer({ operation: 'CONNECT', object: wrong, oldObject: null })).toEqual(ALLOWED);
    expect(answer({ operation: 'UPDATE', subResource: 'status', object: wrong, oldObject: thing({}) })).toEqual(
      ALLOWED,
    );
  });

  it.each([100, 9_990])('takes nesting of %d levels for what is wrong with it', (depth) => {
    const rules = { ...RULES, admissions: admissionsOf() };
    const nested = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const spark = { driver: { template: NESTED } };
    const objects = [
      aFlinkDeployment({ spec: { podTemplate: NESTED } }),
      aSessionJob({ spec: { flinkConfiguration: { a: NESTED as never } } }),
      aSparkApplication({ spec: spark }),
      aSchedule({ spec: { template: spark } }),
      aSparkConnect({ spec: { server: { template: NESTED } } }),
    ];
    for (const object of objects) {
      const deep = JSON.parse(JSON.stringify(object).replace(JSON.stringify(NESTED), nested)) as KubeObject;
      expect(created(deep, rules)?.status?.message).toContain('at most 64 levels deep');
      expect(answer({ operation: 'UPDATE', object: deep, oldObject: deep }, rules)).toEqual(ALLOWED);
    }
  });

  it('leaves other kinds and versions alone', () => {
    expect(created({ ...thing({ wrong: ['spec.a'] }), kind: 'Other' })).toEqual(ALLOWED);
    expect(created({ ...thing({ wrong: ['spec.a'] }), apiVersion: 'example.com/v2' })).toEqual(ALLOWED);
  });

  it('leaves alone what the operator does not look after', () => {
    const rules = { ...RULES, isWatched: watchedBy((namespace) => namespace === 'team', 'tier=prod') };
    const wrong = { wrong: ['spec.a'] };
    expect(created(thing(wrong, { labels: { tier: 'prod' } }), rules)?.allowed).toBe(false);
    expect(created(thing(wrong, { labels: { tier: 'test' } }), rules)).toEqual(ALLOWED);
    expect(created(thing(wrong, { namespace: 'other', labels: { tier: 'prod' } }), rules)).toEqual(ALLOWED);
    expect(watchedBy(() => true, undefined)(thing(wrong, { namespace: 'any' }))).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['another version', { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', request: { uid: 'u' } }],
    ['no request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }],
    [
      'an object that is none',
      {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { uid: 'u', operation: 'CREATE', object: [] },
      },
    ],
  ])('does not answer %s', (_what, body) => {
    expect(review(body, RULES)).toBeUndefined();
  });
});
