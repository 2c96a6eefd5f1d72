import { describe, expect, it } from 'vitest';
import { driver, endedDriver, plan } from './testing/pass.ts';

const reasons = (given: Parameters<typeof plan>[0]): readonly string[] =>
  plan(given).events.map(({ reason }) => reason);

describe('events', () => {
  it('tell of each change once, in the words of the incumbent', () => {
    const running = [driver('Running')];
    const done = [endedDriver({ exitCode: 0 }, 'Succeeded')];
    expect(reasons({ state: '' })).toEqual(['SparkApplicationSubmitted']);
    expect(reasons({ state: 'SUBMITTED', observed: { drivers: running } })).toEqual(['SparkDriverRunning']);
    expect(reasons({ state: 'RUNNING', observed: { drivers: running } })).toEqual([]);
    expect(reasons({ state: 'RUNNING', observed: { drivers: done } })).toEqual([
      'SparkApplicationCompleted',
      'SparkDriverCompleted',
    ]);
    expect(reasons({ state: 'COMPLETED', observed: { drivers: done } })).toEqual([]);
    expect(reasons({ state: 'RUNNING' })).toEqual(['SparkApplicationFailed', 'SparkDriverNotFound']);
  });
});
