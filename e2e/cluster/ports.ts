import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range Linux gives to outgoing connections, so that none of those takes a port between the test and its use. */
const lowest = 20_000;
const highest = 32_000;

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false)); // taken
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Different loopback ports nobody listens on now, picked at random so that processes asking at the same time rarely
 * get the same. Whoever uses one must still expect it to be taken.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempts = 0; found.size < count; attempts++) {
    if (attempts > 1000) throw new Error(`no free port between ${lowest} and ${highest}`);
    const port = randomInt(lowest, highest);
    if (!found.has(port) && (await canListen(port))) found.add(port);
  }
  return [...found];
}
