import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { type Goal, verdictOf } from './verdict.ts';
import { waitFor } from './wait.ts';

type Standing = Record<string, string>;

/** A resource with conditions as `type: reason`, True except Ready where it says `!reason`. */
function resource(standing: Standing, status: object = {}, generation = 2, seen = 2): KubeObject {
  const conditions = Object.entries(standing).map(([type, word]) => ({
    type,
    status: word.startsWith('!') ? 'False' : 'True',
    reason: word.replace('!', ''),
    message: 'as it is',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    observedGeneration: seen,
  }));
  const metadata = { name: 'orders', namespace: 'a', generation };
  return {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: 'FlinkDeployment',
    metadata,
    status: { conditions, ...status },
  };
}

const job = (state: string): object => ({ jobStatus: { state } });
const spark = (state: string): object => ({ applicationState: { state } });

describe('how a resource stands', () => {
  it.each<[string, KubeObject | undefined, Goal, string]>([
    ['absent', undefined, 'ready', 'waiting'],
    ['without status', { ...resource({}), status: undefined }, 'ready', 'waiting'],
    ['ready for an older spec', resource({ Ready: 'JobRunning' }, job('RUNNING'), 3, 2), 'ready', 'waiting'],
    ['running', resource({ Ready: 'JobRunning' }, job('RUNNING')), 'ready', 'reached'],
    ['running, to be finished', resource({ Ready: 'JobRunning' }, job('RUNNING')), 'finished', 'waiting'],
    ['finished', resource({ Ready: 'JobFinished' }, job('FINISHED')), 'finished', 'reached'],
    ['finished, to be ready', resource({ Ready: 'JobFinished' }, job('FINISHED')), 'ready', 'reached'],
    ['deploying', resource({ Ready: '!Deploying', Reconciling: 'Deploying' }), 'ready', 'waiting'],
    ['stalled', resource({ Ready: '!Invalid', Stalled: 'Invalid' }), 'ready', 'failed'],
    ['stalled, work going on', resource({ Ready: '!I', Reconciling: 'D', Stalled: 'I' }), 'ready', 'waiting'],
    ['cancelled from outside', resource({ Ready: 'Cancelled' }, job('CANCELED')), 'finished', 'failed'],
    ['failed, tried again', resource({ Ready: '!R', Reconciling: 'R' }, spark('FAILED')), 'finished', 'waiting'],
    ['Spark failed', resource({ Ready: '!Failed' }, spark('FAILED')), 'finished', 'failed'],
    ['Spark completed', resource({ Ready: 'Completed' }, spark('COMPLETED')), 'finished', 'reached'],
    ['snapshot completed', resource({ Ready: 'Completed' }, { state: 'COMPLETED' }), 'finished', 'reached'],
  ])('%s', (_, object, goal, standing) => expect(verdictOf(object, goal).standing).toBe(standing));

  it('is a failure while it is being deleted', () => {
    const running = resource({ Ready: 'JobRunning' });
    const leaving = { ...running, metadata: { ...running.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(verdictOf(leaving, 'ready')).toEqual({ standing: 'failed', message: 'it is being deleted' });
  });
});

describe('weir wait', () => {
  /** Waits on what is read one after another, the last for ever; time moves by pauses alone. */
  function wait(reads: readonly (KubeObject | Error | undefined)[], goal: Goal = 'ready', timeoutMs = 60_000) {
    let [time, read] = [0, 0];
    const told: string[] = [];
    const result = waitFor(goal, timeoutMs, {
      get: async () => {
        const next = reads[Math.min(read++, reads.length - 1)];
        if (next instanceof Error) throw next;
        return next;
      },
      now: () => time,
      pause: async (ms) => {
        time += ms;
      },
      told: (message) => told.push(message),
    });
    return { result, told };
  }
  const deploying = resource({ Ready: '!Deploying', Reconciling: 'Deploying' });
  const running = resource({ Ready: 'JobRunning' }, job('RUNNING'));

  it('tells every change once, and passes over a cluster that does not answer', async () => {
    const { result, told } = wait([undefined, deploying, deploying, new Error('connect ECONNREFUSED'), running]);
    expect(await result).toBe('RUNNING, JobRunning: as it is');
    expect(told).toEqual(['there is none of that name', 'Deploying: as it is', 'connect ECONNREFUSED']);
  });

  it('ends with a code of its own for failure, time-out and refusal', async () => {
    const stalled = resource({ Ready: '!Invalid', Stalled: 'Invalid' });
    await expect(wait([deploying, stalled]).result).rejects.toMatchObject({ code: 4, message: 'Invalid: as it is' });
    const late = { code: 5, message: 'not ready after 3 s: Deploying: as it is' };
    await expect(wait([deploying], 'ready', 3000).result).rejects.toMatchObject(late);
    const forbidden = Object.assign(new Error('forbidden'), { status: 403 });
    await expect(wait([forbidden]).result).rejects.toBe(forbidden);
  });
});
