import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  endProcess,
  identityOf,
  isAlive,
  logTail,
  parseStat,
  pidsWithEnvironment,
  signalPid,
  startDetached,
} from './process.ts';

const statLine = (name: string, state: string, startTime: string): string =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 7 0 ${startTime} 1000 200 18446744073709551615\n`;

describe('parseStat', () => {
  it('reads state and start time', () => {
    expect(parseStat(statLine('etcd', 'S', '123456'))).toEqual({ state: 'S', startTime: '123456' });
  });

  it('is not fooled by a program name', () => {
    expect(parseStat(statLine('a) R 1 (b', 'Z', '7'))).toEqual({ state: 'Z', startTime: '7' });
  });

  it('refuses other text', () => {
    expect(() => parseStat('nonsense')).toThrow('not a process stat line');
  });
});

describe.skipIf(platform() !== 'linux')('processes', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const env = { PATH: process.env.PATH ?? '' };

  it('start in the background, are known, and end', async () => {
    const log = join(folder, 'logs', 'sleeper.log');
    const marked = { ...env, WEIR_TEST_FOLDER: folder };
    const identity = await startDetached('sh', ['-c', 'echo "$WEIR_TEST_FOLDER"; exec sleep 1000'], {
      log,
      env: marked,
    });
    expect(await isAlive(identity)).toBe(true);
    while ((await readFile(log, 'utf8')) !== `${folder}\n`) await sleep(5);
    // A process has no environment of its own while it becomes another program.
    while ((await pidsWithEnvironment('WEIR_TEST_FOLDER', folder)).length === 0) await sleep(5);
    expect(await pidsWithEnvironment('WEIR_TEST_FOLDER', folder)).toEqual([identity.pid]);
    expect(await pidsWithEnvironment('WEIR_TEST_FOLDER', `${folder}x`)).toEqual([]);
    await endProcess(identity, 5000);
    expect(await isAlive(identity)).toBe(false);
    await endProcess(identity, 5000);
  });

  it('are not mistaken for others that got their pid', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const identity = await identityOf(child.pid ?? 0);
    if (identity === undefined) throw new Error('the process does not run');
    const earlier = { ...identity, startTime: String(Number(identity.startTime) - 1) };
    expect(await isAlive(earlier)).toBe(false);
    expect(await isAlive({ ...identity, bootId: 'another boot' })).toBe(false);
    await endProcess(earlier, 0);
    expect(await isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await identityOf(identity.pid)).toBeUndefined();
  });

  it('that cannot be started are an error', async () => {
    const log = join(folder, 'none.log');
    await expect(startDetached(join(folder, 'none'), [], { log, env })).rejects.toThrow('starting');
  });

  it('that have ended may be signalled', async () => {
    const child = spawn('true', { stdio: 'ignore' });
    await once(child, 'exit');
    expect(() => signalPid(child.pid ?? 0, 'SIGTERM')).not.toThrow();
  });

  it('leave their last words', async () => {
    const log = join(folder, 'words.log');
    const identity = await startDetached('sh', ['-c', 'for i in 1 2 3; do echo $i; done'], { log, env });
    while (await isAlive(identity)) await sleep(5);
    expect(await logTail(log, 2)).toBe('2\n3');
    expect(await logTail(join(folder, 'none.log'))).toContain('no log');
  });
});
