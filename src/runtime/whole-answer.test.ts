import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { type WholeAnswer, wholeAnswer } from './whole-answer.ts';

const open: { server: Server; agent: Agent }[] = [];

async function against(
  listener: RequestListener,
): Promise<{ server: Server; ask: (signal: AbortSignal) => Promise<WholeAnswer> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ connections: 1 });
  open.push({ server, agent });
  const { port } = server.address() as AddressInfo;
  const options = { origin: `http://127.0.0.1:${port}`, path: '/', method: 'GET' } as const;
  return { server, ask: (signal) => wholeAnswer(agent, options, signal) };
}

afterEach(async () => {
  for (const { server, agent } of open.splice(0)) {
    await agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('a whole answer', () => {
  it('is read over all its parts, whatever character they are cut in', async () => {
    const [first, rest] = [Buffer.from('grün').subarray(0, 3), Buffer.from('grün').subarray(3)];
    const { ask } = await against((_incoming, answer) => {
      answer.writeHead(404).write(first);
      setImmediate(() => answer.end(rest));
    });
    expect(await ask(new AbortController().signal)).toEqual({ status: 404, text: 'grün' });
  });

  it('is given up when the signal aborts in the middle of it, and the connection with it', async () => {
    const abort = new AbortController();
    const { server, ask } = await against((_incoming, answer) => void answer.writeHead(200).write('{'));
    const asked = ask(abort.signal);
    const [{ socket }] = await once(server, 'request');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    abort.abort(new Error('no answer within 10 s'));
    await expect(asked).rejects.toThrow('no answer within 10 s');
    await closed;
  });

  it('is not waited for by one that waits for its turn on the connection', async () => {
    const { server, ask } = await against(() => undefined);
    const [first, second] = [new AbortController(), new AbortController()];
    const blocking = ask(first.signal);
    await once(server, 'request');
    const waiting = ask(second.signal);
    second.abort(new Error('too long'));
    await expect(waiting).rejects.toThrow('too long');
    first.abort(new Error('and this'));
    await expect(blocking).rejects.toThrow('and this');
  });

  it('is not asked for once the signal has aborted', async () => {
    let asked = 0;
    const { ask } = await against((_incoming, answer) => {
      asked++;
      answer.end();
    });
    await expect(ask(AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
    await ask(new AbortController().signal);
    expect(asked).toBe(1);
  });

  it('rejects when the connection ends before it does', async () => {
    const { ask } = await against((incoming, answer) => {
      answer.writeHead(200).write('{');
      setImmediate(() => incoming.socket.destroy());
    });
    await expect(ask(new AbortController().signal)).rejects.toThrow();
  });
});
