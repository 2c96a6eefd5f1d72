import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { onInterrupt } from '../kit/interrupt.ts';
import { step } from '../lib/steps.ts';
import { FAULTS, type Fault } from './faults.ts';
import { type Outcome, tryFault, withStage } from './trial.ts';

interface Options {
  readonly list: boolean;
  readonly rounds: number;
}

interface Row {
  readonly fault: string;
  readonly strikeMs: number;
  readonly outcome: Outcome;
}

/** A whole trial: jobs of each engine, the Lease as it is by default, and how long nothing may be written at the end. */
const EFFORT = { flink: 10, spark: 5, leaseMs: 15_000, restMs: 20_000 };

/** When the fault comes, at random: the first upgrades have begun, the last edits are still to come. */
const STRIKE_MS = [300, 3000] as const;

function rounds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

const program = new Command('faults')
  .description(
    'Upgrades ten Flink jobs and runs five Spark applications under two replicas of the operator, on a control plane of\n' +
      'its own, while leader, API server, etcd, network or clock fail; tells what came of it, and fails if anything is wrong.\n' +
      'About a minute each. Needs Linux and Go; root and nft for cutting a network.',
  )
  .argument('[faults...]', 'which; without names, all')
  .option('--list', 'show the faults and end', false)
  .option('--rounds <number>', 'how often each', rounds, 1)
  .showHelpAfterError('(--help tells more)');

function chosen(names: readonly string[]): readonly Fault[] {
  const unknown = names.filter((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown.length > 0) throw new Error(`there is no fault ${unknown.join(', ')}; --list shows all`);
  return names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name));
}

const COLUMNS: readonly (readonly [string, (row: Row) => string])[] = [
  ['fault', ({ fault }) => fault],
  ['at', ({ strikeMs }) => inSeconds(strikeMs / 1000)],
  ['hand-over', ({ outcome }) => inSeconds(outcome.handOverSeconds)],
  ['settled', ({ outcome }) => inSeconds(outcome.settledSeconds)],
  ['leaders', ({ outcome }) => String(outcome.leaders)],
  ['exits', ({ outcome }) => String(outcome.exits)],
  ['writes', ({ outcome }) => String(outcome.writes)],
  ['refused', ({ outcome }) => String(outcome.refused)],
  ['late', ({ outcome }) => String(outcome.late)],
  ['violations', ({ outcome }) => String(outcome.violations.length)],
];

function inSeconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)} s`;
}

function table(rows: readonly Row[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

async function main(): Promise<number> {
  const { args } = program.parse();
  const options = program.opts<Options>();
  if (options.list) {
    for (const { name, summary } of FAULTS) process.stdout.write(`${name}  ${summary}\n`);
    return 0;
  }
  const interrupt = onInterrupt(() => Promise.resolve());
  const rows: Row[] = [];
  for (const fault of chosen(args)) {
    const why = await fault.whyNot?.();
    if (why !== undefined) {
      process.stderr.write(`${pc.yellow('-')} ${fault.name} cannot be tried here: ${why}\n`);
      continue;
    }
    for (let round = 1; round <= options.rounds && !interrupt.signal.aborted; round++) {
      const trial = { fault, strikeMs: randomInt(...STRIKE_MS), ...EFFORT };
      const outcome = await step(`${fault.name}: ${fault.summary}`, () =>
        withStage(trial, (stage) => tryFault(trial, stage)),
      );
      const row = { fault: fault.name, strikeMs: trial.strikeMs, outcome };
      process.stderr.write(`  ${COLUMNS.map(([title, cell]) => `${title} ${cell(row)}`).join(', ')}\n`);
      for (const violation of outcome.violations) process.stderr.write(`  ${pc.red(violation)}\n`);
      rows.push(row);
    }
  }
  interrupt.stop();
  process.stdout.write(`${table(rows)}\n`);
  return rows.every(({ outcome }) => outcome.violations.length === 0) ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
});
