import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { tryRun } from './lib/run.ts';
import { step } from './lib/steps.ts';

const root = join(import.meta.dirname, '..');

/** One check: what runs, and which lines of its output are worth showing when it passed. */
interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly summary?: RegExp;
}

const unitTests = 'unit tests';

function checks(fix: boolean): Check[] {
  return [
    {
      name: fix ? 'format and fix lint' : 'format and lint',
      command: 'biome',
      args: [
        ...(fix ? ['check', '--write'] : ['ci']),
        `--colors=${process.stderr.isTTY === true ? 'force' : 'off'}`,
        '.',
      ],
    },
    { name: 'types', command: 'tsc', args: ['--noEmit'] },
    {
      name: fix ? 'regenerate files' : 'generated files are up to date',
      command: 'node',
      args: ['scripts/generate.ts', ...(fix ? [] : ['--check'])],
    },
    {
      name: unitTests,
      command: 'vitest',
      args: ['run', '--project', 'unit'],
      summary: /^\s*(Test Files|Tests)\s/,
    },
  ];
}

/** The lines of a check's output that its summary pattern picks, colours removed, joined. */
function summaryOf(check: Check, output: string): string {
  const { summary } = check;
  if (summary === undefined) return '';
  return stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => summary.test(line))
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .join(', ');
}

async function runCheck(check: Check): Promise<boolean> {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
  let output = '';
  try {
    await step(check.name, async (handle) => {
      const options = { cwd: root, env: { PATH: path }, onOutput: (text: string) => handle.note(text) };
      const result = await tryRun(check.command, check.args, options);
      output = `${result.stdout}${result.stderr}`;
      if (result.code !== 0) throw new Error(`${check.command} exited with ${result.code}`);
    });
  } catch (error) {
    process.stderr.write(`${output.trimEnd()}\n${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
  const summary = summaryOf(check, output);
  if (summary !== '') process.stderr.write(`  ${summary}\n`);
  return true;
}

/** What `runChecks` is to do. */
export interface CheckOptions {
  /** Formats and regenerates instead of only looking. */
  readonly fix?: boolean;
  /** False leaves the unit tests out, for who runs them otherwise. */
  readonly unitTests?: boolean;
}

/** How one check went. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
}

/**
 * Runs every check, one after another and all of them even when one fails, and tells how each went. A check's output is
 * shown only when it fails.
 */
export async function runChecks(options: CheckOptions = {}): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks(options.fix ?? false)) {
    if (options.unitTests === false && check.name === unitTests) continue;
    results.push({ name: check.name, passed: await runCheck(check) });
  }
  return results;
}

const USAGE = `usage: npm run check [-- --fix]

Format and lint, types, generated files, unit tests. Exit code 1 if any of them fails.
  --fix   format, apply safe lint fixes and regenerate files first
`;

async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg !== '--fix')) {
    const help = args.includes('--help') || args.includes('-h');
    (help ? process.stdout : process.stderr).write(USAGE);
    return help ? 0 : 2;
  }
  const results = await runChecks({ fix: args.includes('--fix') });
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  if (failed.length > 0) process.stderr.write(`check failed: ${failed.join(', ')}\n`);
  return failed.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
