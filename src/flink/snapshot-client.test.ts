import { describe, expect, it } from 'vitest';
import { FailureError } from '../core/failure.ts';
import type { ServiceRequest } from '../core/ports.ts';
import type { Door } from './rest-request-client.ts';
import {
  askCheckpoint,
  askCheckpoints,
  askDisposal,
  askSnapshot,
  disposeSavepoint,
  stopWithSavepoint,
  triggerCheckpoint,
  triggerSavepoint,
} from './snapshot-client.ts';
import { NO_CHECKPOINTS } from './snapshot-facts.ts';

const JOB = 'a'.repeat(32);
const TRIGGER = '7'.repeat(32);
const PATH = 's3://state/savepoints/savepoint-1';

interface Recorded {
  readonly door: Door;
  readonly asked: Pick<ServiceRequest, 'method' | 'path' | 'body'>[];
}

function answering(status: number, body?: unknown): Recorded {
  const asked: Recorded['asked'] = [];
  const http: Door['http'] = {
    request: async ({ namespace, service, port, ...request }) => {
      expect({ namespace, service, port }).toEqual({ namespace: 'jobs', service: 'orders-rest', port: 8081 });
      asked.push(request);
      return { status, body };
    },
  };
  const target = { namespace: 'jobs', name: 'orders', port: 8081, jobId: JOB };
  return { door: { http, target, signal: new AbortController().signal }, asked };
}

async function failureOf(work: Promise<unknown>): Promise<FailureError['failure']> {
  const error = await work.then(() => undefined).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FailureError);
  return (error as FailureError).failure;
}

const REQUEST = { triggerId: TRIGGER, targetDirectory: 's3://state/savepoints', formatType: 'NATIVE' } as const;
const NOT_FOUND = {
  errors: [
    'org.apache.flink.runtime.rest.NotFoundException: Job not found\n\tat x.Y\nCaused by: org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (a)',
  ],
};

describe('requests', () => {
  it('stop, with the trigger id given', async () => {
    const { door, asked } = answering(202, { 'request-id': TRIGGER });
    await stopWithSavepoint(door, { ...REQUEST, drain: true });
    expect(asked).toEqual([
      {
        method: 'POST',
        path: `/jobs/${JOB}/stop`,
        body: { triggerId: TRIGGER, targetDirectory: 's3://state/savepoints', formatType: 'NATIVE', drain: true },
      },
    ]);
  });

  it('savepoint, with the folder under the name this path has for it', async () => {
    const { door, asked } = answering(202, { 'request-id': TRIGGER });
    await triggerSavepoint(door, REQUEST);
    expect(asked).toEqual([
      {
        method: 'POST',
        path: `/jobs/${JOB}/savepoints`,
        body: {
          triggerId: TRIGGER,
          'target-directory': 's3://state/savepoints',
          formatType: 'NATIVE',
          'cancel-job': false,
        },
      },
    ]);
  });

  it('checkpoint', async () => {
    const { door, asked } = answering(202, { 'request-id': TRIGGER });
    await triggerCheckpoint(door, { triggerId: TRIGGER, checkpointType: 'FULL' });
    expect(asked).toEqual([
      { method: 'POST', path: `/jobs/${JOB}/checkpoints`, body: { triggerId: TRIGGER, checkpointType: 'FULL' } },
    ]);
  });

  it("disposal, with Flink's own trigger id", async () => {
    const { door, asked } = answering(202, { 'request-id': 'fe'.repeat(16) });
    expect(await disposeSavepoint(door, PATH)).toBe('fe'.repeat(16));
    expect(asked).toEqual([
      {
        method: 'POST',
        path: '/savepoint-disposal',
        body: { 'savepoint-path': PATH },
      },
    ]);
  });

  it.each([
    [
      400,
      { errors: ['Config key [state.savepoints.dir] is not set. Property [targetDirectory] must be provided.'] },
      {
        kind: 'stalled',
        reason: 'SnapshotRefused',
        message: `JobManager of jobs/orders: POST /jobs/${JOB}/stop answered 400: Config key [state.savepoints.dir] is not set. Property [targetDirectory] must be provided.`,
      },
    ],
    [
      404,
      NOT_FOUND,
      {
        kind: 'waiting',
        reason: 'JobNotFound',
        retryAfterMs: 5000,
        message: `JobManager of jobs/orders: POST /jobs/${JOB}/stop answered 404: org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (a)`,
      },
    ],
    [
      409,
      undefined,
      {
        kind: 'waiting',
        reason: 'JobNotRunning',
        retryAfterMs: 5000,
        message: `JobManager of jobs/orders: POST /jobs/${JOB}/stop answered 409`,
      },
    ],
    [
      503,
      { errors: ['Service temporarily unavailable due to an ongoing leader election. Please refresh.', ''] },
      {
        kind: 'transient',
        message: `JobManager of jobs/orders: POST /jobs/${JOB}/stop answered 503: Service temporarily unavailable due to an ongoing leader election. Please refresh.`,
      },
    ],
  ])('refused with %s', async (status, body, failure) => {
    expect(await failureOf(stopWithSavepoint(answering(status, body).door, { ...REQUEST, drain: false }))).toEqual(
      failure,
    );
  });
});

