import { Command } from 'commander';
import { ENGINES } from '../config.ts';
import { enginesOf } from './engines.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { namespacesIn, roleNameOption } from './name-options.ts';
import { certificatesYaml, rbacYaml } from './rbac.ts';
import { OPTIONS } from './run-options.ts';
import { WEBHOOK_OPTIONS } from './webhook-options.ts';

const EITHER = '--watch-namespaces and --watch-namespace-selector exclude each other';

const NOTES = `
Examples:
  weir rbac
  weir rbac --engines spark --watch-namespaces shop,data | kubectl apply -f -

Exit codes: 0 printed; 2 wrong usage.`;

interface Options {
  readonly name: string;
  readonly watchNamespaces?: string;
  readonly watchNamespaceSelector?: true;
  readonly engines: string;
  readonly leaseName: string;
  readonly webhookSecret: string;
  readonly webhookConfiguration?: string;
}

/** `weir rbac`: the rights the operator needs, from what its controllers declare. */
export function rbacCommand(io: CliIo): Command {
  return new Command('rbac')
    .description('print the roles the operator needs, each rule with its reason')
    .addOption(roleNameOption('name of the roles', 'weir'))
    .option('--engines <list>', 'only what these engines need, comma-separated', ENGINES.join(','))
    .option('--lease-name <name>', 'name of the Lease', OPTIONS.leaseName.default)
    .option('--watch-namespaces <list>', 'a Role for each of these namespaces instead of one ClusterRole')
    .option('--watch-namespace-selector', 'add what following namespaces by their labels needs')
    .option(
      '--webhook-configuration <name>',
      'ValidatingWebhookConfiguration of a webhook whose certificates the operator makes: the roles for that, too',
    )
    .option('--webhook-secret <name>', 'Secret it keeps them in', WEBHOOK_OPTIONS.webhookSecret.default)
    .addHelpText('after', NOTES)
    .action(async (options: Options) => io.out(await rolesOf(options)));
}

async function rolesOf(options: Options): Promise<string> {
  const { name, watchNamespaces = '', watchNamespaceSelector, engines, leaseName } = options;
  const { webhookSecret, webhookConfiguration } = options;
  const { certificateAccess, operatorAccess, SCOPE_ACCESS } = await import('../operator-access.ts');
  const namespaces = namespacesIn('--watch-namespaces', watchNamespaces);
  if (watchNamespaceSelector && namespaces.length > 0) throw new CliError(EITHER, EXIT.usage);
  const scope = watchNamespaceSelector ? SCOPE_ACCESS : [];
  const roles = rbacYaml([...operatorAccess(enginesOf(engines), leaseName), ...scope], name, namespaces);
  if (webhookConfiguration === undefined) return roles;
  const certificates = certificateAccess({ secret: webhookSecret, configuration: webhookConfiguration });
  return `${roles}---\n${certificatesYaml(certificates, name)}`;
}
