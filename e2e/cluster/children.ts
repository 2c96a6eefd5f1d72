import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, type Probe } from './http.ts';
import { logTail, signalPid } from './process.ts';

/** A program that ended, or did not get ready, while it was waited for. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const all = new Set<Children>();

process.on('exit', () => {
  for (const children of all) children.killNow();
});

/**
 * Programs that never outlive this process, and the folder they work in. `stop` ends them; leaving this process
 * normally does too; and should it be killed, a waiting shell notices and does it.
 */
export class Children {
  readonly folder: string;
  readonly #running: ChildProcess[] = [];
  readonly #watchers: ChildProcess[] = [];

  constructor(folder: string) {
    this.folder = folder;
    all.add(this);
  }

  /** Starts a program and returns when its probe answers. Throws a `StartError` with the end of its output if it does not. */
  async start(
    name: string,
    command: string,
    args: readonly string[],
    probe: Probe,
    patienceMs = 90_000,
  ): Promise<ChildProcess> {
    const child = this.spawn(name, command, args);
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    const deadline = Date.now() + patienceMs;
    while (!(await isReady(probe))) {
      if (failure !== undefined) throw new StartError(`starting ${command}: ${failure.message}`, { cause: failure });
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || Date.now() > deadline) {
        throw new StartError(
          `${name} ${ended ? 'ended' : 'is not ready'}; the end of its log:\n${await logTail(this.log(name))}`,
        );
      }
      await sleep(25);
    }
    return child;
  }

  /** Starts a program without waiting for anything; its output is appended to its log. That it cannot be started is its `error` event. */
  spawn(name: string, command: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.log(name), 'a');
    const child = spawn(command, args, { stdio: ['ignore', log, log], cwd: this.folder });
    closeSync(log);
    this.#running.push(child);
    child.unref();
    if (child.pid !== undefined) this.#watch(child, child.pid);
    return child;
  }

  /** Path of the log of a program. */
  log(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  /** A shell that ends when this process does, by the end of its input, and takes the program with it; or when that ends. */
  #watch(child: ChildProcess, pid: number): void {
    const script = 'cat >/dev/null; kill -9 "$1" 2>/dev/null; rm -rf "$2"';
    const watcher = spawn('sh', ['-c', script, 'sh', String(pid), this.folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    watcher.unref();
    // The pipe must not keep this process alive: that it closes is the signal.
    (watcher.stdin as unknown as { unref(): void }).unref();
    watcher.stdin.on('error', () => undefined); // nothing is ever written
    this.#watchers.push(watcher);
    // The pid may be another program's from then on.
    child.once('exit', () => watcher.kill('SIGKILL'));
  }

  /** Kills all, without waiting; for the moment this process exits. */
  killNow(): void {
    for (const child of this.#running) {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        signalPid(child.pid, 'SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ends all, at once (nothing they hold is to be kept), and removes the folder. May be called twice. */
  async stop(): Promise<void> {
    // The watchers first: they would kill by pid, which is safe only while the programs are this process's children.
    await Promise.all([...this.#watchers, ...this.#running].map(killed));
    await rm(this.folder, { recursive: true, force: true });
    all.delete(this);
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.ref();
  child.kill('SIGKILL');
  await exit;
}
