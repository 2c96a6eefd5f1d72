import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { execute } from './execute.ts';
import { FailureError } from './failure.ts';
import type { Action, Plan } from './plan.ts';
import type { Writer } from './ports.ts';

const RESOURCE: KubeObject = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'mine', namespace: 'default' } };

function configMap(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
}

function making(name: string, beside?: boolean): Action<never> {
  return { kind: 'create', object: configMap(name), because: 'test', ...(beside === undefined ? {} : { beside }) };
}

/** Creates as asked for by hand: each waits until it is let through, or refused. */
function slowApi() {
  const sent: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<KubeObject>>();
  const unused = () => Promise.reject(new Error('not in this test'));
  const write: Writer = {
    create: (object) => {
      const answer = Promise.withResolvers<KubeObject>();
      sent.push(object.metadata.name);
      waiting.set(object.metadata.name, answer);
      return answer.promise;
    },
    apply: unused,
    delete: unused,
    patch: unused,
    finalizer: unused,
    status: unused,
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    write,
    sent,
    async store(name: string) {
      waiting.get(name)?.resolve(configMap(name));
      await settled();
    },
    async refuse(name: string) {
      waiting.get(name)?.reject(new FailureError({ kind: 'transient', message: `no ${name}` }));
      await settled();
    },
  };
}

function carriedOut(actions: readonly Action<never>[]) {
  const api = slowApi();
  const plan: Plan<never, never> = { because: 'Test', status: undefined, actions, events: [] };
  const perform = () => Promise.reject(new Error('there are no effects'));
  const done = execute(RESOURCE, plan, { write: api.write, events: { record: () => undefined }, perform });
  const outcome = done.then(
    ({ did }) => did,
    (error: unknown) => (error as Error).message,
  );
  return { ...api, outcome };
}

describe('actions of a plan', () => {
  it('are carried out one after the other, and those beside one together with it', async () => {
    const { sent, store, outcome } = carriedOut([making('a'), making('b'), making('c', true), making('d')]);
    expect(sent).toEqual(['a']);
    await store('a');
    expect(sent).toEqual(['a', 'b', 'c']);
    await store('c');
    expect(sent).toEqual(['a', 'b', 'c']);
    await store('b');
    expect(sent).toEqual(['a', 'b', 'c', 'd']);
    await store('d');
    expect(await outcome).toEqual(['a', 'c', 'b', 'd'].map((name) => `create ConfigMap default/${name} (test)`));
  });

  it('are all waited for where one of several fails, and what comes after is not begun', async () => {
    const { sent, store, refuse, outcome } = carriedOut([
      making('a'),
      making('b', true),
      making('c', true),
      making('d'),
    ]);
    await refuse('b');
    await refuse('c');
    expect(await Promise.race([outcome, 'still waits'])).toBe('still waits');
    await store('a');
    expect(await outcome).toBe('no b');
    expect(sent).toEqual(['a', 'b', 'c']);
  });
});
