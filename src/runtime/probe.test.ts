import { describe, expect, it, vi } from 'vitest';
import { FailureError } from '../core/failure.ts';
import type { KubeObject } from '../kube/object.ts';
import { silentLogger } from './logger.ts';
import { createProbe, type ProbeOptions } from './probe.ts';
import { createManualTime } from './testing/manual-time.ts';
import { thing } from './testing/objects.ts';

type Ask = ProbeOptions<string>['ask'];

function setup(ask: Ask, options: Partial<ProbeOptions<string>> = {}) {
  const time = createManualTime();
  const changed = vi.fn<(key: string) => void>();
  const asked = vi.fn<Ask>(ask);
  const probe = createProbe<string>({
    ask: asked,
    answersEqual: (a, b) => a === b,
    resource: (key) => thing(key.slice(2), { uid: `uid of ${key}` }),
    changed,
    time,
    log: silentLogger,
    ...options,
  });
  return { time, changed, asked, probe };
}

describe('probe', () => {
  it('asks at once, then around its interval, and tells only of changes', async () => {
    const answers = ['up', 'up', 'down'];
    const { probe, time, changed, asked } = setup(async () => answers.shift() ?? 'down');
    expect(probe.latest('a/x')).toEqual({ kind: 'unknown', why: 'not asked yet' });
    probe.every('a/x', 1_000);
    await time.advance(0);
    expect(probe.latest('a/x')).toEqual({ kind: 'known', value: 'up' });
    expect(changed).toHaveBeenCalledTimes(1);
    await time.advance(1_000);
    expect(changed).toHaveBeenCalledTimes(1);
    await time.advance(1_000);
    expect(probe.latest('a/x')).toEqual({ kind: 'known', value: 'down' });
    expect(changed).toHaveBeenCalledTimes(2);
    expect(asked.mock.calls.map(([, , previous]) => previous)).toEqual([undefined, 'up', 'up']);
  });

  it('tells how long ago each subject last answered', async () => {
    const outcomes = ['up', new FailureError({ kind: 'transient', message: 'refused' })];
    const { probe, time } = setup(async () => {
      const outcome = outcomes.shift() ?? new FailureError({ kind: 'transient', message: 'refused' });
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    probe.every('a/x', 1_000);
    expect([...probe.answered()]).toEqual([]);
    await time.advance(0);
    await time.advance(2_500);
    expect([...probe.answered()]).toEqual([[{ namespace: 'a', name: 'x' }, 2.5]]);
    probe.every('a/x', undefined);
    expect([...probe.answered()]).toEqual([]);
  });

  it('has the latest answers of those that have one', async () => {
    const { probe, time } = setup(async ({ metadata }) => {
      if (metadata.name === 'silent') throw new FailureError({ kind: 'transient', message: 'refused' });
      return `${metadata.name} is up`;
    });
    for (const name of ['x', 'silent', 'y']) probe.every(`a/${name}`, 1_000);
    await time.advance(0);
    expect([...probe.answers()]).toEqual([
      [{ namespace: 'a', name: 'x' }, 'x is up'],
      [{ namespace: 'a', name: 'y' }, 'y is up'],
    ]);
    probe.every('a/x', undefined);
    expect([...probe.answers()].map(([{ name }]) => name)).toEqual(['y']);
  });

  it('calls what does not answer unknown, with the reason, and asks on', async () => {
    const outcomes: (string | Error)[] = [
      'up',
      new FailureError({ kind: 'transient', message: 'refused' }),
      new Error('bug'),
    ];
    const { probe, time, changed } = setup(async () => {
      const outcome = outcomes.shift() ?? 'up';
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    probe.every('a/x', 1_000);
    await time.advance(1_000);
    expect(probe.latest('a/x')).toEqual({ kind: 'unknown', why: 'refused' });
    await time.advance(1_000);
    expect(probe.latest('a/x')).toEqual({ kind: 'unknown', why: 'bug' });
    await time.advance(1_000);
    expect(probe.latest('a/x')).toEqual({ kind: 'known', value: 'up' });
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('ends an ask that takes too long, and never has two of a key in flight', async () => {
    let running = 0;
    const { probe, time, asked } = setup(
      (_resource, signal) =>
        new Promise((_resolve, reject) => {
          running++;
          expect(running).toBe(1);
          signal.addEventListener('abort', () => {
            running--;
            reject(signal.reason);
          });
        }),
    );
    probe.every('a/x', 1_000);
    await time.advance(9_999);
    expect(asked).toHaveBeenCalledTimes(1);
    await time.advance(1);
    expect(probe.latest('a/x')).toEqual({ kind: 'unknown', why: 'no answer within 10000 ms' });
    await time.advance(1_000);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('takes a shorter interval at once and a longer one after the next ask', async () => {
    const { probe, time, asked } = setup(async () => 'up');
    probe.every('a/x', 60_000);
    await time.advance(5_000);
    probe.every('a/x', 1_000);
    await time.advance(0);
    expect(asked).toHaveBeenCalledTimes(2);
    probe.every('a/x', 60_000);
    await time.advance(1_000);
    expect(asked).toHaveBeenCalledTimes(3);
    await time.advance(59_000);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('asks keys of one interval together, whenever each was asked first', async () => {
    const { probe, time, asked } = setup(async () => 'up');
    const at = new Map<string, number[]>();
    asked.mockImplementation(async ({ metadata: { name } }) => {
      at.set(name, [...(at.get(name) ?? []), time.monotonic()]);
      return 'up';
    });
    probe.every('a/x', 1_000);
    await time.advance(30);
    probe.every('a/y', 1_000);
    await time.advance(60);
    probe.every('a/z', 1_000);
    await time.advance(2_000);
    expect(Object.fromEntries(at)).toEqual({ x: [0, 1_000, 2_000], y: [30, 1_000, 2_000], z: [90, 1_100] });
  });

  it('stops on undefined and drops a late answer', async () => {
    let answer: (value: string) => void = () => {};
    const { probe, time, changed } = setup(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    probe.every('a/x', 1_000);
    await time.advance(0);
    probe.every('a/x', undefined);
    answer('late');
    await time.advance(60_000);
    expect(changed).not.toHaveBeenCalled();
    expect(probe.latest('a/x').kind).toBe('unknown');
    expect(time.timers).toBe(0);
  });

  it('does not carry answers over to an object re-created under the name', async () => {
    let uid = '1';
    const resource = (): KubeObject => thing('x', { uid });
    const { probe, time, changed, asked } = setup(async () => 'up', { resource });
    probe.every('a/x', 1_000);
    await time.advance(0);
    uid = '2';
    await time.advance(1_000);
    expect(asked.mock.calls[1]?.[2]).toBeUndefined();
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('stops asking when the resource is gone', async () => {
    const { probe, time, asked } = setup(async () => 'up', { resource: () => undefined });
    probe.every('a/x', 1_000);
    await time.advance(10_000);
    expect(asked).not.toHaveBeenCalled();
    expect(time.timers).toBe(0);
  });

  it('bounds asks in flight, serves all keys in turn, and uses few timers', async () => {
    const answers: (() => void)[] = [];
    const { probe, time, asked } = setup(() => new Promise((resolve) => answers.push(() => resolve('up'))), {
      concurrency: 2,
    });
    for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'a/5']) probe.every(key, 1_000);
    await time.advance(0);
    expect(asked).toHaveBeenCalledTimes(2);
    for (let i = 0; i < 5; i++) {
      answers.shift()?.();
      await time.settle();
    }
    expect(asked.mock.calls.map(([resource]) => resource.metadata.name)).toEqual(['1', '2', '3', '4', '5']);
    expect(time.timers).toBe(1);
    probe.stop();
    expect(time.timers).toBe(0);
  });
});
