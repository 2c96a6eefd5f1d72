import { spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process for good: a pid alone may be given to another program later, the start time and the boot tell them apart. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, as in field 22 of /proc/PID/stat. */
  readonly startTime: string;
  readonly bootId: string;
}

/** What /proc/PID/stat says that matters here. Throws on text of another shape. */
export function parseStat(text: string): { state: string; startTime: string } {
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTime = fields[19];
  if (state === undefined || state === '' || startTime === undefined)
    throw new Error(`not a process stat line: ${text}`);
  return { state, startTime };
}

let bootIdOnce: Promise<string> | undefined;

/** The identity of this boot of the machine. */
export function bootId(): Promise<string> {
  bootIdOnce ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim());
  return bootIdOnce;
}

/** The identity of a running process; undefined if there is none with this pid, or only what is left of one (a zombie). */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined); // gone is an answer here, not an error
  if (text === undefined) return undefined;
  const { state, startTime } = parseStat(text);
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, startTime, bootId: await bootId() };
}

/** Whether exactly this process (not another that got its pid) runs now. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

/** Sends a signal to a pid; a process that has ended already is fine. */
export function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What a process to start in the background needs besides its command line. */
export interface DetachedOptions {
  /** File that gets both output streams, appended. */
  readonly log: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a program in its own session so that it outlives this one. Throws if it cannot be started at all. */
export async function startDetached(
  command: string,
  args: readonly string[],
  options: DetachedOptions,
): Promise<ProcessIdentity> {
  await mkdir(dirname(options.log), { recursive: true });
  const log = await open(options.log, 'a');
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: options.env,
      cwd: '/',
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.on('error', (error) => reject(new Error(`starting ${command}: ${error.message}`, { cause: error })));
      child.on('spawn', () => resolve(child.pid ?? 0));
    });
    child.unref();
    return (await identityOf(pid)) ?? { pid, startTime: 'ended at once', bootId: await bootId() };
  } finally {
    await log.close();
  }
}

/** Ends one process: SIGTERM, after the grace time SIGKILL. Returns when it is gone; does nothing if it is gone already. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (!(await isAlive(identity))) return;
  if (graceMs > 0) signalPid(identity.pid, 'SIGTERM');
  const killAt = Date.now() + graceMs;
  let killed = false;
  while (await isAlive(identity)) {
    if (!killed && Date.now() >= killAt) {
      signalPid(identity.pid, 'SIGKILL');
      killed = true;
    }
    await sleep(20);
  }
}

/** Pids of all processes that carry `NAME=value` in the environment they were started with. */
export async function pidsWithEnvironment(name: string, value: string): Promise<number[]> {
  const wanted = `\0${name}=${value}\0`;
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''); // ended meanwhile, or not ours to read
      return `\0${environment}`.includes(wanted) ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined && pid !== process.pid) as number[];
}

/** The last lines of a log file, for an error message; says so if there is none. */
export async function logTail(path: string, lines = 12): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error) => `(no log: ${error.message})`);
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
