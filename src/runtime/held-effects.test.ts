import { beforeEach, describe, expect, it } from 'vitest';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Action, Plan } from '../core/plan.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Attempt, createHeldEffects, effectOf, type HeldEffects, withoutEffect } from './held-effects.ts';
import { createManualTime, type ManualTime } from './testing/manual-time.ts';
import { thing } from './testing/objects.ts';

const KEY = 'a/x';
const refusal: Failure = { kind: 'stalled', reason: 'ArtifactNotAvailable', message: 'x.jar answered 404' };

let time: ManualTime;
let effects: HeldEffects<object>;

beforeEach(() => {
  time = createManualTime();
  effects = createHeldEffects(time);
});

function attempt(changes: Partial<Attempt<object>> = {}): Attempt<object> {
  return { effect: { submit: 'x.jar' }, resource: of({ generation: 1 }), answer: 'known', ...changes };
}

/** One and the same object but for what is given; its version is another each time. */
function of(metadata: object, rest: Record<string, unknown> = {}): KubeObject {
  return thing('x', { uid: 'u', resourceVersion: `${Math.random()}`, ...metadata }, rest);
}

const rejecting =
  (failure: Failure, meanwhile: () => void = () => undefined): (() => Promise<void>) =>
  async () => {
    meanwhile();
    throw new FailureError(failure);
  };

/** An effect that fails and waits a second. */
async function failed(failure: Failure = refusal, meanwhile?: () => void): Promise<void> {
  await expect(effects.perform(KEY, attempt(), rejecting(failure, meanwhile))).rejects.toThrow(failure.message);
  effects.wait(KEY, failure, time.monotonic() + 1_000);
}

describe('an effect that failed', () => {
  it('waits for its time, and only that one', async () => {
    await failed();
    await time.advance(400);
    expect(effects.held(KEY, attempt())).toEqual({ failure: refusal, waitMs: 600 });
    expect(effects.held(KEY, attempt({ effect: { submit: 'y.jar' } }))).toBeUndefined();
    expect(effects.held('a/y', attempt())).toBeUndefined();
    await time.advance(600);
    expect(effects.held(KEY, attempt())).toBeUndefined();
    expect([...effects.keys()]).toEqual([]);
  });

  it('waits on after passes that do not want it', async () => {
    await failed();
    expect(effects.held(KEY, attempt({ effect: undefined }))).toBeUndefined();
    expect(effects.held(KEY, attempt())).toMatchObject({ waitMs: 1_000 });
  });

  it.each<[string, object, Record<string, unknown>]>([
    ['the status', {}, { status: { told: true } }],
    ['a label, or a finalizer', { labels: { a: 'b' }, finalizers: ['f'] }, {}],
  ])('waits on whatever becomes of %s', async (_what, metadata, rest) => {
    await failed();
    expect(effects.held(KEY, attempt({ resource: of({ generation: 1, ...metadata }, rest) }))).toBeDefined();
  });

  it.each<[string, Partial<Attempt<object>>]>([
    ['an edit', { resource: of({ generation: 2 }) }],
    ['an annotation', { resource: of({ generation: 1, annotations: { once: 'now' } }) }],
    ['a deletion', { resource: of({ generation: 1, deletionTimestamp: '2026-01-01T00:00:00Z' }) }],
    ['another object of the name', { resource: of({ generation: 1, uid: 'v' }) }],
    ['an endpoint that answers no more', { answer: 'unknown' }],
  ])('waits no longer after %s, also if that pass does not want it', async (_what, news) => {
    await failed();
    expect(effects.held(KEY, attempt({ ...news, effect: undefined }))).toBeUndefined();
    expect(effects.has(KEY)).toBe(false);
  });

  it('waits no longer once what it waits for may have changed', async () => {
    await failed();
    effects.forget(KEY);
    expect(effects.held(KEY, attempt())).toBeUndefined();
    await failed();
    effects.forgetAll();
    expect(effects.held(KEY, attempt())).toBeUndefined();
  });

  it('does not wait if that changed while it was tried', async () => {
    await failed(refusal, () => effects.forget(KEY));
    expect(effects.held(KEY, attempt())).toBeUndefined();
  });

  it('does not wait after a conflict, nor where something else failed after it', async () => {
    await failed({ kind: 'conflict', message: 'read again' });
    expect(effects.has(KEY)).toBe(false);
    await effects.perform(KEY, attempt(), async () => undefined);
    effects.wait(KEY, refusal, time.monotonic() + 1_000);
    expect(effects.held(KEY, attempt())).toBeUndefined();
  });
});

describe('a plan whose effect waits', () => {
  const effect: Action<object> = { kind: 'effect', effect: { submit: 'x.jar' }, because: 'submit' };
  const finalizer: Action<object> = { kind: 'finalizer', op: 'add', finalizer: 'f', because: 'first' };
  const after: Action<object> = { kind: 'patch', object: thing('y'), patch: {}, because: 'after' };
  const held = { failure: refusal, waitMs: 5_000 };

  function planned(status: unknown): Plan<unknown, object> {
    return { because: 'Submitting', status, actions: [finalizer, effect, after], events: [], requeueAfterMs: 100 };
  }

  it('keeps what comes before the effect and what it observed, and is repeated when the effect is tried', () => {
    expect(effectOf(planned(undefined))).toEqual({ submit: 'x.jar' });
    const plan = withoutEffect(planned({ seen: 1 }), held, { resource: of({}), told: undefined });
    expect(plan).toMatchObject({ status: { seen: 1 }, actions: [finalizer], requeueAfterMs: 5_000 });
  });

  it('tells of the failure as before, so that nothing new is written', () => {
    const told = (lastTransitionTime: string) => ({
      seen: 1,
      conditions: [{ type: 'Stalled', status: 'True', reason: 'x', message: 'y', lastTransitionTime }],
    });
    const event = { type: 'Warning', reason: 'x', message: 'y', component: 'Job' } as const;
    const failure = { ...planned(told('late')), events: [event], requeueAfterMs: 2_000 };
    const stored = { resource: of({}, { status: told('early') }), told: failure };
    const plan = withoutEffect(planned({ seen: 1, conditions: [] }), held, stored);
    expect(plan).toMatchObject({ status: told('early'), events: [], requeueAfterMs: 2_000 });
    const first = withoutEffect(planned({ seen: 1 }), held, { resource: of({}), told: failure });
    expect(first.status).toEqual(told('late'));
  });
});
