import { Command } from 'commander';
import type { CliIo } from './io.ts';
import { rbacYaml } from './rbac.ts';

/** `weir rbac`: the rights the operator needs, from what its controllers declare. */
export function rbacCommand(io: CliIo): Command {
  return new Command('rbac')
    .description('print the roles the operator needs, each rule with its reason')
    .option('--name <name>', 'name of the roles', 'weir')
    .option('--watch-namespaces <list>', 'a Role for each of these namespaces instead of one ClusterRole', '')
    .addHelpText('after', '\nExample:\n  weir rbac --watch-namespaces team-a,team-b | kubectl apply -f -')
    .action(async ({ name, watchNamespaces }: { name: string; watchNamespaces: string }) => {
      const { operatorAccess } = await import('../operator.ts');
      const namespaces = watchNamespaces.split(',').flatMap((namespace) => namespace.trim() || []);
      io.out(rbacYaml(operatorAccess(), name, namespaces));
    });
}
