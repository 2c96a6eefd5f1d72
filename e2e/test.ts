import { join } from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { runChecks } from './check.ts';
import { clusterDown } from './cluster/cluster.ts';
import { clusterPrograms } from './cluster/node/components.ts';
import { programs } from './cluster/programs.ts';
import { clusterSupport, type Support } from './cluster/support.ts';
import { onInterrupt } from './kit/interrupt.ts';
import { runTests, type TestCounts, type TestRun } from './kit/vitest.ts';
import { cacheRoot } from './lib/cache.ts';
import { withLock } from './lib/lock.ts';
import { chooseScenarios } from './scenarios/index.ts';
import { runScenarios } from './scenarios/run.ts';

/** One row of the sums: how the tests of one kind went, or why they did not run. */
interface Row extends TestCounts {
  readonly name: string;
  readonly leftOut?: string;
}

const nothing: TestCounts = { passed: 0, failed: 0, skipped: 0 };

const program = new Command('test')
  .description(
    'Everything that verifies Weir: format, types, generated files, unit tests, tests against an API server, and\n' +
      'scenarios with real Flink on a real cluster, which it makes and removes. What this machine cannot run is left\n' +
      'out and named; with CI=true that is a failure.',
  )
  .option('--name <name>', 'name of the cluster it makes', 'weir-test');

async function checkRow(): Promise<Row> {
  const results = await runChecks({ unitTests: false });
  const passed = results.filter((result) => result.passed).length;
  return { ...nothing, name: 'checks', passed, failed: results.length - passed };
}

async function testRow(name: string, project: string, run: TestRun): Promise<Row> {
  return { name, ...(await runTests(project, run)) };
}

async function scenarioRow(cluster: string, signal: AbortSignal): Promise<Row> {
  const scenarios = chooseScenarios([]);
  try {
    const results = await runScenarios({ cluster: { name: cluster }, scenarios, signal });
    const passed = results.filter(({ error }) => error === undefined).length;
    return { ...nothing, name: 'scenarios', passed, failed: scenarios.length - passed };
  } catch (error) {
    process.stderr.write(`${pc.red('scenarios could not be run:')} ${messageOf(error)}\n`);
    return { ...nothing, name: 'scenarios', failed: scenarios.length };
  } finally {
    if (!signal.aborted) await clusterDown({ name: cluster });
  }
}

function leftOut(name: string, { why }: Support, instead: string): Row {
  return { ...nothing, name, leftOut: `${why ?? 'not possible here'}; ${instead}` };
}

async function runAll(cluster: string, signal: AbortSignal): Promise<Row[]> {
  const quick = [await checkRow(), await testRow('unit tests', 'unit', { signal })];
  const summary = /\d+ plans, \d+ violations/;
  // The scenarios mostly wait for Flink, and the simulation takes whatever is left of the machine meanwhile.
  const [simulation, onClusters] = await Promise.all([
    testRow('simulation', 'sim', { signal, background: true, summary }),
    clusterRows(cluster, signal),
  ]);
  return [...quick, simulation, ...onClusters];
}

async function clusterRows(cluster: string, signal: AbortSignal): Promise<Row[]> {
  const { apiOnly, node } = await clusterSupport();
  const rows: Row[] = [];
  if (apiOnly.ok) {
    await programs(node.ok ? clusterPrograms : ['etcd', 'kube-apiserver', 'kube-controller-manager']);
    rows.push(await testRow('API server tests', 'api', { signal }));
  } else rows.push(leftOut('API server tests', apiOnly, 'with it: npm test'));
  const elsewhere = 'elsewhere: npm test as root on Linux, or npm run e2e -- --context NAME with a cluster you have';
  rows.push(node.ok ? await scenarioRow(cluster, signal) : leftOut('scenarios', node, elsewhere));
  return rows;
}

/** Prints the sums, the line `N passed, N failed` last and alone, and returns the exit code. */
function report(rows: readonly Row[]): number {
  const sum = (pick: (row: Row) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  const omitted = rows.filter((row) => row.leftOut !== undefined || row.skipped > 0);
  const strict = process.env.CI === 'true';
  for (const row of rows) process.stdout.write(`${rowText(row)}\n`);
  if (omitted.length > 0) {
    const names = omitted.map(({ name }) => name).join(', ');
    process.stdout.write(`left out: ${names}${strict ? ' (a failure, since CI=true)' : ''}\n`);
  }
  const failed = sum((row) => row.failed) + (strict ? omitted.length : 0);
  process.stdout.write(`${sum((row) => row.passed)} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function rowText({ name, passed, failed, skipped, leftOut: why }: Row): string {
  const title = name.padEnd(18);
  if (why !== undefined) return `${pc.yellow('-')} ${title} not run: ${why}`;
  const mark = failed === 0 ? pc.green('✓') : pc.red('✗');
  return `${mark} ${title} ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  const { name } = program.parse().opts<{ name: string }>();
  const interrupt = onInterrupt(() => clusterDown({ name }));
  try {
    const rows = await withLock(
      join(cacheRoot(), `test-${name}.lock`),
      () => runAll(name, interrupt.signal),
      () => process.stderr.write(`… waiting: another npm test uses the cluster ${name}\n`),
    );
    return interrupt.signal.aborted ? await new Promise<never>(() => undefined) : report(rows);
  } finally {
    interrupt.stop();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 1;
});
