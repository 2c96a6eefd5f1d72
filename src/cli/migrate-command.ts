import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { dump, load } from 'js-yaml';
import { isRecord } from '../lib/json.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { type Incumbent, incumbentOf, migrateValues } from './migrate/migrate.ts';

interface Flags {
  readonly filename: string;
  readonly from?: Incumbent;
}

/** `weir migrate values`: the values of an incumbent's chart as Weir's chart takes them. */
export function migrateCommand(io: CliIo): Command {
  const values = new Command('values')
    .description("translate the values file of an incumbent's chart; what is left out goes to standard error")
    .requiredOption('-f, --filename <file>', 'values file; - is standard input')
    .addOption(new Option('--from <chart>', 'whose chart it is, if it cannot be told').choices(['flink', 'spark']))
    .addHelpText('after', '\nExample:\n  weir migrate values -f old-values.yaml > values.yaml')
    .action(({ filename, from }: Flags) => {
      const given = read(filename);
      const incumbent = from ?? incumbentOf(given);
      if (incumbent === undefined) {
        throw new CliError('--from: is missing, it must say flink or spark: the values fit either chart', EXIT.usage);
      }
      const { values: migrated, dropped } = migrateValues(incumbent, given);
      io.out(dump(migrated, { lineWidth: 120 }));
      for (const line of dropped) io.err(`left out ${line}\n`);
    });
  return new Command('migrate').description('help to move from an incumbent').addCommand(values);
}

function read(filename: string): Record<string, unknown> {
  const name = filename === '-' ? '/dev/stdin' : filename;
  try {
    const values = load(readFileSync(name, 'utf8')) ?? {};
    if (isRecord(values)) return values;
  } catch (error) {
    throw new CliError(`${filename}: ${error instanceof Error ? error.message : String(error)}`, EXIT.error);
  }
  throw new CliError(`${filename}: is no map of values`, EXIT.invalid);
}
