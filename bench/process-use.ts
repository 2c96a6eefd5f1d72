import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts CPU time in hundredths of a second for programs, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;

/** CPU seconds a running process has used, its threads included, its children not. Throws if there is none. */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory of a process in MiB: resident now, and at most so far. */
export async function memoryMiB(pid: number): Promise<{ readonly rss: number; readonly peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { rss: of('VmRSS'), peak: of('VmHWM') };
}

/** Pids of programs by file name, among processes that have `text` in their command line. */
export async function pidsByProgram(text: string): Promise<Readonly<Record<string, number>>> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // ended meanwhile
      const program = basename(line.split('\0')[0] ?? '');
      // Shells are the ones that wait to clean up, not the programs.
      return line.includes(text) && program !== 'sh' ? [[program, Number(pid)] as const] : [];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** What happened to the CPUs while something was measured. */
export interface CpuUse {
  readonly wallSeconds: number;
  /** CPU seconds by the names given, and `bench` for this process. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Cores kept busy by anything else on the machine: how far the other figures can be trusted. */
  readonly foreignCores: number;
}

/** Runs `work` and says what CPU the named processes used meanwhile. */
export async function withCpuUse<T>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly cpu: CpuUse }> {
  const before = await snapshot(pids);
  const result = await work();
  const after = await snapshot(pids);
  const wallSeconds = (after.at - before.at) / 1000;
  const seconds = Object.fromEntries(
    Object.entries(after.used).map(([name, used]) => [name, used - (before.used[name] ?? 0)]),
  );
  const known = Object.values(seconds).reduce((sum, used) => sum + used, 0);
  const foreignCores = Math.max(0, after.busy - before.busy - known) / wallSeconds;
  return { result, cpu: { wallSeconds, seconds, foreignCores } };
}

/** Waits until others keep the machine at most this busy for three seconds in a row, or for `patienceMs`; says whether. */
export async function waitForCalm(maxForeignCores: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (let calm = 0; calm < 3; ) {
    if (performance.now() > deadline) return false;
    const { cpu } = await withCpuUse({}, () => sleep(1000));
    calm = cpu.foreignCores <= maxForeignCores ? calm + 1 : 0;
  }
  return true;
}

interface Snapshot {
  readonly at: number;
  readonly busy: number;
  readonly used: Readonly<Record<string, number>>;
}

async function snapshot(pids: Readonly<Record<string, number>>): Promise<Snapshot> {
  const own = process.cpuUsage();
  const bench = (own.user + own.system) / 1e6;
  const others = await Promise.all(
    Object.entries(pids).map(async ([name, pid]) => [name, await cpuSeconds(pid)] as const),
  );
  return { at: performance.now(), busy: await machineBusySeconds(), used: { bench, ...Object.fromEntries(others) } };
}

/** CPU seconds of all cores that were not idle since boot. */
async function machineBusySeconds(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}
