import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { clusterDown, findCluster } from './cluster/cluster.ts';
import { onInterrupt } from './kit/interrupt.ts';
import { type GivenImages, parseGivenImage } from './kit/stage.ts';
import { chooseScenarios, scenarios } from './scenarios/index.ts';
import { runScenarios, type ScenarioResult } from './scenarios/run.ts';

interface Options {
  readonly list?: boolean;
  readonly keep?: boolean;
  readonly name: string;
  readonly kind?: boolean;
  readonly context?: string;
  readonly image?: GivenImages;
}

const program = new Command('e2e')
  .description('Runs scenarios on a real cluster: real Flink and Spark, the operator as a pod.')
  .argument('[scenarios...]', 'which; without names, all that --list does not mark')
  .option('--list', 'show the scenarios and end')
  .option('--keep', 'leave the cluster up afterwards; one that was up before always stays')
  .option('--name <name>', 'which cluster', 'weir-test')
  .option('--kind', 'use docker and kind instead of a cluster built from packages (not tested)')
  .option('--context <name>', 'use a cluster you have, by its context in your kubeconfig; needs --image')
  .option('--image <name=reference>', 'use this image instead of building one: weir, flink-2.3.0, spark-4.3.0 …', given)
  .showHelpAfterError('(--help tells more)');

function given(text: string, before?: GivenImages): GivenImages {
  try {
    return parseGivenImage(text, before);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function list(): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, summary, byDefault } of scenarios) {
    process.stdout.write(`${name.padEnd(width)}  ${summary}${byDefault ? '' : ' (only by name)'}\n`);
  }
}

function report(results: readonly ScenarioResult[]): void {
  for (const { name, seconds, error } of results) {
    const mark = error === undefined ? pc.green('✓') : pc.red('✗');
    process.stdout.write(`${mark} ${name} ${pc.dim(`${seconds} s`)}${error === undefined ? '' : ` ${error}`}\n`);
  }
  const failed = results.filter(({ error }) => error !== undefined).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
}

async function main(): Promise<number> {
  const { args } = program.parse();
  const options = program.opts<Options>();
  if (options.list === true) {
    list();
    return 0;
  }
  const cluster = {
    name: options.name,
    kind: options.kind === true,
    ...(options.context === undefined ? {} : { context: options.context }),
  };
  const chosen = chooseScenarios(args);
  const wasUp = (await findCluster(cluster)) !== undefined;
  const keep = options.keep === true || wasUp || options.context !== undefined;
  const end = async (): Promise<void> => (keep ? undefined : clusterDown(cluster));
  const interrupt = onInterrupt(end);
  try {
    const results = await runScenarios({
      cluster,
      scenarios: chosen,
      signal: interrupt.signal,
      ...(options.image === undefined ? {} : { given: options.image }),
    });
    report(results);
    return results.every(({ error }) => error === undefined) ? 0 : 1;
  } finally {
    await end();
    interrupt.stop();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
