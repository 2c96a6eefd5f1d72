import { Command } from 'commander';
import { dump } from 'js-yaml';
import { ENGINES } from '../config.ts';
import { crdsOf } from './crds.ts';
import { applyCrd } from './crds-apply.ts';
import { enginesOf } from './engines.ts';
import type { CliIo } from './io.ts';

const NOTES = `
Examples:
  weir crds | kubectl apply --server-side --force-conflicts -f -
  weir crds --engines flink > crds.yaml

Exit codes: 0 printed; 2 wrong usage.`;

const APPLY_NOTES = `
Example:
  weir crds apply --context dev

Exit codes: 0 each is there, as new as this version or newer; 1 the cluster
could not be read or changed; 2 wrong usage.`;

/** `weir crds`: the CustomResourceDefinitions of this version as YAML. */
export function crdsCommand(io: CliIo): Command {
  const command = enginesOption(new Command('crds'))
    .description('print the CustomResourceDefinitions this version works with')
    .addHelpText('after', NOTES)
    .action(({ engines }: { engines: string }) => {
      io.out(
        crdsOf(enginesOf(engines))
          .map((crd) => dump(crd, { lineWidth: 120, noRefs: true }))
          .join('---\n'),
      );
    });
  return command.addCommand(applyCommand(io));
}

interface ApplyFlags {
  readonly engines: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** `weir crds apply`: what the hook of the chart runs. */
function applyCommand(io: CliIo): Command {
  return enginesOption(new Command('apply'))
    .description('bring the CRDs of a cluster to this version; never to an older one, and none is ever deleted')
    .option('--kubeconfig <file>', 'kubeconfig file; without it the pod service account, then ~/.kube/config')
    .option('--context <name>', 'kubeconfig context')
    .addHelpText('after', APPLY_NOTES)
    .action(async (_: unknown, command: Command) => {
      const { engines, kubeconfig, context } = command.optsWithGlobals<ApplyFlags>();
      const crds = crdsOf(enginesOf(engines));
      const { openCrdStore } = await import('./crd-store.ts');
      const store = openCrdStore({ kubeconfig, context });
      try {
        for (const crd of crds) io.out(`${crd.metadata.name} ${await applyCrd(store, crd)}\n`);
      } finally {
        await store.close();
      }
    });
}

function enginesOption(command: Command): Command {
  return command.option('--engines <list>', 'only those of these engines, comma-separated', ENGINES.join(','));
}
