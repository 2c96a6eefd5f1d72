import { Command } from 'commander';
import { ENGINES } from '../config.ts';
import { enginesOf } from './engines.ts';
import type { CliIo } from './io.ts';
import { rbacYaml } from './rbac.ts';

interface Options {
  readonly name: string;
  readonly watchNamespaces: string;
  readonly engines: string;
}

/** `weir rbac`: the rights the operator needs, from what its controllers declare. */
export function rbacCommand(io: CliIo): Command {
  return new Command('rbac')
    .description('print the roles the operator needs, each rule with its reason')
    .option('--name <name>', 'name of the roles', 'weir')
    .option('--engines <list>', 'only what these engines need, comma-separated', ENGINES.join(','))
    .option('--watch-namespaces <list>', 'a Role for each of these namespaces instead of one ClusterRole', '')
    .addHelpText('after', '\nExample:\n  weir rbac --watch-namespaces team-a,team-b | kubectl apply -f -')
    .action(async ({ name, watchNamespaces, engines }: Options) => {
      const { operatorAccess } = await import('../operator-access.ts');
      const namespaces = watchNamespaces.split(',').flatMap((namespace) => namespace.trim() || []);
      io.out(rbacYaml(operatorAccess(enginesOf(engines)), name, namespaces));
    });
}
