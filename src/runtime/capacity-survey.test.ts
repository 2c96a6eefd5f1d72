import { describe, expect, it, vi } from 'vitest';
import { known, knownValue, unasked } from '../core/fact.ts';
import { CAPACITY_KINDS } from './capacity-questions.ts';
import { createCapacitySurvey } from './capacity-survey.ts';
import { KubeError } from './classify-failure.ts';
import { createKinds } from './kinds.ts';
import type { KubeRequest } from './kube-client.ts';
import { createManualTime } from './testing/manual-time.ts';

const KINDS = createKinds([
  ...CAPACITY_KINDS,
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
]);

const AUTOSCALER = '/api/v1/namespaces/kube-system/configmaps';

function node(name: string): object {
  const conditions = [{ type: 'Ready', status: 'True' }];
  return { metadata: { name }, status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions } };
}

function pod(name: string, namespace: string): object {
  const containers = [{ name: 'main', resources: { requests: { cpu: '1' } } }];
  return { metadata: { name, namespace, uid: `uid of ${name}` }, spec: { nodeName: 'n1', containers } };
}

/** Answers by path: a list of items or an error. What is not named is not there. */
type Answers = Readonly<Record<string, readonly object[] | Error>>;

const CLUSTER: Answers = {
  '/api/v1/nodes': [node('n1'), node('n2'), node('n3')],
  '/api/v1/pods': [pod('a1', 'a'), pod('b1', 'b')],
  '/api/v1/namespaces/a/resourcequotas': [],
  '/api/v1/namespaces/a/limitranges': [{ metadata: { name: 'l' }, spec: { limits: [] } }],
};

function setup(answers: Answers = CLUSTER, pageSize = 500) {
  const time = createManualTime();
  const paths: string[] = [];
  const request = vi.fn(async ({ path, query, signal }: KubeRequest): Promise<unknown> => {
    paths.push(path);
    signal?.throwIfAborted();
    const found = answers[path];
    if (found === undefined) throw new KubeError({ kind: 'transient', message: 'NotFound' }, { status: 404 });
    if (found instanceof Error) throw found;
    const from = Number(query?.continue ?? 0);
    const more = from + pageSize < found.length ? { continue: `${from + pageSize}` } : {};
    return { metadata: more, items: found.slice(from, from + pageSize) };
  });
  const survey = createCapacitySurvey({ client: { request, kinds: KINDS }, time });
  return { time, paths, request, survey };
}

function forbidden(what: string): Error {
  return new KubeError({ kind: 'stalled', reason: 'Forbidden', message: `${what} is forbidden` }, { status: 403 });
}

