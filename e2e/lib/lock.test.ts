import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('lets one in at a time', async () => {
  let inside = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    expect(inside).toBe(1);
    await sleep(20);
    inside -= 1;
  };
  const path = join(folder, 'deep', 'lock');
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
});

it('returns what the work returns, throws what it throws, and is free afterwards', async () => {
  const path = join(folder, 'lock');
  expect(await withLock(path, () => Promise.resolve(5))).toBe(5);
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(path, () => Promise.resolve(6))).toBe(6);
});

it('is free when its holder was killed', async () => {
  const path = join(folder, 'lock');
  const script = `
    const { withLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)});
    await withLock(${JSON.stringify(path)}, async () => {
      process.stdout.write('in');
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  expect(await withLock(path, () => Promise.resolve('mine'))).toBe('mine');
});
