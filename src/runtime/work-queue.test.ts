import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualTime } from './testing/manual-time.ts';
import { createWorkQueue } from './work-queue.ts';

function setup() {
  const time = createManualTime();
  return { time, queue: createWorkQueue({ time }) };
}

describe('work queue', () => {
  it('hands out due keys in order and each once', async () => {
    const { queue } = setup();
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
    expect([await queue.next(), await queue.next(), await queue.next()]).toEqual(['a', 'b', 'c']);
    expect(queue.depth).toBe(0);
  });

  it('keeps the earlier of two times', async () => {
    const { queue, time } = setup();
    queue.addAfter('a', 5000);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 9000);
    const next = queue.next();
    await time.advance(1000);
    expect(await next).toBe('a');
    queue.done('a');
    await time.advance(10_000);
    expect(queue.depth).toBe(0);
  });

  it('runs a key added during its work once more, after it', async () => {
    const { queue, time } = setup();
    queue.add('a');
    await queue.next();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await queue.next()).toBe('a');
    queue.done('a');
    await time.settle();
    expect(queue.depth).toBe(0);
  });

  it('hands a key that is added several times at once to one who waits, once', async () => {
    const { queue, time } = setup();
    const waiting = [queue.next(), queue.next(), queue.next()];
    for (const key of ['a', 'b', 'a', 'b']) queue.add(key);
    expect(await Promise.all(waiting.slice(0, 2))).toEqual(['a', 'b']);
    queue.done('a');
    queue.done('b');
    await time.settle();
    expect(queue.depth).toBe(0);
    queue.add('a');
    expect(await waiting[2]).toBe('a');
    queue.add('a');
    queue.done('a');
    expect(await queue.next()).toBe('a');
  });

  it('hands out nothing of what was added before it closed', async () => {
    const { queue } = setup();
    const waiting = queue.next();
    queue.add('a');
    queue.close();
    expect(await waiting).toBeUndefined();
    expect([queue.depth, [...queue.keys()]]).toEqual([0, []]);
  });

  it('waits longer after each failure, until the key is forgotten', () => {
    const { queue } = setup();
    const waits = [1, 2, 3].map(() => queue.retry('a', { base: 100, cap: 250 }));
    expect(waits).toEqual([75, 150, 187.5]);
    expect(queue.failures('a')).toBe(3);
    queue.forget('a');
    expect(queue.retry('a', { base: 100, cap: 250 })).toBe(75);
  });

  it('lets all waiting workers go when it closes', async () => {
    const { queue } = setup();
    const waiting = [queue.next(), queue.next()];
    queue.close();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    queue.add('a');
    expect(await queue.next()).toBeUndefined();
  });

  it('works on a key one at a time, loses none, and ends empty', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      what: fc.constantFrom('add', 'later', 'retry', 'done', 'advance', 'take'),
      ms: fc.nat(500),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const model = createModel();
        for (const { key, what, ms } of steps) await model[what](key, ms);
        await model.finish();
      }),
    );
  });
});

/** Does steps on a queue while keeping account of keys in work and keys still owed. */
function createModel() {
  const { queue, time } = setup();
  const working = new Set<string>();
  const owed = new Set<string>();
  const owe =
    (act: (key: string, ms: number) => void) =>
    (key: string, ms: number): void => {
      owed.add(key);
      act(key, ms);
    };
  const take = async (): Promise<void> => {
    if (queue.depth === 0) return;
    const key = (await queue.next()) ?? '';
    expect(working.has(key)).toBe(false);
    working.add(key);
    owed.delete(key);
  };
  const done = (key: string): void => {
    working.delete(key);
    queue.done(key);
  };
  return {
    add: owe((key) => queue.add(key)),
    later: owe((key, ms) => queue.addAfter(key, ms)),
    retry: owe((key) => void queue.retry(key)),
    advance: (_key: string, ms: number) => time.advance(ms),
    take,
    done,
    async finish() {
      for (const key of [...working]) done(key);
      await time.advance(3_600_000);
      while (queue.depth > 0) await take();
      expect([...owed]).toEqual([]);
      expect(time.timers).toBe(0);
    },
  };
}
