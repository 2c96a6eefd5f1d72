import { Command, InvalidArgumentError } from 'commander';
import { type CampaignOptions, campaign, findingText } from './campaign.ts';
import { LIVES, lifeNamed } from './lives.ts';
import { clockJumps, parsePlan, staleRestarts } from './plan.ts';

interface Options {
  readonly scenario: string;
  readonly seed: number;
  readonly plan?: string;
  readonly minutes?: number;
  readonly every: number;
  readonly staleRestarts?: true;
  readonly clockJumps?: true;
  readonly list?: true;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('must be a number above 0');
  return value;
}

const program = new Command('sim')
  .description(
    'Lives of Flink clusters and Spark applications under the operator, in virtual time: each scenario undisturbed,\n' +
      'then under every single fault. A run that breaks a rule prints the option that replays it. The last line counts: N plans, V violations.',
  )
  .option('--scenario <text>', 'only scenarios whose name contains this', '')
  .option('--seed <n>', 'of all chance, and of the choice of --every', positive, 1)
  .option('--plan <json>', 'lives this one plan and prints what happened')
  .option('--minutes <n>', 'begins no plan after this time', positive)
  .option('--every <n>', 'only every n-th fault', positive, 1)
  .option('--stale-restarts', 'in place of single faults: a crash after each write, then a list that is behind')
  .option('--clock-jumps', "in place of single faults: the operator's wall clock jumps by an hour at each write")
  .option('--list', 'prints the names of the scenarios');

async function main(options: Options): Promise<number> {
  const scenarios = LIVES.filter(({ name }) => name.includes(options.scenario));
  if (options.list === true) {
    process.stdout.write(`${scenarios.map(({ name }) => name).join('\n')}\n`);
    return 0;
  }
  return options.plan === undefined ? await runCampaign(options, scenarios) : await replay(options.plan);
}

/** What strikes in each life in place of single faults, where something else is asked for. */
function disturbancesOf({ staleRestarts: stale, clockJumps: jumps }: Options): Pick<CampaignOptions, 'disturbances'> {
  if (stale === true) return { disturbances: staleRestarts };
  return jumps === true ? { disturbances: clockJumps } : {};
}

async function runCampaign(options: Options, scenarios: typeof LIVES): Promise<number> {
  const { seed, minutes, every } = options;
  const { plans, findings, seconds } = await campaign({
    scenarios,
    seed,
    every: () => every,
    ...disturbancesOf(options),
    ...(minutes === undefined ? {} : { limitMs: minutes * 60_000 }),
    onProgress: (text) => void process.stdout.write(`${text}\n`),
  });
  const speed = (plans / seconds).toFixed(1);
  process.stdout.write(`${plans} plans, ${findings.length} violations, ${speed} plans/s\n`);
  return findings.length === 0 && plans > 0 ? 0 : 1;
}

async function replay(text: string): Promise<number> {
  const started = performance.now();
  const plan = parsePlan(text);
  const life = lifeNamed(plan.scenario);
  const calm = await life.live({ seed: plan.seed });
  const { violations, log, end } = await life.live(plan, calm.end);
  process.stdout.write(`${log.join('\n')}\n${end.join('\n')}\n`);
  process.stdout.write(`${findingText({ plan, violations })}\n`);
  const speed = (2000 / (performance.now() - started)).toFixed(1);
  process.stdout.write(`1 plans, ${violations.length === 0 ? 0 : 1} violations, ${speed} plans/s\n`);
  return violations.length === 0 ? 0 : 1;
}

process.exitCode = await main(program.parse().opts<Options>()).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
