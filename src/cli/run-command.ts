import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { describeProblem, type OperatorConfig, type OptionName, parseConfig } from '../config.ts';
import { describeIssue } from '../core/issue.ts';
import { checkConfiguration } from '../flink/options/configuration.ts';
import { readConfFolder } from '../runtime/conf-folder.ts';
import { CliError, EXIT } from './exit.ts';
import { OPTIONS, pickOption, pickOptions } from './run-options.ts';
import { sparkDefaultsIn } from './spark-defaults.ts';

const NOTES = `
A flag wins over its environment variable, which wins over the operator's own
keys in the folder of --flink-conf-dir (kubernetes.operator.watched.namespaces,
kubernetes.operator.leader-election.* and others, which are all in
docs/reference/flink-operator-options.md). Only for --watch-namespaces the
environment variable wins.

Examples:
  weir run                                        in a pod: all namespaces
  weir run --context dev --leader-election=false  from a checkout
  weir run --watch-namespaces team-a,team-b

Exit codes: 0 told to stop; 1 failed, or lost the Lease; 2 wrong usage, or a
setting that is not valid.`;

/** `weir run`: the operator itself. Ends on SIGTERM or SIGINT. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run the operator until it is told to stop')
    .addHelpText('after', NOTES);
  for (const name of optionNames()) command.addOption(commanderOption(name));
  return command.action(async (flags: Partial<Record<OptionName, string>>) => {
    const config = runConfig(flags, process.env);
    const { runOperator } = await import('../operator.ts');
    await runOperator(config);
  });
}

/** The configuration `weir run` starts with. Throws CliError, naming every setting that is not valid. */
export function runConfig(
  flags: Readonly<Partial<Record<OptionName, string>>>,
  env: Readonly<Record<string, string | undefined>>,
): OperatorConfig {
  const folder = pickOption('flinkConfDir', { flags, env, configuration: {} })?.text;
  const configuration = folder === undefined ? {} : readConfiguration(folder);
  const parsed = parseConfig(pickOptions({ flags, env, configuration }), {
    hostname: hostname(),
    flinkConfiguration: configuration,
    sparkDefaults: sparkDefaultsIn(pickOption('sparkConfDir', { flags, env, configuration })?.text),
  });
  if (!parsed.ok) throw new CliError(parsed.error.map(describeProblem).join('\nerror: '), EXIT.usage);
  return parsed.value;
}

/** Throws CliError where a value breaks the rule of its option; later such a file is only passed over. */
function readConfiguration(folder: string): Readonly<Record<string, string>> {
  const configuration = readConfFolder(folder);
  const { problems } = checkConfiguration(configuration);
  if (problems.length > 0) throw new CliError(problems.map(describeIssue).join('\nerror: '), EXIT.usage);
  return configuration;
}

function optionNames(): OptionName[] {
  return Object.keys(OPTIONS) as OptionName[];
}

/** The option under its inner name, with environment variable and default in its help text but not applied by commander. */
function commanderOption(name: OptionName): Option {
  const { flag, argument, env, default: fallback, describe } = OPTIONS[name];
  const shownDefault = fallback === undefined || fallback === '' ? '' : `, default ${fallback}`;
  const option = new Option(`${flag} <${argument}>`, `${describe} [${env}${shownDefault}]`);
  option.attributeName = () => name;
  return option;
}
