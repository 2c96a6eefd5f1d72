import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { tryRun } from '../lib/run.ts';
import { step } from '../lib/steps.ts';

const root = join(import.meta.dirname, '../..');

/** How the tests of one vitest project went. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

/** The counts in a report of vitest's json reporter. Something that failed outside any test counts as one failed test. */
export function countTests(report: string, exitCode: number): TestCounts {
  const found = reportSchema.parse(JSON.parse(report));
  const failed = found.numFailedTests;
  const elsewhere = failed === 0 && (!found.success || exitCode !== 0) ? 1 : 0;
  return {
    passed: found.numPassedTests,
    failed: failed + elsewhere,
    skipped: found.numPendingTests + found.numTodoTests,
  };
}

/** How a project is run. */
export interface TestRun {
  readonly signal: AbortSignal;
  /** Only with what of the machine nothing else wants. */
  readonly background?: boolean;
  /** Lines of the output that are shown also when all went well. */
  readonly summary?: RegExp;
}

/** Runs a project of vitest to its end as one step, and shows its output when anything failed. */
export async function runTests(project: string, { signal, background, summary }: TestRun): Promise<TestCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-test-'));
  try {
    return await step(`${project} tests`, async (handle) => {
      const path = join(folder, 'report.json');
      const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${path}`];
      const [command, before] = background === true ? ['nice', ['-n', '10', 'vitest']] : ['vitest', []];
      const options = { cwd: root, signal, onOutput: (text: string) => handle.note(text) };
      const result = await tryRun(command, [...before, ...args], options);
      const report = await readFile(path, 'utf8').catch(() => undefined); // vitest did not get so far
      const counts = report === undefined ? { passed: 0, failed: 1, skipped: 0 } : countTests(report, result.code);
      if (counts.failed > 0) process.stderr.write(`\n${result.stdout}${result.stderr}\n`);
      else for (const line of linesLike(result.stdout, summary)) process.stderr.write(`  ${line}\n`);
      return counts;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function linesLike(output: string, pattern: RegExp | undefined): readonly string[] {
  return pattern === undefined ? [] : output.split('\n').filter((line) => pattern.test(line));
}