describe('askSnapshot', () => {
  it('asks for the operation of the trigger id', async () => {
    const savepoint = answering(404);
    await askSnapshot(savepoint.door, 'savepoint', TRIGGER);
    const checkpoint = answering(404);
    await askSnapshot(checkpoint.door, 'checkpoint', TRIGGER);
    expect([...savepoint.asked, ...checkpoint.asked]).toEqual([
      { method: 'GET', path: `/jobs/${JOB}/savepoints/${TRIGGER}` },
      { method: 'GET', path: `/jobs/${JOB}/checkpoints/${TRIGGER}` },
    ]);
  });

  const completed = { status: { id: 'COMPLETED' } };
  const thrown = (trace: string) => ({ class: 'x', 'stack-trace': trace, 'serialized-throwable': 'rO0' });

  it.each([
    ['under way', 200, { status: { id: 'IN_PROGRESS' }, operation: null }, { kind: 'in-progress' }],
    [
      'a savepoint that is there',
      200,
      { ...completed, operation: { location: 's3://s/savepoint-1', 'failure-cause': null } },
      { kind: 'completed', location: 's3://s/savepoint-1' },
    ],
    [
      'a checkpoint that is there',
      200,
      { ...completed, operation: { checkpointId: 12, failureCause: null } },
      { kind: 'completed', checkpointId: 12 },
    ],
    [
      'a savepoint that failed',
      200,
      { ...completed, operation: { 'failure-cause': thrown('a.B: outer\n\tat c.D\nCaused by: e.F: disk full') } },
      { kind: 'failed', cause: 'e.F: disk full' },
    ],
    [
      'a checkpoint that failed',
      200,
      { ...completed, operation: { failureCause: thrown('a.B: Not all required tasks are currently running.') } },
      { kind: 'failed', cause: 'a.B: Not all required tasks are currently running.' },
    ],
    [
      'a savepoint that is there although the stop failed',
      200,
      {
        ...completed,
        operation: {
          'failure-cause': thrown(
            'x.StopWithSavepointStoppingException: A savepoint has been created at: s3://s/savepoint-2, but the corresponding job a failed during stopping.',
          ),
        },
      },
      {
        kind: 'failed',
        cause:
          'x.StopWithSavepointStoppingException: A savepoint has been created at: s3://s/savepoint-2, but the corresponding job a failed during stopping.',
        location: 's3://s/savepoint-2',
      },
    ],
    [
      'a trigger id the JobManager does not know',
      404,
      { errors: ['There is no savepoint operation'] },
      { kind: 'unknown-trigger' },
    ],
  ])('%s', async (_what, status, body, progress) => {
    expect(await askSnapshot(answering(status, body).door, 'savepoint', TRIGGER)).toEqual(progress);
  });

  it.each([
    [500, undefined, `GET /jobs/${JOB}/savepoints/${TRIGGER} answered 500`],
    [200, { status: { id: 'DREAMING' } }, `GET /jobs/${JOB}/savepoints/${TRIGGER} answered something unreadable`],
  ])('fails on %s', async (status, body, message) => {
    const failure = await failureOf(askSnapshot(answering(status, body).door, 'savepoint', TRIGGER));
    expect(failure.kind).toBe('transient');
    expect(failure.message).toContain(message);
  });

  it('tells how far a disposal has come', async () => {
    const { door, asked } = answering(200, { ...completed, operation: { 'failure-cause': null } });
    expect(await askDisposal(door, TRIGGER, PATH)).toEqual({ kind: 'completed' });
    expect(asked).toEqual([{ method: 'GET', path: `/savepoint-disposal/${TRIGGER}` }]);
  });

  it.each([
    ['nothing', `Cannot find checkpoint or savepoint file/directory '${PATH}' on file system 's3'.`],
    ['no metadata', `Cannot find meta data file '_metadata' in directory '${PATH}'. Please try to load it directly.`],
  ])('tells that a disposal found %s at the path', async (_what, message) => {
    const { door } = answering(200, failedDisposal(`java.io.FileNotFoundException: ${message}`));
    expect(await askDisposal(door, TRIGGER, `${PATH}/`)).toEqual({ kind: 'nothing-there' });
  });

  it.each([
    "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory 's3://other' on file system 's3'.",
    `java.io.FileNotFoundException: ${PATH}/0a (No such file or directory)`,
    `java.io.IOException: Cannot access file system for checkpoint/savepoint path '${PATH}'.`,
  ])('takes no other failure of a disposal for a savepoint that is gone: %s', async (cause) => {
    const { door } = answering(200, failedDisposal(cause));
    expect(await askDisposal(door, TRIGGER, PATH)).toEqual({ kind: 'failed', cause });
  });
});

