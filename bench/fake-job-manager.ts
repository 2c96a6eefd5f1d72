import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** States the fake puts a job in. */
export type FakeJobState = 'INITIALIZING' | 'RUNNING' | 'CANCELED';

/** The JobManagers of all clusters behind one port, told apart by the Service name they are called by. */
export interface FakeJobManagers {
  readonly port: number;
  /** From now on the JobManager of this cluster answers, with one job in this state. Returns when that began. */
  answer(name: string, jobId: string, state: FakeJobState): number;
  /** Questions answered so far. */
  asked(): number;
  close(): Promise<void>;
}

interface FakeJob {
  readonly id: string;
  readonly state: FakeJobState;
  readonly since: number;
}

const TASKS = 4;

/** Listens on a free loopback port. A cluster that does not answer yet has its connections cut, as one without a pod. */
export async function startFakeJobManagers(): Promise<FakeJobManagers> {
  const jobs = new Map<string, FakeJob>();
  let asked = 0;
  const server = createServer((request, response) => {
    const job = jobs.get(clusterOf(request));
    if (job === undefined) {
      request.socket.destroy();
      return;
    }
    asked++;
    if (request.method === 'PATCH') {
      // The only change anybody asks for here.
      jobs.set(clusterOf(request), { ...job, state: 'CANCELED' });
      response.writeHead(202).end('{}');
    } else respond(response, answerTo(request.url ?? '', job));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    answer(name, jobId, state) {
      jobs.set(name, { id: jobId, state, since: Date.now() });
      return performance.now();
    },
    asked: () => asked,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** `<name>-rest.<namespace>:<port>` is how the operator calls it. */
function clusterOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').split('.')[0]?.replace(/-rest$/, '') ?? '';
}

/** What a JobManager of Flink 2.0 says, as far as the operator asks; undefined for anything else. */
function answerTo(url: string, job: FakeJob): unknown {
  const path = url.split('?')[0];
  const active = job.state === 'RUNNING' ? TASKS : 0;
  switch (path) {
    case '/config':
      return { 'flink-version': '2.0.0', 'flink-revision': 'bench' };
    case '/jobs/overview':
      return {
        jobs: [
          {
            jid: job.id,
            name: 'State machine job',
            state: job.state,
            'start-time': job.since,
            'end-time': -1,
            duration: Date.now() - job.since,
            'last-modification': job.since,
            tasks: { total: TASKS, running: active, created: TASKS - active },
          },
        ],
      };
    case `/jobs/${job.id}`:
      return { jid: job.id, state: job.state, vertices: [vertex('source', active), vertex('sink', active)] };
    case `/jobs/${job.id}/exceptions`:
      return { exceptionHistory: { entries: [], truncated: false } };
    case `/jobs/${job.id}/checkpoints`:
      return checkpoints(job);
    default:
      return undefined;
  }
}

/** One checkpoint, completed as soon as the job runs. */
function checkpoints({ id, state, since }: FakeJob): object {
  const completed = {
    id: 1,
    status: 'COMPLETED',
    is_savepoint: false,
    trigger_timestamp: since,
    latest_ack_timestamp: since,
    state_size: 1024,
    external_path: `file:/state/${id}/chk-1`,
    discarded: false,
  };
  const done = state === 'RUNNING' ? [completed] : [];
  return {
    counts: { restored: 0, in_progress: 0, completed: done.length, failed: 0 },
    latest: { completed: done[0] ?? null, savepoint: null, restored: null },
    history: done,
  };
}

function vertex(name: string, active: number): object {
  const half = TASKS / 2;
  return {
    id: name,
    name,
    parallelism: half,
    slotSharingGroupId: 'group',
    tasks: active > 0 ? { RUNNING: half } : { CREATED: half },
  };
}

function respond(response: ServerResponse, body: unknown): void {
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? { errors: ['not found'] }));
}