describe('capacity survey', () => {
  it('asks nothing until asked to, then keeps what a verdict reads', async () => {
    const { time, survey, paths } = setup(CLUSTER, 2);
    expect(survey.latest('a')).toBe(unasked);
    const done = vi.fn();
    survey.refresh('a', 0, done);
    await time.settle();
    expect(done).toHaveBeenCalledOnce();
    expect(survey.latest('a')).toMatchObject({
      kind: 'known',
      value: {
        namespace: 'a',
        takenAt: time.now(),
        nodes: { value: [{ name: 'n1' }, { name: 'n2' }, { name: 'n3' }] },
        pods: { value: [{ uid: 'uid of a1', requests: { cpu: 1000 } }, { uid: 'uid of b1' }] },
        ownPods: { value: [{ uid: 'uid of a1' }] },
        quotas: known([]),
        limitRanges: known([{ name: 'l', limits: [] }]),
        autoscaler: { kind: 'absent' },
      },
    });
    expect(paths.filter((path) => path === '/api/v1/nodes')).toHaveLength(2);
  });

  it('asks for live pods only', async () => {
    const { time, survey, request } = setup();
    survey.refresh('a', 0, () => undefined);
    await time.settle();
    const asked = request.mock.calls.map(([one]) => one).find(({ path }) => path === '/api/v1/pods');
    expect(asked?.query).toEqual({ limit: 500, fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' });
  });

  it('answers many with one question, and one after the other', async () => {
    const { time, survey, paths } = setup();
    const done = vi.fn();
    for (let i = 0; i < 50; i++) survey.refresh(i % 2 === 0 ? 'a' : 'b', 0, done);
    await time.settle();
    await time.settle();
    expect(done).toHaveBeenCalledTimes(50);
    expect(paths.filter((path) => path === '/api/v1/nodes')).toHaveLength(1);
    expect(paths.filter((path) => path.endsWith('/resourcequotas'))).toEqual([
      '/api/v1/namespaces/a/resourcequotas',
      '/api/v1/namespaces/b/resourcequotas',
    ]);
  });

  it('asks anew after ten seconds, or when something newer is wanted', async () => {
    const { time, survey, paths } = setup();
    const nodeLists = (): number => paths.filter((path) => path === '/api/v1/nodes').length;
    const ask = async (newerThan: number): Promise<void> => {
      const done = vi.fn();
      survey.refresh('a', newerThan, done);
      await time.settle();
      expect(done).toHaveBeenCalledOnce();
    };
    const start = time.now();
    await ask(0);
    await time.advance(10_000);
    await ask(0);
    expect(nodeLists()).toBe(1);
    await ask(start);
    expect(nodeLists()).toBe(2);
    await time.advance(10_001);
    await ask(0);
    expect(nodeLists()).toBe(3);
  });

  it('drops everything a minute after the last question', async () => {
    const { time, survey } = setup();
    survey.refresh('a', 0, () => undefined);
    await time.advance(59_999);
    expect(survey.latest('a').kind).toBe('known');
    await time.advance(1);
    expect([survey.latest('a'), time.timers]).toEqual([unasked, 0]);
  });

  it('knows less with rights in one namespace only', async () => {
    const { survey, time } = setup({
      ...CLUSTER,
      '/api/v1/nodes': forbidden('nodes'),
      '/api/v1/pods': forbidden('pods'),
      '/apis/karpenter.sh/v1/nodepools': forbidden('nodepools'),
      '/api/v1/namespaces/a/pods': [pod('a1', 'a')],
    });
    survey.refresh('a', 0, () => undefined);
    await time.settle();
    expect(knownValue(survey.latest('a'))).toMatchObject({
      nodes: { kind: 'unknown', why: 'nodes is forbidden' },
      pods: { kind: 'unknown', why: 'pods is forbidden' },
      ownPods: { kind: 'known', value: [{ uid: 'uid of a1' }] },
      quotas: known([]),
      autoscaler: { kind: 'unknown' },
    });
  });

  it.each([
    [{ '/apis/karpenter.sh/v1/nodepools': [{ metadata: { name: 'p' } }] }, { value: { name: 'Karpenter' } }],
    [{ [AUTOSCALER]: [{ data: { status: 'autoscalerStatus: Running' } }] }, { value: { name: 'cluster-autoscaler' } }],
    [{ [AUTOSCALER]: forbidden('configmaps') }, { kind: 'unknown', why: 'configmaps is forbidden' }],
    [{}, { kind: 'absent' }],
  ])('finds the autoscaler by %j', async (more: Answers, found) => {
    const { survey, time } = setup({ ...CLUSTER, ...more });
    survey.refresh('a', 0, () => undefined);
    await time.settle();
    expect(knownValue(survey.latest('a'))?.autoscaler).toMatchObject(found);
  });

  it('asks again when an answer is lost, for as long as the question may take', async () => {
    const { survey, time, request, paths } = setup();
    const nodesAsked = (): number => paths.filter((path) => path === '/api/v1/nodes').length;
    const lost = new KubeError({ kind: 'transient', message: 'connection reset' }, {});
    request.mockRejectedValueOnce(lost);
    survey.refresh('a', 0, () => undefined);
    await time.advance(1_000);
    expect(knownValue(survey.latest('a'))?.nodes.kind).toBe('known');
    expect(nodesAsked()).toBe(1);
    request.mockRejectedValue(lost);
    survey.refresh('a', time.now(), () => undefined);
    await time.advance(30_000);
    expect(knownValue(survey.latest('a'))?.nodes.kind).toBe('unknown');
  });

  it('calls what does not answer in time unknown', async () => {
    const hanging = {
      kinds: KINDS,
      request: ({ signal }: KubeRequest) =>
        new Promise<unknown>((_, reject) => {
          if (signal?.aborted) reject(signal.reason as Error);
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    const time = createManualTime();
    const survey = createCapacitySurvey({ client: hanging, time });
    const done = vi.fn();
    survey.refresh('a', 0, done);
    await time.advance(30_000);
    expect(survey.latest('a')).toMatchObject({
      value: { nodes: { kind: 'unknown', why: 'no answer within 30000 ms' } },
    });
  });

  it('stops', async () => {
    const { time, survey, paths } = setup();
    const done = vi.fn();
    survey.refresh('a', 0, done);
    survey.stop();
    survey.refresh('b', 0, done);
    await time.advance(120_000);
    expect(done).not.toHaveBeenCalled();
    expect([paths.some((path) => path.includes('namespaces/b/')), time.timers]).toEqual([false, 0]);
  });
});
