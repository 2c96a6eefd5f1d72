import { describe, expect, it } from 'vitest';
import {
  initialReflectorState,
  onEvent,
  onListFailed,
  onPage,
  onWatchEnded,
  type ReflectorState,
} from './reflector-step.ts';
import { POD, pod } from './testing/objects.ts';

const watching: ReflectorState = { ...initialReflectorState, synced: true, next: { do: 'watch', version: '10' } };
const at = (version: string) => pod('x', { uid: 'u', resourceVersion: version });

describe('listing', () => {
  it('gathers pages and stores them together', () => {
    const first = onPage(initialReflectorState, { items: [at('1')], version: '10', continueToken: 't' });
    expect(first.replace).toBeUndefined();
    expect(first.state).toMatchObject({ next: { do: 'list', continueToken: 't' }, synced: false });
    const last = onPage(first.state, { items: [at('2')], version: '10' });
    expect(last.replace).toHaveLength(2);
    expect(last.state).toMatchObject({ next: { do: 'watch', version: '10' }, synced: true, pages: [] });
  });

  it('starts again at once when its token is too old, then ever more slowly', () => {
    const paging: ReflectorState = {
      ...initialReflectorState,
      next: { do: 'list', continueToken: 't' },
      pages: [[at('1')]],
    };
    const once = onListFailed(paging, { status: 410, random: 0.5 }).state;
    expect(once).toMatchObject({ next: { do: 'list' }, waitMs: 0, pages: [] });
    expect(once.next).not.toHaveProperty('continueToken');
    expect(onListFailed(once, { status: 410, random: 0.5 }).state.waitMs).toBe(1200);
  });

  it('waits as long as the server asks', () => {
    expect(onListFailed(initialReflectorState, { status: 429, retryAfterMs: 60_000, random: 0 }).state.waitMs).toBe(
      60_000,
    );
  });

  it('calls a kind missing after three refusals, until it is there', () => {
    let state = initialReflectorState;
    for (const missing of [false, false, true]) {
      state = onListFailed(state, { status: 404, random: 0 }).state;
      expect(state.missing).toBe(missing);
    }
    expect(onPage(state, { items: [], version: '1' }).state.missing).toBe(false);
  });
});

describe('watching', () => {
  it.each([
    ['ADDED', 'put'],
    ['MODIFIED', 'put'],
    ['DELETED', 'remove'],
  ] as const)('%s moves the version and becomes a %s', (type, change) => {
    const step = onEvent({ ...watching, failures: 3 }, POD, { type, object: at('11') }, 0);
    expect(step.state).toMatchObject({ next: { do: 'watch', version: '11' }, failures: 0 });
    expect(step[change]).toEqual(at('11'));
    expect(step.leave).toBeUndefined();
  });

  it('moves the version on a bookmark and changes nothing', () => {
    const step = onEvent(watching, POD, { type: 'BOOKMARK', object: at('15') }, 0);
    expect(step).toEqual({ state: { ...watching, next: { do: 'watch', version: '15' } } });
  });

  it.each([
    ['410', { code: 410 }, 'list', 0],
    ['Expired', { reason: 'Expired' }, 'list', 0],
    ['500', { code: 500 }, 'watch', 600],
    ['429 with a wait', { code: 429, details: { retryAfterSeconds: 7 } }, 'watch', 7000],
  ])('leaves on an ERROR event: %s', (_name, status, next, waitMs) => {
    const step = onEvent(watching, POD, { type: 'ERROR', object: status }, 0.5);
    expect(step.leave).toBe(true);
    expect(step.state.next.do).toBe(next);
    expect(step.state.waitMs).toBe(waitMs);
  });

  it.each([
    ['no object', { type: 'ADDED' }],
    ['another kind', { type: 'ADDED', object: { ...at('11'), kind: 'Secret' } }],
    ['no version', { type: 'ADDED', object: pod('x') }],
    ['an unknown type', { type: 'RENAMED', object: at('11') }],
    ['no event', 'text'],
  ])('goes on from the last good version after %s, and lists when that repeats', (_name, event) => {
    const once = onEvent(watching, POD, event, 0);
    expect(once).toMatchObject({ leave: true, state: { next: { do: 'watch', version: '10' }, failures: 1 } });
    expect(onEvent(once.state, POD, event, 0).state.next.do).toBe('list');
  });

  it('lists anew when versions go backwards', () => {
    const step = onEvent(watching, POD, { type: 'BOOKMARK', object: at('9') }, 0);
    expect(step).toMatchObject({ leave: true, state: { next: { do: 'list' } } });
    expect(step.put).toBeUndefined();
  });
});

describe('the end of a watch', () => {
  it.each([
    { name: 'a long one goes on at once', end: { why: 'clean', livedMs: 290_000 }, next: 'watch', waitMs: 0 },
    { name: 'a short one waits', end: { why: 'clean', livedMs: 1 }, next: 'watch', waitMs: 600 },
    {
      name: 'too old a version lists at once',
      end: { why: 'refused', status: 410, livedMs: 1 },
      next: 'list',
      waitMs: 0,
    },
    { name: 'a lost kind lists', end: { why: 'refused', status: 404, livedMs: 1 }, next: 'list', waitMs: 600 },
    { name: 'a refusal waits', end: { why: 'refused', status: 500, livedMs: 1 }, next: 'watch', waitMs: 600 },
  ] as const)('$name', ({ end, next, waitMs }) => {
    const state = onWatchEnded(watching, { random: 0.5, ...end });
    expect(state).toMatchObject({ next: { do: next }, waitMs });
  });

  it('backs off to half a minute at most', () => {
    let state = watching;
    for (let i = 0; i < 20; i++)
      state = onWatchEnded(state, { why: 'refused', status: 503, livedMs: 0, random: 0.999 });
    expect(state.waitMs).toBeGreaterThan(29_000);
    expect(state.waitMs).toBeLessThanOrEqual(30_000);
  });
});
