import { Option } from 'commander';
import { describeProblem, parseConfig } from '../../config.ts';
import type { SparkSettings } from '../../spark/settings.ts';
import { CliError, EXIT } from '../exit.ts';
import { OPTIONS, pickOptions } from '../run-options.ts';
import { sparkDefaultsIn } from '../spark-defaults.ts';

/** Options of `weir run` that decide what becomes of a Spark resource. */
const NAMES = [
  'sparkConfDir',
  'enableUiService',
  'ingressUrlFormat',
  'ingressClassName',
  'ingressTls',
  'ingressAnnotations',
  'enableBatchScheduler',
  'kubeSchedulerNames',
  'defaultBatchScheduler',
  'partialRestart',
] as const;

/** What the operator is said to be told. */
export type SparkFlags = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

/** These options, for a command that plans for an operator which is given them. */
export function sparkFlagOptions(): readonly Option[] {
  return NAMES.map((name) => {
    const { flag, argument, describe } = OPTIONS[name];
    return new Option(`${flag} <${argument}>`, `as the operator has it: ${describe}`);
  });
}

/**
 * What an operator with these flags is told about Spark; without a word about batch schedulers any name may be one. Throws
 * CliError naming every flag that is not valid.
 */
export function plannedSettings(flags: SparkFlags): SparkSettings {
  const given = Object.fromEntries(NAMES.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
  const all = { ...given, leaderElection: 'false' };
  const parsed = parseConfig(pickOptions({ flags: all, env: {}, configuration: {} }), {
    hostname: '',
    flinkConfiguration: {},
    sparkDefaults: sparkDefaultsIn(flags.sparkConfDir),
  });
  if (!parsed.ok) throw new CliError(parsed.error.map(describeProblem).join('\nerror: '), EXIT.usage);
  const { spark } = parsed.value;
  return flags.enableBatchScheduler === undefined ? { ...spark, batch: undefined } : spark;
}
