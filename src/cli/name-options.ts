import { Option } from 'commander';
import { isDnsLabel } from '../kube/names.ts';
import { CliError, EXIT } from './exit.ts';

/** What names of roles may be: more than those of other objects, such as `system:weir`. */
const ROLE_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.:]*[A-Za-z0-9])?$/;

/** `-n, --namespace`. Throws CliError (wrong usage) for what no namespace can be named. */
export function namespaceOption(description: string): Option {
  const option = new Option('-n, --namespace <name>', description);
  return option.argParser((name) => checked('--namespace', name, isDnsLabel(name), 'be the name of a namespace'));
}

/** `--name` of roles. Throws CliError (wrong usage) for what no role can be named. */
export function roleNameOption(description: string, fallback: string): Option {
  const option = new Option('--name <name>', description).default(fallback);
  return option.argParser((name) => checked('--name', name, ROLE_NAME.test(name), 'be a name such as weir'));
}

/** The names in a comma-separated list. Throws CliError (wrong usage) where one can be no namespace's. */
export function namespacesIn(flag: string, list: string): readonly string[] {
  const names = list.split(',').flatMap((name) => name.trim() || []);
  checked(flag, list, names.every(isDnsLabel), 'be a comma-separated list of namespace names');
  return names;
}

function checked(flag: string, value: string, valid: boolean, rule: string): string {
  if (valid) return value;
  throw new CliError(`${flag}: ${JSON.stringify(value)} is not valid, it must ${rule}`, EXIT.usage);
}
