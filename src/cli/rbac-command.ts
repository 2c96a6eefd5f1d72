import { Command } from 'commander';
import { ENGINES } from '../config.ts';
import { enginesOf } from './engines.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { rbacYaml } from './rbac.ts';

const EITHER = '--watch-namespaces and --watch-namespace-selector exclude each other';

interface Options {
  readonly name: string;
  readonly watchNamespaces: string;
  readonly watchNamespaceSelector?: true;
  readonly engines: string;
}

/** `weir rbac`: the rights the operator needs, from what its controllers declare. */
export function rbacCommand(io: CliIo): Command {
  return new Command('rbac')
    .description('print the roles the operator needs, each rule with its reason')
    .option('--name <name>', 'name of the roles', 'weir')
    .option('--engines <list>', 'only what these engines need, comma-separated', ENGINES.join(','))
    .option('--watch-namespaces <list>', 'a Role for each of these namespaces instead of one ClusterRole', '')
    .option('--watch-namespace-selector', 'add what following namespaces by their labels needs')
    .addHelpText('after', '\nExample:\n  weir rbac --watch-namespaces team-a,team-b | kubectl apply -f -')
    .action(async ({ name, watchNamespaces, watchNamespaceSelector, engines }: Options) => {
      const { operatorAccess, SCOPE_ACCESS } = await import('../operator-access.ts');
      const namespaces = watchNamespaces.split(',').flatMap((namespace) => namespace.trim() || []);
      if (watchNamespaceSelector && namespaces.length > 0) throw new CliError(EITHER, EXIT.usage);
      const scope = watchNamespaceSelector ? SCOPE_ACCESS : [];
      io.out(rbacYaml([...operatorAccess(enginesOf(engines)), ...scope], name, namespaces));
    });
}
