import { Command } from 'commander';
import { dump } from 'js-yaml';
import { flinkCrds } from '../flink/crds.ts';
import { sparkCrds } from '../spark/crds.ts';
import type { CliIo } from './io.ts';

/** `weir crds`: the CustomResourceDefinitions of this version as YAML. */
export function crdsCommand(io: CliIo): Command {
  return new Command('crds')
    .description('print the CustomResourceDefinitions this version works with')
    .addHelpText('after', '\nExample:\n  weir crds | kubectl apply --server-side --force-conflicts -f -')
    .action(() => {
      io.out([...flinkCrds(), ...sparkCrds()].map((crd) => dump(crd, { lineWidth: 120, noRefs: true })).join('---\n'));
    });
}
