import { describe, expect, it } from 'vitest';
import { askCheckpointed, type RoundSoFar } from './checkpointed-client.ts';
import type { JobFacts } from './observed.ts';
import type { Door } from './rest-request-client.ts';
import { type CheckpointFacts, NO_CHECKPOINTS } from './snapshot-facts.ts';

const JOB = 'a'.repeat(32);
const WINDOW_MS = 120_000;
const STARTED = 1_000;

function job(state: JobFacts['state'] = 'RUNNING'): JobFacts {
  const tasks = { total: 1, active: 1 };
  const rest = { vertices: [], exception: undefined };
  return { id: JOB, name: 'orders', state, startTime: STARTED, lastModification: 1, tasks, ...rest };
}

function completedAt(at: number): CheckpointFacts {
  const facts = { id: 1, path: 's3://c/1', triggeredAt: at - 5, sizeBytes: 1, discarded: false };
  return { ...NO_CHECKPOINTS, checkpoint: { ...facts, kind: 'checkpoint', completedAt: at } };
}

/** Of a job that takes checkpoints and has completed none. */
const NONE_YET: CheckpointFacts = { ...NO_CHECKPOINTS };

/** As Flink 2.3 answers of a job with one checkpoint. */
const BODY = {
  counts: { restored: 0, total: 1, in_progress: 0, completed: 1, failed: 0 },
  latest: {
    completed: {
      id: 1,
      status: 'COMPLETED',
      is_savepoint: false,
      trigger_timestamp: 69_000,
      latest_ack_timestamp: 70_000,
      state_size: 1,
      external_path: 's3://c/1',
      discarded: false,
    },
    savepoint: null,
    failed: null,
    restored: null,
  },
  history: [],
};

async function ask(round: Partial<RoundSoFar>, status = 200) {
  const paths: string[] = [];
  const target = { namespace: 'jobs', name: 'orders', port: 8081, jobId: JOB };
  const request: Door['http']['request'] = async ({ path }) => {
    paths.push(path);
    return { status, body: status === 200 ? BODY : { errors: ['no'] } };
  };
  const door: Door = { http: { request }, target, signal: new AbortController().signal };
  const so = { job: job(), atMs: 80_000, checkpoints: undefined, before: undefined, ...round };
  return { told: await askCheckpointed(door, WINDOW_MS, so), paths };
}

const before = { jobId: JOB, newestAt: 50_000, askedAt: 60_000, windowMs: 1 };
const ASKED = [`/jobs/${JOB}/checkpoints`];

describe('the newest checkpoint of a job', () => {
  it('is asked for once a minute', async () => {
    const told = { jobId: JOB, newestAt: 70_000, windowMs: WINDOW_MS };
    expect(await ask({})).toEqual({ told: { ...told, askedAt: 80_000 }, paths: ASKED });
    expect(await ask({ before, atMs: 119_999 })).toEqual({ told: { ...before, windowMs: WINDOW_MS }, paths: [] });
    expect(await ask({ before, atMs: 120_000 })).toEqual({ told: { ...told, askedAt: 120_000 }, paths: ASKED });
  });

  it('is taken from what was asked for another reason', async () => {
    const { told, paths } = await ask({ before, checkpoints: completedAt(79_000) });
    expect([told?.newestAt, told?.askedAt, paths]).toEqual([79_000, 80_000, []]);
  });

  it('counts from the start of a job that has none, and from what was known when its JobManager knows none', async () => {
    expect((await ask({ checkpoints: NONE_YET })).told?.newestAt).toBe(STARTED);
    expect((await ask({ checkpoints: NONE_YET, before })).told?.newestAt).toBe(50_000);
    const other = { ...before, jobId: 'b'.repeat(32) };
    expect((await ask({ checkpoints: NONE_YET, before: other })).told?.newestAt).toBe(STARTED);
  });

  it('stays while the job restarts, and goes when the job has ended', async () => {
    expect(await ask({ job: job('RESTARTING'), before, atMs: 500_000 })).toMatchObject({
      told: { newestAt: 50_000 },
      paths: [],
    });
    expect(await ask({ job: job('FAILED'), before })).toEqual({ told: undefined, paths: [] });
  });

  it('is not told of a job that takes none although its configuration has an interval, as in batch mode', async () => {
    expect((await ask({ before, checkpoints: NO_CHECKPOINTS })).told).toBeUndefined();
  });

  it('does not make everything else unknown when it cannot be asked for', async () => {
    expect(await ask({ before, atMs: 500_000 }, 500)).toMatchObject({ told: { askedAt: 60_000 }, paths: ASKED });
    expect(await ask({}, 500)).toEqual({ told: undefined, paths: ASKED });
  });
});
