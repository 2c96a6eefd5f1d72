import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { measureAdmission } from './admission.ts';
import { measureCeiling } from './b0.ts';
import { measureLatency } from './b1.ts';
import { measureSparkRate } from './b3.ts';
import { measureFleet } from './fleet.ts';
import { measureImage } from './image.ts';
import { waitForCalm } from './process-use.ts';
import { type Headline, type Results, writeResults } from './results.ts';
import { measureSettled } from './settled.ts';
import { measureUpgradeStorm } from './upgrade-storm.ts';

interface Options {
  readonly list: boolean;
  readonly quick: boolean;
  readonly calm?: number;
  readonly out: string;
  readonly profile?: string;
  readonly rates: readonly number[];
  readonly sizes: readonly number[];
}

const BENCHES = {
  admission: 'creations at a steady rate with the admission webhook and without: time to the answer',
  b0: 'ceiling of this API server: creates, status patches, gets, watch fan-out',
  b1: 'one FlinkDeployment after the other on an idle cluster: time to the first child, to STABLE, what each costs',
  b3: 'SparkApplications as fast as they go and at a steady rate: time to the driver pod, what each costs, restart',
  fleet:
    'many FlinkDeployments made at once, at rest, with the operator started anew, and deleted (B2, B4, B5, B8, B9)',
  settled: 'the operator started anew beside 10,000 resources in which nothing is to be done (B4)',
  image: 'the image: size, and start to ready with nothing but the image in reach; needs root',
  'upgrade-storm': 'many running jobs upgraded at once: time until all are STABLE, wrong transitions, what each costs',
} as const;

type BenchName = keyof typeof BENCHES;

const names = Object.keys(BENCHES) as BenchName[];
const results = join(import.meta.dirname, 'results.json');

function benchName(text: string): BenchName | 'all' {
  const found = [...names, 'all' as const].find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${names.join(', ')}, all.`);
  return found;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number of minutes.');
  return value;
}

function numberList(text: string): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (!numbers.every((number) => number > 0)) throw new InvalidArgumentError('They must be numbers, such as 10,25.');
  return numbers.toSorted((a, b) => a - b);
}

const program = new Command('bench')
  .description('Measures Weir against a control plane of its own on this machine. Needs Linux and Go, no root.')
  .argument('[name]', `${names.join(', ')} or all`, benchName)
  .option('--list', 'name the benchmarks and end', false)
  .option('--quick', 'few samples, to try a change; nothing is written', false)
  .option('--calm <minutes>', 'wait up to so long until the machine does nothing else', minutes)
  .option('--out <file>', 'file the results are kept in', results)
  .option('--rates <list>', 'steady loads of b3, in applications a second', numberList, [10, 15, 20, 25])
  .option(
    '--sizes <list>',
    'how many FlinkDeployments fleet makes, on a control plane each',
    numberList,
    [200, 500, 1000],
  )
  .option('--profile <folder>', 'leave a CPU profile of the operator there (b1, b3, fleet)')
  .showHelpAfterError('(--help tells more)');

/** One benchmark of the latest run. */
interface Measurement {
  readonly headline: Headline;
  readonly results: Results;
}

const MEASURES: Readonly<Record<BenchName, (options: Options) => Promise<Measurement>>> = {
  async admission({ quick }) {
    const admission = await measureAdmission({ seconds: quick ? 5 : 60, perSecond: 50 });
    return { headline: admission.headline, results: { admission } };
  },
  async b0({ quick }) {
    const b0 = await measureCeiling(quick ? { rounds: 1, operations: 200 } : { rounds: 3, operations: 2000 });
    return { headline: b0.headline, results: { b0 } };
  },
  async b1({ quick, profile }) {
    const effort = quick
      ? { warmUp: 5, starts: 20, flips: 10, restSeconds: 5 }
      : { warmUp: 20, starts: 200, flips: 100, restSeconds: 60 };
    const b1 = await measureLatency({ ...effort, profileTo: profile });
    return { headline: b1.headline, results: { b1 } };
  },
  async b3({ quick, profile, rates }) {
    const effort = quick
      ? { counted: 5, settled: 20, finished: 50, seconds: 10 }
      : { counted: 20, settled: 200, finished: 5000, seconds: 120 };
    const b3 = await measureSparkRate({ ...effort, rates, profileTo: profile });
    return { headline: b3.headline, results: { b3 } };
  },
  async fleet({ quick, profile, sizes }) {
    const effort = quick ? { sizes: [20], restSeconds: 5 } : { sizes, restSeconds: 60 };
    const fleet = await measureFleet({ ...effort, profileTo: profile });
    return { headline: fleet.headline, results: { fleet } };
  },
  async settled({ quick }) {
    const settled = await measureSettled({ resources: quick ? 300 : 10_000 });
    return { headline: settled.headline, results: { settled } };
  },
  async image({ quick }) {
    const image = await measureImage({ starts: quick ? 3 : 20 });
    return { headline: image.headline, results: { image } };
  },
  async 'upgrade-storm'({ quick }) {
    const upgradeStorm = await measureUpgradeStorm({ jobs: quick ? 20 : 200 });
    return { headline: upgradeStorm.headline, results: { upgradeStorm } };
  },
};

async function main(): Promise<void> {
  program.parse();
  const options = program.opts<Options>();
  const [name] = program.processedArgs as [BenchName | 'all' | undefined];
  if (options.list) {
    for (const each of names) process.stdout.write(`${each}  ${BENCHES[each]}\n`);
    return;
  }
  if (name === undefined) return program.help({ error: true });
  for (const each of name === 'all' ? names : [name]) {
    if (options.calm !== undefined && !(await waitForCalm(0.15, options.calm * 60_000)))
      process.stderr.write('the machine does not get calm, measuring all the same\n');
    const measured = await MEASURES[each](options);
    if (options.quick) process.stderr.write(`${JSON.stringify(measured.results, undefined, 2)}\n`);
    else {
      writeResults(options.out, measured.results);
      process.stderr.write(`written to ${relative(process.cwd(), options.out)}\n`);
    }
    process.stdout.write(`${JSON.stringify(measured.headline)}\n`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.stderr.write(`ended by ${signal}\n`);
    process.exit(1);
  });
}
await main();
