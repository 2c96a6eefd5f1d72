import { Command } from 'commander';
import { dump } from 'js-yaml';
import { SUPPORTED_FLINK_VERSIONS } from '../flink/schema.ts';
import { VERSION } from '../lib/version.ts';
import { type CliIo, outputOption } from './io.ts';

const NOTES = `
Examples:
  weir version
  weir version -o json

Exit codes: 0 printed; 2 wrong usage.`;

/** `weir version`. */
export function versionCommand(io: CliIo): Command {
  return new Command('version')
    .description('print the version of Weir, of Node, and the Flink versions it runs')
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addHelpText('after', NOTES)
    .action(({ output }: { output: string }) => {
      const facts = { version: VERSION, node: process.version, flinkVersions: [...SUPPORTED_FLINK_VERSIONS] };
      if (output === 'json') io.out(`${JSON.stringify(facts, undefined, 2)}\n`);
      else if (output === 'yaml') io.out(dump(facts));
      else {
        const [first, last] = [SUPPORTED_FLINK_VERSIONS[0], SUPPORTED_FLINK_VERSIONS.at(-1)];
        io.out(`weir ${VERSION} (Node ${process.version}, Flink ${first} to ${last})\n`);
      }
    });
}
