import { describe, expect, it } from 'vitest';
import { type Failure, FailureError } from '../../core/failure.ts';
import type { ArtifactRequest, ServiceRequest } from '../../core/ports.ts';
import type { Submission } from './submission.ts';
import { type SubmitDoor, submitJob } from './submit-client.ts';

const ID = 'a'.repeat(32);
const artifact: ArtifactRequest = {
  url: 'https://jars.example.com/a.jar',
  headers: new Map(),
  allowedSchemes: ['https'],
  restrictedHosts: 'refused',
};
const submission: Submission = {
  jar: { prefix: 'weir-1-', name: 'weir-1-2.jar', artifact },
  run: { jobId: ID, parallelism: 2 },
};

type Answers = Readonly<Record<string, { readonly status: number; readonly body?: unknown } | undefined>>;

/** A session that answers as Flink 2.3 does, but for the given requests. */
function sessionOf(answers: Answers = {}) {
  const requests: string[] = [];
  const bodies: unknown[] = [];
  let uploaded = '';
  const files: { id: string; name: string }[] = [];
  const flink = async ({ method, path, file, body }: ServiceRequest): Promise<{ status: number; body: unknown }> => {
    if (path === '/jobs/overview') return { status: 200, body: { jobs: [] } };
    if (path === '/jars') return { status: 200, body: { address: 'http://x', files: [...files] } };
    if (path === '/jars/upload' && file !== undefined) {
      for await (const chunk of file.content) uploaded += String.fromCharCode(...chunk);
      files.push({ id: `uuid_${file.name}`, name: file.name });
      return { status: 200, body: { filename: `/tmp/flink-web/uuid_${file.name}`, status: 'success' } };
    }
    if (method === 'DELETE') {
      files.splice(0);
      return { status: 200, body: {} };
    }
    bodies.push(body);
    return { status: 200, body: { jobid: ID } };
  };
  const door: SubmitDoor = {
    target: { namespace: 'default', name: 'orders', port: 8081, jobId: undefined },
    signal: new AbortController().signal,
    http: {
      async request(request) {
        requests.push(`${request.method} ${request.service}${request.path}`);
        const given = answers[`${request.method} ${request.path}`];
        return given === undefined ? flink(request) : { status: given.status, body: given.body };
      },
    },
    artifacts: {
      async open({ url }) {
        return (async function* () {
          yield new TextEncoder().encode(url);
        })();
      },
    },
  };
  return { door, requests, bodies, uploaded: () => uploaded };
}

async function failure(answers: Answers): Promise<Failure> {
  const error = await submitJob(sessionOf(answers).door, submission).catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError)) throw new Error(`expected a FailureError, got ${String(error)}`);
  return error.failure;
}

describe('submitting a job', () => {
  it('looks for it, uploads the jar, runs it, and deletes the jar', async () => {
    const session = sessionOf();
    await submitJob(session.door, submission);
    expect(session.requests).toEqual([
      'GET orders-rest/jobs/overview',
      'GET orders-rest/jars',
      'POST orders-rest/jars/upload',
      'POST orders-rest/jars/uuid_weir-1-2.jar/run',
      'GET orders-rest/jars',
      'DELETE orders-rest/jars/uuid_weir-1-2.jar',
    ]);
    expect(session.uploaded()).toBe('https://jars.example.com/a.jar');
    expect(session.bodies).toEqual([{ jobId: ID, parallelism: 2 }]);
  });

  it('does nothing when the session has it already', async () => {
    const session = sessionOf({ 'GET /jobs/overview': { status: 200, body: { jobs: [{ jid: ID }] } } });
    await submitJob(session.door, submission);
    expect(session.requests).toEqual(['GET orders-rest/jobs/overview']);
  });

  it('uses a jar that an attempt before it left', async () => {
    const body = { files: [{ id: 'u_weir-1-2.jar', name: 'weir-1-2.jar' }] };
    const session = sessionOf({ 'GET /jars': { status: 200, body } });
    await submitJob(session.door, submission);
    expect(session.requests).not.toContain('POST orders-rest/jars/upload');
    expect(session.requests).toContain('POST orders-rest/jars/u_weir-1-2.jar/run');
  });

  it('uploads an empty jar for code that is on the session', async () => {
    const session = sessionOf();
    await submitJob(session.door, { ...submission, jar: { prefix: 'weir-1-', name: 'weir-1-2.jar' } });
    expect(session.uploaded().startsWith('PK\u0003\u0004')).toBe(true);
    expect(session.uploaded()).toContain('META-INF/MANIFEST.MF');
  });

  it.each([
    'org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted.',
    'org.apache.flink.runtime.client.DuplicateApplicationSubmissionException: Application has already been submitted.',
  ])('is done when Flink says that it was done before: %s', async (cause) => {
    const errors = [
      `org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute\nCaused by: ${cause}`,
    ];
    const run = { status: 400, body: { errors } };
    await expect(submitJob(sessionOf({ [`POST ${RUN}`]: run }).door, submission)).resolves.toBeUndefined();
  });
});

