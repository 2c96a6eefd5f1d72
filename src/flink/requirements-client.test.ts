import { describe, expect, it } from 'vitest';
import type { ServiceRequest } from '../core/ports.ts';
import { askRequirements, rescaleJob } from './requirements-client.ts';
import type { Door, RestAnswer } from './rest-request-client.ts';

const JOB = 'a'.repeat(32);
const PATH = `/jobs/${JOB}/resource-requirements`;

/** As Flink 2.3 answers. */
const BODY = {
  v1: { parallelism: { lowerBound: 1, upperBound: 4 } },
  v2: { parallelism: { lowerBound: 3, upperBound: 4 } },
};

function flink(put: RestAnswer = { status: 200, body: {} }, get: RestAnswer = { status: 200, body: BODY }) {
  const puts: unknown[] = [];
  const request = async ({ method, path, body }: ServiceRequest): Promise<RestAnswer> => {
    expect(path).toBe(PATH);
    if (method === 'GET') return get;
    expect(method).toBe('PUT');
    puts.push(body);
    return put;
  };
  const target = { namespace: 'jobs', name: 'orders', port: 8081, jobId: JOB };
  const door: Door = { http: { request }, target, signal: new AbortController().signal };
  return { door, puts };
}

const refusal = (status: number): RestAnswer => ({ status, body: { errors: ['java.lang.X: not with this one'] } });

describe('resource requirements', () => {
  it('are the bounds of each vertex', async () => {
    const bounds = { v1: { lower: 1, upper: 4 }, v2: { lower: 3, upper: 4 } };
    expect(await askRequirements(flink().door)).toEqual({ kind: 'known', bounds });
  });

  it('are refused by a scheduler that knows none, in its words', async () => {
    const { door } = flink(undefined, refusal(500));
    expect(await askRequirements(door)).toEqual({ kind: 'refused', why: 'java.lang.X: not with this one' });
  });

  it.each([404, 503])('are not refused where the answer is %d', async (status) => {
    await expect(askRequirements(flink(undefined, refusal(status)).door)).rejects.toThrow(`answered ${status}`);
  });

  it('become the sizes, with never more tasks at least than before, and of all vertices', async () => {
    const { door, puts } = flink();
    await rescaleJob(door, { v2: 2, unknown: 9 });
    expect(puts).toEqual([{ ...BODY, v2: { parallelism: { lowerBound: 2, upperBound: 2 } } }]);
    await rescaleJob(door, { v1: 8 });
    expect(puts[1]).toEqual({ ...BODY, v1: { parallelism: { lowerBound: 1, upperBound: 8 } } });
  });

  it('are not written when they are as wanted', async () => {
    const { door, puts } = flink();
    await rescaleJob(door, { v1: 4 });
    expect(puts).toEqual([]);
  });

  it('say why when they are not taken', async () => {
    await expect(rescaleJob(flink(refusal(400)).door, { v1: 900 })).rejects.toThrow(
      `JobManager of jobs/orders: PUT ${PATH} answered 400: java.lang.X: not with this one`,
    );
  });
});
