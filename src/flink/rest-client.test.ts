import { describe, expect, it } from 'vitest';
import { FailureError } from '../core/failure.ts';
import type { ServiceHttp, ServiceRequest } from '../core/ports.ts';
import type { JobManagerAnswer } from './observed.ts';
import { askJobManager, cancelJob, type Questions } from './rest-client.ts';
import type { Door, JobManagerTarget } from './rest-request-client.ts';
import { NO_CHECKPOINTS } from './snapshot-facts.ts';

const JOB = 'a'.repeat(32);
const target: JobManagerTarget = { namespace: 'jobs', name: 'orders', port: 8081, jobId: JOB };
const signal = new AbortController().signal;

const CHECKPOINTS = `/jobs/${JOB}/checkpoints`;

function checkpoints(completed: number): object {
  const counts = { restored: 0, total: completed, in_progress: 0, completed, failed: 0 };
  return { counts, latest: { completed: null, savepoint: null, failed: null, restored: null }, history: [] };
}

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
  [CHECKPOINTS]: checkpoints(0),
};

/** A job whose first checkpoint is complete. */
const SEEN = { ...ANSWERS, [CHECKPOINTS]: checkpoints(1) };

const AT_REST: Questions = { inTransition: false };

function at(http: ServiceHttp): Door {
  return { http, target, signal };
}

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
    expect(await askJobManager(at(answering(ANSWERS).http), AT_REST, undefined)).toEqual({
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
      checkpoints: NO_CHECKPOINTS,
    });
  });

  it('asks how far the snapshots in the status are, and for all of them where one is not known', async () => {
    const taking = [
      { kind: 'savepoint', triggerId: 'b' },
      { kind: 'checkpoint', triggerId: 'c' },
    ] as const;
    const first = await askJobManager(at(answering(SEEN).http), AT_REST, undefined);
    const under = { status: { id: 'IN_PROGRESS' } };
    const [savepoint, checkpoint] = [`/jobs/${JOB}/savepoints/b`, `/jobs/${JOB}/checkpoints/c`];
    const told = answering({ ...SEEN, [savepoint]: under, [checkpoint]: under });
    const answer = await askJobManager(at(told.http), { ...AT_REST, taking }, first);
    expect(answer.taking).toEqual(taking.map((one) => ({ ...one, progress: { kind: 'in-progress' } })));
    expect(told.asked.map(({ path }) => path)).toEqual(['/jobs/overview', savepoint, checkpoint]);
    const lost = answering({ ...SEEN, [checkpoint]: under });
    const other = await askJobManager(at(lost.http), { ...AT_REST, taking }, first);
    expect(other.taking?.[0]?.progress).toEqual({ kind: 'unknown-trigger' });
    expect(other.checkpoints?.counts.completed).toBe(1);
  });

  it('asks one question only while nothing happens', async () => {
    const first = await askJobManager(at(answering(SEEN).http), AT_REST, undefined);
    const { http, asked } = answering(SEEN);
    const { checkpoints: _asked, ...rest } = first;
    expect(await askJobManager(at(http), AT_REST, first)).toEqual(rest);
    expect(asked.map((request) => request.path)).toEqual(['/jobs/overview']);
  });

  it('asks for snapshots until one is complete, in a transition, and of a job that has ended', async () => {
    const asksFor = async (answers: typeof ANSWERS, questions: Questions): Promise<boolean> => {
      const { http, asked } = answering(answers);
      await askJobManager(at(http), questions, await askJobManager(at(http), questions, undefined));
      return asked.filter(({ path }) => path === CHECKPOINTS).length === 2;
    };
    const ended = JSON.parse(JSON.stringify(SEEN).replace('"RUNNING","start-time":5', '"CANCELED","start-time":5'));
    expect(await asksFor(ANSWERS, AT_REST)).toBe(true);
    expect(await asksFor(SEEN, AT_REST)).toBe(false);
    expect(await asksFor(SEEN, { inTransition: true })).toBe(true);
    expect(await asksFor(ended, AT_REST)).toBe(true);
  });

  it('asks how far the savepoint is that the job is stopped with', async () => {
    const triggerId = 'c'.repeat(32);
    const progress = { status: { id: 'IN_PROGRESS' } };
    const { http } = answering({ ...SEEN, [`/jobs/${JOB}/savepoints/${triggerId}`]: progress });
    const { stop } = await askJobManager(at(http), { inTransition: true, triggerId }, undefined);
    expect(stop).toEqual({ triggerId, progress: { kind: 'in-progress' } });
  });

  describe('the health of the job', () => {
    const METRICS = `/jobs/${JOB}/metrics?get=numRestarts,fullRestarts,numberOfCompletedCheckpoints`;
    const [running] = (SEEN['/jobs/overview'] as { jobs: object[] }).jobs;
    const overview = { jobs: [{ ...running, duration: 60_000 }] };
    const ask = async (metrics: unknown, health: Questions['health'], previous?: JobManagerAnswer) => {
      const { http, asked } = answering({ ...SEEN, '/jobs/overview': overview, [METRICS]: metrics });
      const questions: Questions = { inTransition: false, ...(health === undefined ? {} : { health }) };
      return { answer: await askJobManager(at(http), questions, previous), asked };
    };
    const NUMBERS = [
      { id: 'numRestarts', value: '7' },
      { id: 'numberOfCompletedCheckpoints', value: '3' },
    ];

    it('is asked for only where it is wanted', async () => {
      const { asked, answer } = await ask(NUMBERS, undefined);
      expect([asked.some(({ path }) => path === METRICS), answer.health]).toEqual([false, undefined]);
    });

    it('is the restarts and completed checkpoints that Flink counts', async () => {
      const { answer } = await ask(NUMBERS, {});
      expect(answer.health).toEqual({ restarts: 7, completedCheckpoints: 3 });
      const older = await ask([{ id: 'fullRestarts', value: '2' }], {});
      expect(older.answer.health).toEqual({ restarts: 2, completedCheckpoints: 0 });
    });

    it('is not known while Flink has no numbers', async () => {
      expect((await ask([], {})).answer.health).toBeUndefined();
      expect((await ask([{ id: 'numRestarts', value: 'NaN' }], {})).answer.health).toBeUndefined();
    });

    it.each([
      [57_000, undefined],
      [56_999, 5],
    ])('tells of checkpoints that stall for longer than %d ms and what is cached', async (windowMs, since) => {
      const { answer } = await ask(NUMBERS, { checkpointWindowMs: windowMs });
      expect(answer.health?.stalledSince).toBe(since);
    });

    it('is news only when it changes, not with each checkpoint', async () => {
      const first = (await ask(NUMBERS, {})).answer;
      const more = [NUMBERS[0], { id: 'numberOfCompletedCheckpoints', value: '4' }];
      expect((await ask(more, {}, first)).answer.health).toBe(first.health);
      const again = [{ id: 'numRestarts', value: '8' }, more[1]];
      expect((await ask(again, {}, first)).answer.health).toEqual({ restarts: 8, completedCheckpoints: 4 });
    });
  });

  it('tells how recent the newest checkpoint is of a job that takes some', async () => {
    const { jobs } = ANSWERS['/jobs/overview'] as { jobs: object[] };
    const answers = { ...SEEN, '/jobs/overview': { jobs: jobs.map((job) => ({ ...job, duration: 100 })) } };
    const first = await askJobManager(at(answering(answers).http), { ...AT_REST, checkpointWindowMs: 9 }, undefined);
    expect(first.checkpointed).toEqual({ jobId: JOB, newestAt: 5, askedAt: 105, windowMs: 9 });
    const { http, asked } = answering(answers);
    const next = await askJobManager(at(http), { ...AT_REST, checkpointWindowMs: 9 }, first);
    expect([next.checkpointed, asked.map(({ path }) => path)]).toEqual([first.checkpointed, ['/jobs/overview']]);
    expect((await askJobManager(at(http), AT_REST, first)).checkpointed).toBeUndefined();
  });

  it('asks for details again after a restart between two polls', async () => {
    const first = await askJobManager(at(answering(SEEN).http), AT_REST, undefined);
    const before = first.job === undefined ? first : { ...first, job: { ...first.job, lastModification: 8 } };
    const { http, asked } = answering(SEEN);
    await askJobManager(at(http), AT_REST, before);
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
    const answers = { ...SEEN, [path]: { ...(SEEN[path] as object), ...change } };
    const first = await askJobManager(at(answering(answers).http), AT_REST, undefined);
    expect(first.job?.details).toBe(age);
    const { http, asked } = answering(answers);
    await askJobManager(at(http), AT_REST, first);
    expect(asked.length).toBe(age === undefined ? 1 : 3);
  });

  it('tells a JobManager that does not know the job from one that does not answer', async () => {
    const answers = { ...ANSWERS, '/jobs/overview': { jobs: [] } };
    expect((await askJobManager(at(answering(answers).http), AT_REST, undefined)).job).toBeUndefined();
    expect(await failureOf(askJobManager(at(answering({}).http), AT_REST, undefined))).toBe(
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
    const message = await failureOf(askJobManager(at(answering({ '/jobs/overview': body }).http), AT_REST, undefined));
    expect(message).toContain('GET /jobs/overview answered something unreadable');
  });

  it('tells but the first of what is wrong with an answer that is made to cost memory', async () => {
    const body = { jobs: Array(10_000).fill({}) };
    const message = await failureOf(askJobManager(at(answering({ '/jobs/overview': body }).http), AT_REST, undefined));
    expect(message).toContain('jobs[0].jid');
    expect(message.length).toBeLessThan(300);
  });
});

describe('cancelJob', () => {
  it('asks Flink to cancel', async () => {
    const { http, asked } = answering({ [`/jobs/${JOB}?mode=cancel`]: {} }, 202);
    await cancelJob(at(http));
    expect(asked).toEqual([
      { namespace: 'jobs', service: 'orders-rest', port: 8081, method: 'PATCH', path: `/jobs/${JOB}?mode=cancel` },
    ]);
  });

  it.each([404, 409])('counts %s as done', async (status) => {
    await expect(cancelJob(at({ request: async () => ({ status, body: undefined }) }))).resolves.toBeUndefined();
  });

  it('fails on anything else', async () => {
    const http: ServiceHttp = { request: async () => ({ status: 500, body: undefined }) };
    expect(await failureOf(cancelJob(at(http)))).toBe(`JobManager of jobs/orders: cancelling job ${JOB} answered 500`);
  });
});
