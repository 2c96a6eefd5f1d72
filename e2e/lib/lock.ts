import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Runs `work` while holding the exclusive lock named by a file, waiting for whoever holds it now. The kernel frees it
 * when this process ends in any way, so there is no stale lock. Where the program flock is missing (it is part of
 * every Linux) the work runs unlocked: what it guards must then stay right by itself, only slower.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn('flock', ['-x', path, 'sh', '-c', 'echo locked; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holder.stdin.on('error', () => undefined); // the holder may end first; then there is nothing left to release
  const waiting = onWait === undefined ? undefined : setTimeout(onWait, 300);
  try {
    const missing = await new Promise<boolean>((resolve, reject) => {
      holder.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(true) : reject(error)));
      holder.stdout.once('data', () => resolve(false));
      holder.on('exit', (code) => reject(new Error(`locking ${path}: flock exited with ${code}`)));
    });
    if (missing) return await work();
  } finally {
    clearTimeout(waiting);
  }
  try {
    return await work();
  } finally {
    const ended = once(holder, 'exit');
    holder.stdin.end();
    if (holder.exitCode === null && holder.signalCode === null) await ended;
  }
}
