import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** JobManagers that mean harm, behind one port, told apart by the name of the cluster they are asked for. */
export interface HostileJobManagers {
  readonly port: number;
  /** How often somebody came to where a redirect leads. */
  lured(): number;
  /** Paths that were asked for. */
  asked(): readonly string[];
  close(): Promise<void>;
}

/** What a cluster of each name does to whoever asks it for its jobs. */
const BEHAVIOURS = {
  'jm-silent': () => undefined,
  'jm-endless': (response: ServerResponse) => {
    const chunk = Buffer.alloc(65_536, '[');
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
  'jm-nested': (response: ServerResponse) => void response.end('['.repeat(4_000_000)),
  'jm-kinds': (response: ServerResponse) => void response.end('{"jobs":{"__proto__":{"length":1}},"constructor":1}'),
  'jm-redirect': (response: ServerResponse) => void response.writeHead(302, { location: '/lured' }).end(),
  'jm-paths': (response: ServerResponse) =>
    void response.end(JSON.stringify({ jobs: [aJob('../../../api/v1/secrets', 'a', 'RUNNING')] })),
  'jm-control': (response: ServerResponse, { url = '' }: IncomingMessage) =>
    void response.end(JSON.stringify(answers(url))),
} as const;

/** The clusters there are. */
export const HOSTILE_CLUSTERS = Object.keys(BEHAVIOURS) as readonly (keyof typeof BEHAVIOURS)[];

/** The job that `jm-control` says it runs. */
export const HOSTILE_JOB = 'f'.repeat(32);

const CONTROL = '\u001b[2J\u001b]0;owned\u0007\r\n{"level":"fatal"}\u202e\u0000';

function aJob(jid: string, name: string, state: string): object {
  const times = { 'start-time': 1, duration: 1, 'last-modification': 1 };
  return { jid, name, state, ...times, tasks: { total: 1, running: 0 } };
}

function answers(url: string): object {
  if (url.startsWith('/config')) return { 'flink-version': CONTROL, 'flink-revision': CONTROL.repeat(10_000) };
  if (url.startsWith('/jobs/overview')) return { jobs: [aJob(HOSTILE_JOB, CONTROL.repeat(10_000), 'RESTARTING')] };
  if (url.includes('/exceptions')) {
    const entry = {
      exceptionName: CONTROL,
      stacktrace: `${CONTROL.repeat(20_000)}\nCaused by: ${CONTROL}`,
      timestamp: 1,
    };
    return { exceptionHistory: { entries: [entry] } };
  }
  const vertex = { id: CONTROL, name: CONTROL.repeat(1000), parallelism: 1, tasks: { RUNNING: 0 } };
  return { state: 'RESTARTING', now: 1, vertices: Array.from({ length: 50 }, () => vertex) };
}

/** Listens on a free loopback port. */
export async function startHostileJobManagers(): Promise<HostileJobManagers> {
  let lured = 0;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/lured') lured++;
    const cluster = (request.headers.host ?? '').split('.')[0]?.replace(/-rest$/, '') ?? '';
    const behaviour = BEHAVIOURS[cluster as keyof typeof BEHAVIOURS];
    if (behaviour === undefined) request.socket.destroy();
    else behaviour(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    lured: () => lured,
    asked: () => asked,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