const RUN = '/jars/uuid_weir-1-2.jar/run';
const WHO = 'JobManager of default/orders';

describe('a submission that fails', () => {
  it.each<[string, Answers, Failure]>([
    [
      'in the main method',
      {
        [`POST ${RUN}`]: {
          status: 400,
          body: {
            errors: ['org.x.RestHandlerException: Could not run\nCaused by: java.lang.ClassNotFoundException: A'],
          },
        },
      },
      {
        kind: 'stalled',
        reason: 'SubmitFailed',
        message: `${WHO}: submitting job ${ID} answered 400: java.lang.ClassNotFoundException: A`,
      },
    ],
    [
      'because its jar went with the JobManager',
      { [`POST ${RUN}`]: { status: 400, body: { errors: ['Jar file /tmp/a.jar does not exist'] } } },
      { kind: 'transient', message: `${WHO}: submitting job ${ID} answered 400: Jar file /tmp/a.jar does not exist` },
    ],
    [
      'because its main class is not there',
      {
        [`POST ${RUN}`]: {
          status: 500,
          body: { errors: ['Internal server error.', 'java.lang.ClassNotFoundException: A'] },
        },
      },
      {
        kind: 'stalled',
        reason: 'SubmitFailed',
        message: `${WHO}: submitting job ${ID} answered 500: Internal server error.; java.lang.ClassNotFoundException: A`,
      },
    ],
    [
      'by a time-out of Flink',
      { [`POST ${RUN}`]: { status: 500, body: { errors: ['java.util.concurrent.TimeoutException: late'] } } },
      {
        kind: 'transient',
        message: `${WHO}: submitting job ${ID} answered 500: java.util.concurrent.TimeoutException: late`,
      },
    ],
    [
      'inside Flink',
      { [`POST ${RUN}`]: { status: 500 } },
      { kind: 'transient', message: `${WHO}: submitting job ${ID} answered 500` },
    ],
    [
      'because the session takes no jars',
      { 'GET /jars': { status: 404 } },
      {
        kind: 'stalled',
        reason: 'SubmitFailed',
        message: `${WHO}: the session takes no jars; web.submit.enable must not be false`,
      },
    ],
    [
      'by another job than the one asked for',
      { [`POST ${RUN}`]: { status: 200, body: { jobid: 'b' } } },
      {
        kind: 'stalled',
        reason: 'SubmitFailed',
        message: `${WHO}: submitting job ${ID} started job b; the main method must run one job and not set its id`,
      },
    ],
    [
      'because the session cannot be asked',
      { 'GET /jobs/overview': { status: 503 } },
      { kind: 'transient', message: `${WHO}: GET /jobs/overview answered 503` },
    ],
  ])('%s', async (_name, answers, told) => {
    expect(await failure(answers)).toEqual(told);
  });
});
