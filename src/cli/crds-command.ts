import { Command } from 'commander';
import { dump } from 'js-yaml';
import { flinkDeploymentCrd } from '../flink/crd.ts';
import { flinkSessionJobCrd } from '../flink/session-job/crd.ts';
import type { CliIo } from './io.ts';

/** `weir crds`: the CustomResourceDefinitions of this version as YAML. */
export function crdsCommand(io: CliIo): Command {
  return new Command('crds')
    .description('print the CustomResourceDefinitions this version works with')
    .addHelpText('after', '\nExample:\n  weir crds | kubectl apply --server-side --force-conflicts -f -')
    .action(() => {
      io.out(
        [flinkDeploymentCrd(), flinkSessionJobCrd()]
          .map((crd) => dump(crd, { lineWidth: 120, noRefs: true }))
          .join('---\n'),
      );
    });
}
