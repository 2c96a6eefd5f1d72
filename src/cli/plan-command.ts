import { Command } from 'commander';
import { dump } from 'js-yaml';
import { readConfFolder } from '../runtime/conf-folder.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { type CliIo, outputOption } from './io.ts';
import { readManifests } from './manifests.ts';
import { namespaceOption } from './name-options.ts';
import { planManifests } from './plan/planner.ts';
import { errorLines, lacksConfiguration, type PlanReport } from './plan/report.ts';
import type { Server } from './plan/server.ts';
import { plannedSettings, type SparkFlags, sparkFlagOptions } from './plan/spark-settings.ts';
import { planText } from './plan/text.ts';

const NOTES = `
Without --server nothing is asked of any cluster: the decision is create, no-op
(suspended) or refuse. With it, the manifest is compared with what is stored,
and the decision can also be scale, restart, suspend or resume. What would be
started is compared with quotas and nodes. Nothing is ever written.
Flags of the operator are not known here: give those it has.

Examples:
  weir plan -f job.yaml
  weir plan -f base.yaml -f overlay.yaml -o json
  weir plan -R -f deploy/
  kustomize build . | weir plan -f - --server

Exit codes: 0 planned; 1 a file or the cluster could not be read; 2 wrong usage;
3 something is not valid or is refused.`;

const CONFIGURATION_HINT =
  "hint: the operator's configuration may say what is missing; --flink-conf-dir gives it: a folder with config.yaml of its ConfigMap\n";

interface PlanFlags extends SparkFlags {
  readonly filename: readonly string[];
  readonly recursive?: true;
  readonly namespace?: string;
  readonly server?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly flinkConfDir?: string;
  readonly all?: boolean;
  readonly output: 'text' | 'json' | 'yaml';
}

/** `weir plan`: what Weir would do with manifests, and why. `finish` receives the exit code. */
export function planCommand(io: CliIo, finish: (code: ExitCode) => void): Command {
  const command = new Command('plan')
    .description('say what manifests would create, how big that is, and why')
    .requiredOption('-f, --filename <file...>', 'manifest files or folders, YAML or JSON; - is standard input')
    .option('-R, --recursive', 'take the folders below folders, too')
    .addOption(namespaceOption('namespace of objects that name none (default: "default", or the context\'s)'))
    .option('--server', 'compare with what the cluster has')
    .option('--kubeconfig <file>', 'kubeconfig file, with --server')
    .option('--context <name>', 'kubeconfig context, with --server')
    .option('--flink-conf-dir <folder>', "folder with the operator's config.yaml or flink-conf.yaml")
    .option('--all', 'show every configuration key, values uncut')
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addHelpText('after', NOTES)
    .action(async (flags: PlanFlags) => {
      const report = await makeReport(flags);
      io.out(rendered(report, flags, io));
      const errors = errorLines(report);
      for (const error of errors) io.err(`error: ${error}\n`);
      if (flags.flinkConfDir === undefined && lacksConfiguration(report)) io.err(CONFIGURATION_HINT);
      finish(errors.length > 0 ? EXIT.invalid : EXIT.ok);
    });
  for (const option of sparkFlagOptions()) command.addOption(option);
  return command;
}

async function makeReport(flags: PlanFlags): Promise<PlanReport> {
  refuseWithoutServer(flags);
  const manifests = readManifests(flags.filename, flags.recursive);
  const flinkConfiguration = flags.flinkConfDir === undefined ? {} : readConfFolder(flags.flinkConfDir);
  const server = flags.server ? await connect(flags) : undefined;
  try {
    return await planManifests(manifests, {
      defaults: { flinkConfiguration },
      spark: plannedSettings(flags),
      now: new Date(),
      namespace: flags.namespace ?? server?.namespace ?? 'default',
      live: server === undefined ? undefined : (ref) => server.get(ref),
      room: server === undefined ? undefined : (namespace, labels) => server.room(namespace, labels),
    });
  } finally {
    await server?.close();
  }
}

/** Whoever names a cluster wants it compared with; a plan that did not would be taken for one that did. */
function refuseWithoutServer({ server, kubeconfig, context }: PlanFlags): void {
  for (const [flag, value] of Object.entries({ kubeconfig, context })) {
    if (server || value === undefined) continue;
    throw new CliError(`--${flag}: "${value}" is not valid, it must be given beside --server`, EXIT.usage);
  }
}

/** Loaded only when asked for: the client costs more start-up time than the plan itself. */
async function connect({ kubeconfig, context }: PlanFlags): Promise<Server> {
  const { connectServer } = await import('./plan/server.ts');
  return connectServer({ kubeconfig, context });
}

function rendered(report: PlanReport, flags: PlanFlags, { color, columns }: CliIo): string {
  if (flags.output === 'json') return `${JSON.stringify(report, undefined, 2)}\n`;
  if (flags.output === 'yaml') return dump(report, { lineWidth: -1, noRefs: true });
  return planText(report, { color, columns, allConfiguration: flags.all === true });
}
