import { Command } from 'commander';
import { dump } from 'js-yaml';
import { ENGINES } from '../config.ts';
import { crdsOf } from './crds.ts';
import { enginesOf } from './engines.ts';
import type { CliIo } from './io.ts';

/** `weir crds`: the CustomResourceDefinitions of this version as YAML. */
export function crdsCommand(io: CliIo): Command {
  return new Command('crds')
    .description('print the CustomResourceDefinitions this version works with')
    .option('--engines <list>', 'only those of these engines, comma-separated', ENGINES.join(','))
    .addHelpText('after', '\nExample:\n  weir crds | kubectl apply --server-side --force-conflicts -f -')
    .action(({ engines }: { engines: string }) => {
      io.out(
        crdsOf(enginesOf(engines))
          .map((crd) => dump(crd, { lineWidth: 120, noRefs: true }))
          .join('---\n'),
      );
    });
}
