import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import {
  type Cluster,
  type ClusterChoice,
  clusterDown,
  clusterUp,
  defaultName,
  environmentOf,
  findCluster,
} from './cluster.ts';
import { describeStatus, howToUse, shellExports } from './describe.ts';
import { checkName } from './node/folders.ts';
import { nodeClusterStatus } from './node/status.ts';
import { checkResilience } from './resilience.ts';

interface Options extends ClusterChoice {
  readonly name: string;
}

const program = new Command('cluster')
  .description(
    'A Kubernetes cluster on this machine for tests and demo: one node, built from packages only, no container engine.',
  )
  .option('--name <name>', 'which cluster; several can run side by side', checkName, defaultName)
  .option('--kind', 'use docker and kind instead of this machine itself (not tested)')
  .option('--context <name>', 'use a cluster you have, by its context in your kubeconfig; it is never started or ended')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(--help tells more)')
  .addHelpText(
    'after',
    '\nFirst use builds Kubernetes from Go modules: some ten minutes, once. docs/local-cluster.md tells more.',
  );

function chosen(): Options {
  const options = program.opts<Options>();
  if (options.kind === true && options.context !== undefined) program.error('--kind and --context exclude each other');
  return options;
}

/** The cluster chosen, which must be up. */
async function needCluster(): Promise<Cluster> {
  const options = chosen();
  const cluster = await findCluster(options);
  if (cluster === undefined)
    throw new Error(`cluster ${options.name} is not up: npm run cluster -- up --name ${options.name}`);
  return cluster;
}

program
  .command('up')
  .description('bring the cluster up; start again what died; build and install what is missing')
  .action(async () => {
    const cluster = await clusterUp(chosen());
    process.stdout.write(howToUse(cluster));
  });

program
  .command('down')
  .description('end the cluster and remove all it has on this machine, except its images')
  .option('--purge', 'remove its images too')
  .action(async (options: { purge?: boolean }) => {
    const choice = chosen();
    if (choice.context !== undefined)
      process.stderr.write(`the cluster of context ${choice.context} is yours: it stays as it is\n`);
    await clusterDown(choice, options);
  });

program
  .command('status')
  .description('show what runs, whether it is ready, and how to use it; exits with 3 unless all is ready')
  .option('-o, --output <format>', 'text or json', 'text')
  .action(async ({ output }: { output: string }) => {
    if (output !== 'text' && output !== 'json') program.error(`no such format: ${output} (there are text and json)`);
    const choice = chosen();
    if (choice.kind === true || choice.context !== undefined) {
      const cluster = await needCluster();
      process.stdout.write(output === 'json' ? `${JSON.stringify(cluster, undefined, 2)}\n` : howToUse(cluster));
      return;
    }
    const status = await nodeClusterStatus(choice.name);
    process.stdout.write(output === 'json' ? `${JSON.stringify(status, undefined, 2)}\n` : describeStatus(status));
    if (status.state !== 'up') process.exitCode = 3;
  });

program
  .command('env')
  .description('print the lines that make a shell use the cluster: eval "$(npm run -s cluster -- env)"')
  .action(async () => {
    process.stdout.write(shellExports(await needCluster()));
  });

program
  .command('shell')
  .description('open a shell that uses the cluster (kubectl and helm included)')
  .action(async () => {
    const cluster = await needCluster();
    const command = process.env.SHELL ?? '/bin/sh';
    process.on('SIGINT', () => undefined); // the shell's to handle
    const shell = spawn(command, [], { stdio: 'inherit', env: { ...process.env, ...environmentOf(cluster) } });
    const [code] = (await once(shell, 'exit')) as [number | null];
    process.exitCode = code ?? 1;
  });

program
  .command('check')
  .description('bring two clusters up side by side, kill parts of them, mend them, and look what `down` leaves behind')
  .action(async () => {
    await checkResilience();
    process.stdout.write('two clusters worked side by side, were mended, and left nothing behind\n');
  });

await program.parseAsync().catch((error: unknown) => {
  for (let cause: unknown = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    process.stderr.write(
      `${cause === error ? '' : 'because: '}${cause instanceof Error ? cause.message : String(cause)}\n`,
    );
  }
  process.exitCode = 1;
});
