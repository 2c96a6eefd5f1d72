import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { findCondition } from '../src/kube/conditions.ts';
import { type ClusterChoice, clusterDown, defaultName, findCluster } from './cluster/cluster.ts';
import { clusterSupport } from './cluster/support.ts';
import { createStory } from './demo/story.ts';
import { checkpointsOf, summaryOf, whatNext } from './demo/summary.ts';
import { diagnostics } from './kit/diagnostics.ts';
import { describeFlink, type LiveFlink, readFlink } from './kit/flink.ts';
import { onInterrupt } from './kit/interrupt.ts';
import { installOperator, type Operator, uninstallOperator } from './kit/operator.ts';
import { type GivenImages, parseGivenImage, type Stage, setUpStage } from './kit/stage.ts';
import { until } from './kit/until.ts';
import { cacheRoot } from './lib/cache.ts';

interface Options {
  readonly down?: boolean;
  readonly name: string;
  readonly kind?: boolean;
  readonly context?: string;
  readonly image?: GivenImages;
  readonly minutes: number;
}

const manifest = join(import.meta.dirname, 'demo/state-machine.yaml');
const namespace = 'default';
const job = 'state-machine';

const program = new Command('demo')
  .description('From nothing to a running Flink job: a cluster, the operator as a pod, a FlinkDeployment.')
  .option('--down', 'remove all that the demo made')
  .option('--name <name>', 'which cluster', defaultName)
  .option('--kind', 'use docker and kind instead of a cluster built from packages (not tested)')
  .option('--context <name>', 'use a cluster you have, by its context in your kubeconfig; needs --image')
  .option('--image <name=reference>', 'use this image instead of building one: weir, flink-2.3.0', given)
  .option('--minutes <n>', 'how long the job may take to run', Number, 5)
  .showHelpAfterError('(--help tells more)');

function given(text: string, before?: GivenImages): GivenImages {
  try {
    return parseGivenImage(text, before);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function choiceOf({ name, kind, context }: Options): ClusterChoice {
  return { name, kind: kind === true, ...(context === undefined ? {} : { context }) };
}

/** Says before any work what would stop the demo, and how long it takes. */
async function announce(options: Options): Promise<void> {
  if (options.kind === true || options.context !== undefined) return;
  const { node } = await clusterSupport();
  if (!node.ok) {
    throw new Error(
      `the demo cannot make a cluster on this machine: ${node.why}\n` +
        'It can use one you have: npm run demo -- --context NAME --image weir=REFERENCE --image flink-2.3.0=REFERENCE',
    );
  }
  process.stdout.write('The first time takes some 15 minutes, most of it to build Kubernetes; after that about one.\n');
}

async function up(options: Options, signal: AbortSignal): Promise<void> {
  const begun = Date.now();
  await announce(options);
  const stage = await setUpStage({
    cluster: choiceOf(options),
    images: ['weir', 'flink-2.3.0'],
    ...(options.image === undefined ? {} : { given: options.image }),
  });
  try {
    const operator = await installOperator(stage, namespace);
    await applyManifest(stage);
    const applied = Date.now();
    const live = await watchUntilRunning(stage, operator, { minutes: options.minutes, signal });
    const times = { checkpointed: Date.now() - applied, all: Date.now() - begun };
    process.stdout.write(`\n${await summaryOf(stage.kube, live, times)}\n`);
    const file = relative(process.cwd(), manifest);
    process.stdout.write(await whatNext(stage, { live, manifest: file, name: options.name }));
  } finally {
    await stage.kube.close();
  }
}

async function applyManifest(stage: Stage): Promise<void> {
  const text = (await readFile(manifest, 'utf8')).replaceAll('localhost/flink:2.3.0', stage.image('flink-2.3.0'));
  process.stdout.write(`\nkubectl apply -f ${relative(process.cwd(), manifest)}\n`);
  process.stdout.write(await stage.run('kubectl', ['--namespace', namespace, 'apply', '-f', '-'], text));
}

async function watchUntilRunning(
  stage: Stage,
  operator: Operator,
  patience: { readonly minutes: number; readonly signal: AbortSignal },
): Promise<LiveFlink> {
  const story = createStory((line) => process.stdout.write(line));
  const { kube } = stage;
  const look = async () => {
    const [live, pods] = await Promise.all([
      readFlink(kube, namespace, job),
      kube.list('pods', namespace, `app=${job}`),
    ]);
    story.tell(live, pods);
    const current = live?.status.observedGeneration === live?.object.metadata.generation;
    const ready = current && findCondition(live?.status.conditions, 'Ready')?.status === 'True';
    if (live === undefined || !ready) return { not: describeFlink(live) };
    const { completed } = await checkpointsOf(kube, live);
    if (completed === 0) return { not: `${describeFlink(live)}; no checkpoint yet` };
    story.say('job', 'its first checkpoint is completed');
    return { done: live };
  };
  const { minutes, signal } = patience;
  return until('the job to run and to complete a checkpoint', look, { timeoutMs: minutes * 60_000, signal }).catch(
    async (error: unknown) => {
      if (signal.aborted) throw error;
      throw new Error(`${await diagnostics(stage, namespace, operator)}\n\n${messageOf(error)}`);
    },
  );
}

async function down(options: Options): Promise<void> {
  const choice = choiceOf(options);
  if (options.context !== undefined) {
    await removeFromTheirs(options);
    return;
  }
  if ((await findCluster(choice)) === undefined) process.stdout.write(`cluster ${options.name} is not up\n`);
  await clusterDown(choice, { purge: true });
  process.stdout.write(`What was downloaded and built is kept for the next time, in ${cacheRoot()}.\n`);
}

/** In a cluster of the user's: the job, its volume, the release. */
async function removeFromTheirs(options: Options): Promise<void> {
  const stage = await setUpStage({ cluster: choiceOf(options), images: [] });
  await stage.run('kubectl', ['--namespace', namespace, 'delete', '--ignore-not-found', '-f', manifest]);
  await uninstallOperator(stage, namespace);
  await stage.kube.close();
  process.stdout.write('Kept: the CRDs, and the service account and role named flink.\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  program.parse();
  const options = program.opts<Options>();
  const interrupt = onInterrupt(async () => {
    const again = 'npm run demo goes on from here, npm run demo -- --down removes everything';
    process.stderr.write(`stopped; what is up stays up: ${again}\n`);
  });
  try {
    await (options.down === true ? down(options) : up(options, interrupt.signal));
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return 130;
    process.stderr.write(`\n${pc.red('demo:')} ${messageOf(error)}\n`);
    return 1;
  } finally {
    interrupt.stop();
  }
}

process.exitCode = await main();
