import { Command, Option } from 'commander';
import { dump, loadAll, YAMLException } from 'js-yaml';
import { isRecord } from '../lib/json.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { readText } from './manifests.ts';
import { bothOf, keepingAccounts } from './migrate/both.ts';
import { incumbentOf, type Migration, migrateValues } from './migrate/migrate.ts';
import type { Incumbent } from './migrate/rules.ts';

type Values = Readonly<Record<string, unknown>>;

interface Flags {
  readonly filename: readonly string[];
  readonly from?: Incumbent;
  readonly keepAccounts?: true;
}

/** `weir migrate values`: the values of one incumbent's chart, or of both, as Weir's chart takes them. */
export function migrateCommand(io: CliIo): Command {
  const values = new Command('values')
    .description(
      "translate the values files of the incumbents' charts; changes that Weir has no place for go to standard error",
    )
    .requiredOption(
      '-f, --filename <file...>',
      'values file; two for those of both charts, that of Flink first where they do not tell; - is standard input',
    )
    .addOption(
      new Option('--from <chart>', 'whose chart a single file is of, if it cannot be told').choices(['flink', 'spark']),
    )
    .option('--keep-accounts', 'make no accounts and roles for jobs: those of the old releases stay')
    .addHelpText('after', HELP)
    .action((flags: Flags) => {
      const { values: migrated, dropped, defaults } = migrationOf(flags);
      io.out(dump(flags.keepAccounts === true ? keepingAccounts(migrated) : migrated, { lineWidth: 120 }));
      for (const line of dropped) io.err(`left out ${line}\n`);
      io.err(summaryOf(dropped.length, defaults));
    });
  return new Command('migrate').description('help to move from an incumbent').addCommand(values);
}

const HELP = `
Examples:
  weir migrate values -f old-values.yaml > values.yaml
  weir migrate values -f flink.yaml -f spark.yaml --keep-accounts > values.yaml

Exit codes: 0 translated; 1 a file could not be read; 2 wrong usage; 3 a file
holds no values.`;

/** The last line on standard error: how much to look at, and what needs no look. */
function summaryOf(dropped: number, defaults: number): string {
  const told = dropped === 0 ? 'nothing left out' : `${dropped} left out`;
  return defaults === 0 ? `${told}\n` : `${told}; ${defaults} more only repeat defaults of the old chart\n`;
}

function migrationOf({ filename, from }: Flags): Migration {
  const [first = {}, second, ...more] = filename.map(read);
  if (more.length > 0) throw new CliError('-f: there are two charts at most', EXIT.usage);
  if (second !== undefined) return migrationOfBoth(first, second);
  const incumbent = from ?? incumbentOf(first);
  if (incumbent !== undefined) return migrateValues(incumbent, first);
  throw new CliError('--from: is missing, it must say flink or spark: the values fit either chart', EXIT.usage);
}

/** What fits either chart is of the one that the other file is not of; the first one is the Flink operator's where neither tells. */
function migrationOfBoth(first: Values, second: Values): Migration {
  const told = incumbentOf(second);
  const incumbent = incumbentOf(first) ?? (told === 'flink' ? 'spark' : 'flink');
  if (incumbent === told) throw new CliError(`-f: both are values of the ${told} operator's chart`, EXIT.usage);
  const [flink, spark] = incumbent === 'flink' ? [first, second] : [second, first];
  return bothOf(migrateValues('flink', flink), migrateValues('spark', spark));
}

/** The values of a file, none where it is empty. Throws CliError naming the file and what is wrong with it. */
function read(filename: string): Values {
  const documents = documentsOf(filename, readText(filename));
  const [values = {}, second] = documents.filter((document) => document !== null);
  if (second !== undefined) throw new CliError(`${filename}: holds several documents, it must hold one`, EXIT.invalid);
  if (!isRecord(values)) throw new CliError(`${filename}: is no map of values`, EXIT.invalid);
  if (typeof values.kind === 'string' && typeof values.apiVersion === 'string') {
    throw new CliError(`${filename}: is a manifest of kind ${values.kind}, it must be a values file`, EXIT.invalid);
  }
  return values;
}

function documentsOf(filename: string, text: string): readonly unknown[] {
  try {
    return loadAll(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? '' : ` line ${error.mark.line + 1}`;
    throw new CliError(`${filename}${line}: cannot be read, it must be YAML or JSON (${error.reason})`, EXIT.invalid);
  }
}