/** A disposal that failed, as Flink 1.20 and 2.3 answer (Dispatcher.disposeSavepoint). */
function failedDisposal(cause: string) {
  const trace = [
    `org.apache.flink.util.FlinkException: Could not dispose savepoint ${PATH}.`,
    '\tat org.apache.flink.runtime.dispatcher.Dispatcher.lambda$disposeSavepoint$17(Dispatcher.java:1036)',
    `Caused by: ${cause}`,
    '\tat org.apache.flink.runtime.checkpoint.Checkpoints.disposeSavepoint(Checkpoints.java:262)',
    '\t... 4 more',
  ].join('\n');
  const failure = { class: 'org.apache.flink.util.FlinkException', 'stack-trace': trace, 'serialized-throwable': '' };
  return { status: { id: 'COMPLETED' }, operation: { 'failure-cause': failure } };
}

/** A completed checkpoint as Flink 1.20 and 2.3 write it. */
function entry(id: number, change: Readonly<Record<string, unknown>> = {}) {
  return {
    '@class': 'completed',
    id,
    status: 'COMPLETED',
    is_savepoint: false,
    savepointFormat: null,
    trigger_timestamp: 1000 * id,
    latest_ack_timestamp: 1000 * id + 40,
    checkpointed_size: 9,
    state_size: 100 + id,
    end_to_end_duration: 40,
    alignment_buffered: 0,
    processed_data: 0,
    persisted_data: 0,
    num_subtasks: 4,
    num_acknowledged_subtasks: 4,
    checkpoint_type: 'CHECKPOINT',
    tasks: {},
    external_path: `s3://s/chk-${id}`,
    discarded: false,
    ...change,
  };
}

