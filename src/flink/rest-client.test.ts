import { describe, expect, it } from 'vitest';
import { FailureError } from '../core/failure.ts';
import type { ServiceHttp, ServiceRequest } from '../core/ports.ts';
import { askJobManager, cancelJob } from './rest-client.ts';
import type { JobManagerTarget } from './rest-request-client.ts';

const JOB = 'a'.repeat(32);
const target: JobManagerTarget = { namespace: 'jobs', name: 'orders', port: 8081, jobId: JOB };
const signal = new AbortController().signal;

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/config': { 'flink-version': '2.3.0', 'flink-revision': 'abc @ now', 'timezone-name': 'UTC' },
  '/jobs/overview': {
    jobs: [
      {
        jid: JOB,
        name: 'orders',
        state: 'RUNNING',
        'start-time': 5,
        'end-time': -1,
        'last-modification': 9,
        tasks: { total: 4, running: 3, finished: 1, created: 0 },
      },
      {
        jid: 'b'.repeat(32),
        name: 'other',
        state: 'FINISHED',
        'start-time': 1,
        'last-modification': 2,
        tasks: { total: 1, finished: 1 },
      },
    ],
  },
  [`/jobs/${JOB}`]: {
    vertices: [
      {
        id: 'v1',
        name: 'Source',
        parallelism: 3,
        slotSharingGroupId: 'g',
        tasks: { RUNNING: 2, FINISHED: 1, CREATED: 0 },
      },
      { id: 'v2', name: 'Sink', parallelism: 1, tasks: { RUNNING: 1 } },
    ],
  },
  [`/jobs/${JOB}/exceptions?maxExceptions=1`]: {
    exceptionHistory: {
      entries: [
        {
          exceptionName: 'x.Boom',
          stacktrace: 'x.Boom: no\n\tat y',
          timestamp: 7,
          taskName: 'Source',
          endpoint: 'h:1',
          taskManagerId: 't',
        },
      ],
    },
  },
};

interface Recorded {
  readonly http: ServiceHttp;
  readonly asked: ServiceRequest[];
}

function answering(answers: Readonly<Record<string, unknown>>, status = 200): Recorded {
  const asked: ServiceRequest[] = [];
  const http: ServiceHttp = {
    request: async (request) => {
      asked.push(request);
      return { status: answers[request.path] === undefined ? 404 : status, body: answers[request.path] };
    },
  };
  return { http, asked };
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => undefined).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FailureError);
  return (error as FailureError).failure.message;
}

describe('askJobManager', () => {
  it('gathers the job, its vertices and its newest exception', async () => {
    expect(await askJobManager(answering(ANSWERS).http, target, signal, undefined)).toEqual({
      flinkVersion: '2.3.0',
      flinkRevision: 'abc @ now',
      jobs: [
        { id: JOB, state: 'RUNNING' },
        { id: 'b'.repeat(32), state: 'FINISHED' },
      ],
      job: {
        id: JOB,
        name: 'orders',
        state: 'RUNNING',
        startTime: 5,
        lastModification: 9,
        tasks: { total: 4, active: 4 },
        vertices: [
          { id: 'v1', name: 'Source', parallelism: 3, active: 3, slotSharingGroup: 'g' },
          { id: 'v2', name: 'Sink', parallelism: 1, active: 1, slotSharingGroup: undefined },
        ],
        exception: {
          name: 'x.Boom',
          stackTrace: 'x.Boom: no\n\tat y',
          timestamp: 7,
          taskName: 'Source',
          endpoint: 'h:1',
          taskManagerId: 't',
        },
      },
    });
  });

  it('asks one question only while nothing happens', async () => {
    const first = await askJobManager(answering(ANSWERS).http, target, signal, undefined);
    const { http, asked } = answering(ANSWERS);
    expect(await askJobManager(http, target, signal, first)).toEqual(first);
    expect(asked.map((request) => request.path)).toEqual(['/jobs/overview']);
  });

  it('asks for details again after a restart between two polls', async () => {
    const first = await askJobManager(answering(ANSWERS).http, target, signal, undefined);
    const before = first.job === undefined ? first : { ...first, job: { ...first.job, lastModification: 8 } };
    const { http, asked } = answering(ANSWERS);
    await askJobManager(http, target, signal, before);
    expect(asked.map((request) => request.path)).toEqual([
      '/jobs/overview',
      `/jobs/${JOB}`,
      `/jobs/${JOB}/exceptions?maxExceptions=1`,
    ]);
  });

  it.each([
    ['of an earlier state', { state: 'CREATED', now: 9000 }, 'behind'],
    ['of fewer running tasks', { state: 'RUNNING', now: 9000, vertices: [] }, 'behind'],
    ['perhaps older than the last change', { state: 'RUNNING', now: 3009 }, 'recent'],
    ['certainly newer than the last change', { state: 'RUNNING', now: 3010 }, undefined],
  ])('asks again for cached details %s', async (_what, change, age) => {
    const path = `/jobs/${JOB}`;
    const answers = { ...ANSWERS, [path]: { ...(ANSWERS[path] as object), ...change } };
    const first = await askJobManager(answering(answers).http, target, signal, undefined);
    expect(first.job?.details).toBe(age);
    const { http, asked } = answering(answers);
    await askJobManager(http, target, signal, first);
    expect(asked.length).toBe(age === undefined ? 1 : 3);
  });

  it('tells a JobManager that does not know the job from one that does not answer', async () => {
    const answers = { ...ANSWERS, '/jobs/overview': { jobs: [] } };
    expect((await askJobManager(answering(answers).http, target, signal, undefined)).job).toBeUndefined();
    expect(await failureOf(askJobManager(answering({}).http, target, signal, undefined))).toBe(
      'JobManager of jobs/orders: GET /jobs/overview answered 404',
    );
  });

  it.each([
    ['no jobs', {}],
    [
      'an unknown state',
      { jobs: [{ jid: 'x', name: 'x', state: 'DREAMING', 'start-time': 1, 'last-modification': 1, tasks: {} }] },
    ],
    ['text', 'hello'],
  ])('refuses an answer with %s', async (_name, body) => {
    const message = await failureOf(
      askJobManager(answering({ '/jobs/overview': body }).http, target, signal, undefined),
    );
    expect(message).toContain('GET /jobs/overview answered something unreadable');
  });
});

describe('cancelJob', () => {
  it('asks Flink to cancel', async () => {
    const { http, asked } = answering({ [`/jobs/${JOB}?mode=cancel`]: {} }, 202);
    await cancelJob(http, target, signal);
    expect(asked).toEqual([
      { namespace: 'jobs', service: 'orders-rest', port: 8081, method: 'PATCH', path: `/jobs/${JOB}?mode=cancel` },
    ]);
  });

  it.each([404, 409])('counts %s as done', async (status) => {
    await expect(
      cancelJob({ request: async () => ({ status, body: undefined }) }, target, signal),
    ).resolves.toBeUndefined();
  });

  it('fails on anything else', async () => {
    const http: ServiceHttp = { request: async () => ({ status: 500, body: undefined }) };
    expect(await failureOf(cancelJob(http, target, signal))).toBe(
      `JobManager of jobs/orders: cancelling job ${JOB} answered 500`,
    );
  });
});
