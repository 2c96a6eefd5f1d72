import { spawn } from 'node:child_process';

/** How to run a program: everything but the command line itself. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to (not replacing) this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for standard input; without it standard input is closed. */
  readonly input?: string;
  /** Called with each piece of output (both streams) as it comes. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** What a finished program left behind. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and reports its exit code, whatever it is. Throws only if it cannot be started. */
export function tryRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.stdin.on('error', () => undefined); // the program may end without reading its input
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => reject(new Error(`starting ${command}: ${error.message}`, { cause: error })));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 128), stdout, stderr }));
  });
}

/** Runs a program and returns its standard output. Throws, with the last lines of its output, if it exits non-zero. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await tryRun(command, args, options);
  if (result.code === 0) return result.stdout;
  const tail = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.join(' ')} exited with ${result.code}:\n${tail}`);
}
