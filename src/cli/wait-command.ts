import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { ENGINES } from '../config.ts';
import { parseGoDuration } from '../lib/duration.ts';
import type { KindInfo } from '../runtime/kinds.ts';
import { crdsOf } from './crds.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { namespaceOption } from './name-options.ts';
import type { Goal } from './wait/verdict.ts';
import { waitFor } from './wait/wait.ts';

const NOTES = `
ready: the resource is as its spec wants it, which of a job that runs on means
that it runs. finished: its job has ended well.

Examples:
  weir wait flinkdeployment/orders -n shop --timeout 15m
  weir wait sparkapplication/nightly --for finished --timeout 2h

Exit codes: 0 reached; 1 the cluster could not be read; 2 wrong usage; 4 it has
failed or stalled; 5 not within the time.`;

interface WaitFlags {
  readonly namespace?: string;
  readonly for: Goal;
  readonly timeout: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** `weir wait`: for pipelines, until a resource is ready or its job has ended. */
export function waitCommand(io: CliIo): Command {
  return new Command('wait')
    .description('wait until a resource is ready, or its job has finished')
    .argument('<kind/name>', 'for example flinkdeployment/orders')
    .addOption(namespaceOption("namespace (default: the context's)"))
    .addOption(new Option('--for <goal>', 'what to wait for').choices(['ready', 'finished']).default('ready'))
    .option('--timeout <duration>', 'how long', '10m')
    .option('--kubeconfig <file>', 'kubeconfig file')
    .option('--context <name>', 'kubeconfig context')
    .addHelpText('after', NOTES)
    .action(async (target: string, flags: WaitFlags) => {
      const timeoutMs = parseGoDuration(flags.timeout);
      if (timeoutMs === undefined) {
        throw new CliError(`--timeout: "${flags.timeout}" is not valid, it must be a duration such as 10m`, EXIT.usage);
      }
      const { name, ...kind } = targetOf(target);
      const { openCluster } = await import('./cluster.ts');
      const cluster = openCluster({ kubeconfig: flags.kubeconfig, context: flags.context }, [kind]);
      const ref = { ...kind, name, namespace: flags.namespace ?? cluster.namespace };
      try {
        const message = await waitFor(flags.for, timeoutMs, {
          get: () => cluster.get(ref),
          now: () => performance.now(),
          pause: (ms) => sleep(ms),
          told: (text) => io.err(`${target}: ${text}\n`),
        });
        io.out(`${target} is ${flags.for}: ${message}\n`);
      } finally {
        await cluster.client.close();
      }
    });
}

/** A kind by its name, plural or short name, with its group or without, as kubectl takes it and `-o name` prints it. Throws CliError (wrong usage) for others. */
export function targetOf(text: string): KindInfo & { readonly name: string } {
  const [word = '', name = '', ...more] = text.split('/');
  const kinds = crdsOf(ENGINES).map(({ spec }) => spec as Spec);
  const found = kinds.find(({ group, names: { singular, plural, shortNames = [] } }) =>
    [singular, plural, ...shortNames, `${singular}.${group}`, `${plural}.${group}`].includes(word.toLowerCase()),
  );
  if (found === undefined || name === '' || more.length > 0) {
    const known = kinds.map(({ names }) => names.singular).join(', ');
    throw new CliError(`"${text}" is not valid, it must be KIND/NAME with a kind of ${known}`, EXIT.usage);
  }
  const { kind, plural } = found.names;
  return { apiVersion: `${found.group}/${found.versions[0]?.name}`, kind, plural, namespaced: true, name };
}

interface Spec {
  readonly group: string;
  readonly names: {
    readonly kind: string;
    readonly singular: string;
    readonly plural: string;
    readonly shortNames?: readonly string[];
  };
  readonly versions: readonly { readonly name: string }[];
}
