import { describe, expect, it, vi } from 'vitest';
import type { EventDraft } from '../core/plan.ts';
import { createEventRecorder, eventName } from './event-recorder.ts';
import { silentLogger } from './logger.ts';
import { createManualTime } from './testing/manual-time.ts';
import { createMemoryApi, type MemoryApi } from './testing/memory-client.ts';
import { thing } from './testing/objects.ts';

const about = thing('x', { uid: 'u', resourceVersion: '7' });
const draft: EventDraft = { type: 'Warning', reason: 'Broken', message: 'it broke', component: 'Operator' };

function setup(
  api: MemoryApi = createMemoryApi(),
  hooks?: Parameters<MemoryApi['client']>[0],
  budgetMs?: () => number,
) {
  const time = createManualTime(Date.UTC(2026, 0, 2, 3, 4, 5));
  const eventDropped = vi.fn<(reason: string) => void>();
  const recorder = createEventRecorder({
    client: api.client(hooks),
    time,
    log: silentLogger,
    metrics: { eventDropped },
    instance: 'pod-1',
    ...(budgetMs ? { budgetMs } : {}),
  });
  const events = (): Record<string, unknown>[] => [...api.objects.values()];
  return { api, time, recorder, events, eventDropped };
}

describe('event recorder', () => {
  it('writes an event as the incumbents do', async () => {
    const { recorder, time, events } = setup();
    recorder.record(about, draft);
    await time.settle();
    expect(events()).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({ name: eventName(about, draft), namespace: 'a' }),
        involvedObject: { ...pickRef(), uid: 'u', resourceVersion: '7' },
        type: 'Warning',
        reason: 'Broken',
        message: 'it broke',
        count: 1,
        firstTimestamp: '2026-01-02T03:04:05Z',
        lastTimestamp: '2026-01-02T03:04:05Z',
        source: { component: 'Operator' },
        reportingComponent: 'weir',
      }),
    ]);
  });

  it('counts repeats up without reading', async () => {
    const { recorder, time, events, api } = setup();
    for (let i = 0; i < 3; i++) {
      recorder.record(about, draft);
      await time.advance(60_000);
    }
    expect(events()).toEqual([expect.objectContaining({ count: 3, lastTimestamp: '2026-01-02T03:06:05Z' })]);
    expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);
  });

  it('joins repeats that wait to be written', async () => {
    const { recorder, time, events, api } = setup();
    for (let i = 0; i < 20; i++) recorder.record(about, draft);
    await time.settle();
    expect(events()).toEqual([expect.objectContaining({ count: 20 })]);
    expect(api.requests.length).toBeLessThanOrEqual(2);
  });

  it('goes on with a series from before a restart', async () => {
    const { recorder, time, api } = setup();
    recorder.record(about, draft);
    await time.settle();
    const next = setup(api);
    next.recorder.record(about, draft);
    await next.time.settle();
    next.recorder.record(about, draft);
    await next.time.settle();
    expect(next.events()).toEqual([expect.objectContaining({ count: 3 })]);
    expect(api.requests.some(({ method }) => method === 'GET')).toBe(false);
  });

  it('begins anew when the API server has deleted the event', async () => {
    const { recorder, time, events, api } = setup();
    recorder.record(about, draft);
    await time.settle();
    api.objects.clear();
    recorder.record(about, draft);
    await time.settle();
    expect(events()).toEqual([expect.objectContaining({ count: 1 })]);
  });

  it('writes an event that is to be said once only once, also after a restart', async () => {
    const once: EventDraft = { ...draft, dedupe: '3', once: true };
    const { recorder, time, api } = setup();
    recorder.record(about, once);
    await time.settle();
    recorder.record(about, { ...once, message: 'in other words' });
    const next = setup(api);
    next.recorder.record(about, once);
    await next.time.settle();
    expect(next.events()).toEqual([expect.objectContaining({ count: 1 })]);
  });

  it('tells events apart by message, or by dedupe text instead', () => {
    const name = (event: Partial<EventDraft>): string => eventName(about, { ...draft, ...event });
    expect(name({ message: 'other' })).not.toBe(name({}));
    expect(name({ message: 'other', dedupe: 'd' })).toBe(name({ dedupe: 'd' }));
    expect(name({})).toMatch(/^Operator\.\d+$/);
  });

  it('cuts messages to what the API takes, at a character', async () => {
    const { recorder, time, events } = setup();
    recorder.record(about, { ...draft, message: 'ü'.repeat(2000) });
    await time.settle();
    const { message } = events()[0] as { message: string };
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
    expect(message).toMatch(/^ü+\.\.\.$/);
  });

  it('lets no reason that is told all the time keep another from being told', async () => {
    const { recorder, time, events } = setup();
    for (let i = 0; i < 100; i++) recorder.record(about, { ...draft, message: `message ${i}` });
    recorder.record(about, { ...draft, reason: 'ValidationError' });
    await time.settle();
    expect(events()).toHaveLength(26);
    expect(events().at(-1)).toMatchObject({ reason: 'ValidationError' });
  });

  it('limits how much one object may say for one reason', async () => {
    const { recorder, time, events, eventDropped } = setup();
    for (let i = 0; i < 100; i++) recorder.record(about, { ...draft, message: `message ${i}` });
    await time.settle();
    expect(events()).toHaveLength(25);
    expect(eventDropped).toHaveBeenCalledTimes(75);
    await time.advance(300_000);
    recorder.record(about, { ...draft, message: 'again' });
    await time.settle();
    expect(events()).toHaveLength(26);
  });

  it('neither throws nor blocks when events cannot be written, and counts them', async () => {
    const fail = { before: () => Promise.reject(new Error('no network')) };
    const { recorder, time, eventDropped } = setup(createMemoryApi(), fail);
    recorder.record(about, draft);
    await time.settle();
    await recorder.flush(1_000);
    expect(eventDropped).toHaveBeenCalledWith('error');
  });

  it('writes nothing while another may lead', async () => {
    const { recorder, time, eventDropped, events } = setup(createMemoryApi(), {}, () => 0);
    recorder.record(about, draft);
    await time.settle();
    expect(events()).toEqual([]);
    expect(eventDropped).toHaveBeenCalledWith('not-leading');
  });

  it('gives up flushing at the deadline', async () => {
    const { recorder, time } = setup(createMemoryApi(), { before: () => new Promise(() => {}) });
    recorder.record(about, draft);
    const flushed = recorder.flush(1_000);
    await time.advance(1_100);
    await flushed;
  });
});

function pickRef() {
  return { apiVersion: about.apiVersion, kind: about.kind, name: 'x', namespace: 'a' };
}