const SAVEPOINT = { is_savepoint: true, savepointFormat: 'CANONICAL', checkpoint_type: 'SAVEPOINT' };
const UNDER_WAY = { '@class': 'in_progress', status: 'IN_PROGRESS', latest_ack_timestamp: -1 };
const ANSWER = {
  counts: { restored: 1, total: 9, in_progress: 1, completed: 7, failed: 1 },
  summary: {},
  latest: {
    completed: entry(8),
    savepoint: entry(6, { ...SAVEPOINT, external_path: 's3://s/savepoint-6' }),
    failed: { ...entry(5), '@class': 'failed', status: 'FAILED', failure_timestamp: 5, failure_message: 'expired' },
    restored: { id: 3, restore_timestamp: 3500, is_savepoint: false, external_path: 's3://old/chk-3' },
  },
  history: [
    entry(9, { ...UNDER_WAY, ...SAVEPOINT, external_path: undefined }),
    entry(8),
    entry(7, { discarded: true, external_path: '<checkpoint-not-externally-addressable>' }),
    { ...entry(5), '@class': 'failed', status: 'FAILED', failure_timestamp: 5, failure_message: 'expired' },
  ],
};

describe('askCheckpoints', () => {
  it('reads counts, the newest ones, the history and what is under way', async () => {
    const { door, asked } = answering(200, ANSWER);
    const eighth = {
      id: 8,
      kind: 'checkpoint',
      path: 's3://s/chk-8',
      triggeredAt: 8000,
      completedAt: 8040,
      sizeBytes: 108,
      discarded: false,
    };
    expect(await askCheckpoints(door)).toEqual({
      counts: { completed: 7, failed: 1, inProgress: 1, restored: 1 },
      checkpoint: eighth,
      savepoint: {
        ...eighth,
        id: 6,
        kind: 'savepoint',
        path: 's3://s/savepoint-6',
        triggeredAt: 6000,
        completedAt: 6040,
        sizeBytes: 106,
      },
      restored: { id: 3, kind: 'checkpoint', path: 's3://old/chk-3', restoredAt: 3500 },
      history: [
        eighth,
        { ...eighth, id: 7, path: undefined, triggeredAt: 7000, completedAt: 7040, sizeBytes: 107, discarded: true },
      ],
      inProgress: [{ id: 9, kind: 'savepoint', triggeredAt: 9000 }],
    });
    expect(asked).toEqual([{ method: 'GET', path: `/jobs/${JOB}/checkpoints` }]);
  });

  it('reads the answer of a job that has taken none', async () => {
    const counts = { restored: 0, total: 0, in_progress: 0, completed: 0, failed: 0 };
    const latest = { completed: null, savepoint: null, failed: null, restored: null };
    expect(await askCheckpoints(answering(200, { counts, summary: {}, latest, history: [] }).door)).toEqual(
      NO_CHECKPOINTS,
    );
  });

  it('tells a job without checkpointing from a job that is not there', async () => {
    const without = answering(404, { errors: ['Checkpointing has not been enabled.'] });
    expect(await askCheckpoints(without.door)).toEqual(NO_CHECKPOINTS);
    expect(await failureOf(askCheckpoints(answering(404, NOT_FOUND).door))).toMatchObject({
      kind: 'waiting',
      reason: 'JobNotFound',
    });
  });

  it.each([
    ['no counts', { latest: {}, history: [] }],
    ['a checkpoint without an id', { ...ANSWER, history: [{ ...entry(1), id: undefined }] }],
  ])('refuses an answer with %s', async (_what, body) => {
    expect(await failureOf(askCheckpoints(answering(200, body).door))).toMatchObject({ kind: 'transient' });
  });

  it('looks up one checkpoint', async () => {
    const { door, asked } = answering(200, entry(8));
    expect(await askCheckpoint(door, 8)).toMatchObject({ id: 8, path: 's3://s/chk-8' });
    expect(asked).toEqual([{ method: 'GET', path: `/jobs/${JOB}/checkpoints/details/8` }]);
    expect(await askCheckpoint(answering(200, { ...entry(8), ...UNDER_WAY }).door, 8)).toBeUndefined();
    expect(await askCheckpoint(answering(404, { errors: ['none'] }).door, 8)).toBeUndefined();
  });
});
