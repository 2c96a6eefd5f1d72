import { describe, expect, it } from 'vitest';
import type { ServiceHttp, ServiceRequest } from '../core/ports.ts';
import type { KubeObject } from '../kube/object.ts';
import { askAboutDisposal, type Disposals, performTaking, takingOf } from './taking-client.ts';
import { aFlinkDeployment } from './testing.ts';

const JOB = 'a'.repeat(32);
const PATH = 's3://b/s/1';

type Answer = Awaited<ReturnType<ServiceHttp['request']>>;

/** A door to a JobManager that gives these answers one after the other, and what it was asked. */
function doorOf(...answers: Answer[]) {
  const requests: ServiceRequest[] = [];
  const http: ServiceHttp = {
    request: async (request) => {
      requests.push(request);
      return answers[requests.length - 1] ?? { status: 500, body: undefined };
    },
  };
  const target = { namespace: 'default', name: 'orders', port: 8081, jobId: JOB };
  const asked = () => requests.map(({ method, path, body }) => [method, path, body]);
  return { door: { http, target, signal: new AbortController().signal }, asked };
}

function keeping(...locations: string[]): KubeObject {
  const savepointHistory = locations.map((location) => ({ location }));
  return aFlinkDeployment({ status: { jobStatus: { savepointInfo: { savepointHistory } } } });
}

describe('what was decided about snapshots in the status', () => {
  it('is asked of Flink', async () => {
    const { door, asked } = doorOf({ status: 202, body: {} }, { status: 202, body: {} });
    const known = { resource: keeping(), disposals: new Map() };
    const savepoint = { triggerId: 'b', targetDirectory: 's3://b', formatType: 'NATIVE' } as const;
    await performTaking(door, { kind: 'trigger-savepoint', jobId: JOB, request: savepoint }, known);
    const checkpoint = { triggerId: 'c', checkpointType: 'FULL' } as const;
    await performTaking(door, { kind: 'trigger-checkpoint', jobId: JOB, request: checkpoint }, known);
    expect(asked()).toEqual([
      [
        'POST',
        `/jobs/${JOB}/savepoints`,
        { triggerId: 'b', 'target-directory': 's3://b', formatType: 'NATIVE', 'cancel-job': false },
      ],
      ['POST', `/jobs/${JOB}/checkpoints`, checkpoint],
    ]);
  });

  it('is asked about by the ids in the status, old and new', () => {
    const status = { jobStatus: { savepointInfo: { triggerId: 'b' }, checkpointInfo: { triggerId: 'c' } } };
    expect(takingOf(aFlinkDeployment({ status }))).toEqual({
      taking: [
        { kind: 'savepoint', triggerId: 'b' },
        { kind: 'checkpoint', triggerId: 'c' },
      ],
    });
    expect(takingOf(aFlinkDeployment({ status: { jobStatus: { savepointInfo: { triggerId: '' } } } }))).toEqual({});
    expect(takingOf(aFlinkDeployment())).toEqual({});
  });
});

describe('a disposal', () => {
  const dispose = { kind: 'dispose-savepoint', jobId: JOB, path: PATH } as const;
  const accepted: Answer = { status: 202, body: { 'request-id': 'd' } };
  const running: Answer = { status: 200, body: { status: { id: 'IN_PROGRESS' } } };
  const over: Answer = { status: 200, body: { status: { id: 'COMPLETED' }, operation: {} } };

  it('is asked for once, and followed while its savepoint is in the status', async () => {
    const { door, asked } = doorOf(accepted, running, over, over);
    const disposals: Disposals = new Map();
    const resource = keeping(PATH);
    await performTaking(door, dispose, { resource, disposals });
    await performTaking(door, dispose, { resource, disposals });
    expect(asked()).toEqual([['POST', '/savepoint-disposal', { 'savepoint-path': PATH }]]);
    const told = async (about: KubeObject) => (await askAboutDisposal(door, about, disposals)).disposal;
    expect(await told(resource)).toEqual({ path: PATH, progress: { kind: 'in-progress' } });
    expect(await told(resource)).toEqual({ path: PATH, progress: { kind: 'completed' } });
    expect(await told(resource)).toEqual({ path: PATH, progress: { kind: 'completed' } });
    expect(await told(keeping())).toBeUndefined();
    expect(disposals.size).toBe(0);
  });

  it('that the JobManager has forgotten may be asked for again', async () => {
    const { door, asked } = doorOf(accepted, { status: 404, body: {} }, accepted);
    const disposals: Disposals = new Map();
    const resource = keeping(PATH);
    await performTaking(door, dispose, { resource, disposals });
    expect((await askAboutDisposal(door, resource, disposals)).disposal?.progress).toEqual({ kind: 'unknown-trigger' });
    await performTaking(door, dispose, { resource, disposals });
    expect(asked()).toHaveLength(3);
  });
});
