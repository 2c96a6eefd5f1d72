import { describe, expect, it, vi } from 'vitest';
import type { Controller } from './controller.ts';
import { silentLogger } from './logger.ts';
import { createManager, type ManagerOptions } from './manager.ts';
import { createManualTime } from './testing/manual-time.ts';
import { createMemoryApi } from './testing/memory-client.ts';

function setup(
  change: (parts: ManagerOptions, log: (what: string) => () => Promise<void>) => Partial<ManagerOptions> = () => ({}),
) {
  const done: string[] = [];
  const log = (what: string) => async (): Promise<void> => void done.push(what);
  const time = createManualTime();
  const controller: Controller = {
    name: 'thing',
    kind: { apiVersion: 'v1', kind: 'Thing' },
    start: log('controller'),
    stop: log('-controller'),
    enqueue: () => {},
    enqueueAll: () => {},
    held: () => new Set(),
  };
  const caches = {
    start: (signal: AbortSignal) => {
      done.push('caches');
      signal.addEventListener('abort', () => done.push('-caches'));
    },
  } as unknown as ManagerOptions['caches'];
  const parts: ManagerOptions = {
    client: { ...createMemoryApi().client(), close: log('-client') },
    caches,
    controllers: [controller],
    events: { record: () => {}, flush: log('-events') },
    servers: [{ start: log('server'), stop: log('-server') }],
    election: { start: log('election'), release: log('-election'), leads: () => true, writeBudgetMs: () => 1 },
    time,
    log: silentLogger,
  };
  return { manager: createManager({ ...parts, ...change(parts, log) }), done, time };
}

describe('manager', () => {
  it('starts in order and stops in reverse, once', async () => {
    const { manager, done } = setup();
    await manager.start();
    expect(done).toEqual(['server', 'caches', 'election', 'controller']);
    await Promise.all([manager.stop(), manager.stop(1)]);
    expect(done.slice(4)).toEqual(['-controller', '-events', '-election', '-caches', '-server', '-client']);
  });

  it('starts no controller on a standby that is stopped', async () => {
    let release: () => void = () => {};
    const { manager, done } = setup(({ election }) => ({
      election: election && {
        ...election,
        start: () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
        release: async () => release(),
      },
    }));
    const started = manager.start();
    await vi.waitFor(() => expect(done).toContain('caches'));
    await manager.stop();
    await started;
    expect(done).not.toContain('controller');
  });

  it('releases the lease even if a controller cannot stop', async () => {
    const { manager, done } = setup(({ controllers }) => ({
      controllers: controllers.map((controller) => ({ ...controller, stop: () => Promise.reject(new Error('stuck')) })),
    }));
    await manager.start();
    await manager.stop();
    expect(done).toContain('-election');
  });

  it('works without an election', async () => {
    const { manager, done } = setup(() => ({ election: undefined }));
    await manager.start();
    await manager.stop();
    expect(done).not.toContain('election');
    expect(done.at(-1)).toBe('-client');
  });

  it('does not start when a server cannot', async () => {
    const { manager, done } = setup(({ servers }) => ({
      servers: servers.map((server) => ({ ...server, start: () => Promise.reject(new Error('port taken')) })),
    }));
    await expect(manager.start()).rejects.toThrow('port taken');
    expect(done).toEqual([]);
  });
});
