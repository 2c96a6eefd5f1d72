import { describe, expect, it } from 'vitest';
import { CANARY_LABEL } from '../canary.ts';
import { INTERVALS, NOW } from '../testing/pass.ts';
import { decide } from './decide.ts';
import { UNSEEN } from './observed.ts';
import { SESSION_JOB_FINALIZER } from './schema.ts';
import { situationOf } from './situation.ts';
import { aSessionJob, type SessionJobOverrides } from './testing.ts';

function planOf(overrides: SessionJobOverrides) {
  return decide(situationOf(aSessionJob(overrides), UNSEEN, NOW, { flinkConfiguration: {} }), INTERVALS);
}

describe('the label of a session job', () => {
  it.each([
    ['missing', {}],
    ['of another session', { 'target.session': 'payments' }],
  ])('is put on before anything else is done: %s', (_name, labels) => {
    const plan = planOf({ metadata: { labels: { 'target.session': undefined, ...labels, team: 'a' } } });
    expect([plan.because, plan.status]).toEqual(['Labelling', undefined]);
    expect(plan.actions).toMatchObject([
      { kind: 'patch', patch: { metadata: { labels: { 'target.session': 'orders' } } } },
    ]);
  });

  it('is left alone when it is right, when no session is named, and when the job is deleted', () => {
    expect(planOf({}).because).not.toBe('Labelling');
    expect(planOf({ spec: { deploymentName: 'Not A Name' } }).because).toBe('ValidationError');
    const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [SESSION_JOB_FINALIZER], labels: {} };
    expect(planOf({ metadata: { ...deleted, labels: { 'target.session': undefined } } }).because).toBe('Cleanup');
  });
});

describe('a canary', () => {
  const labels = { [CANARY_LABEL]: 'true', 'target.session': undefined };

  it('is looked at again and again, and nothing is made of it', () => {
    expect(planOf({ metadata: { labels } })).toEqual({
      because: 'Canary',
      status: undefined,
      actions: [],
      events: [],
      requeueAfterMs: 15_000,
    });
  });

  it('goes when deleted, with a finalizer the incumbent put on it', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [SESSION_JOB_FINALIZER], labels };
    expect(planOf({ metadata }).actions).toMatchObject([{ kind: 'finalizer', op: 'remove' }]);
  });

  it('is none once it was submitted', () => {
    const status = {
      reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: '{"spec":{"job":{}},"resource_metadata":{}}' },
    } as const;
    expect(planOf({ metadata: { labels: { [CANARY_LABEL]: 'true' } }, status }).because).not.toBe('Canary');
  });
});
