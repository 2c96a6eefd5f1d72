import { describeIssue } from '../core/issue.ts';
import { readSparkDefaults } from '../runtime/conf-folder.ts';
import { validateDefaults } from '../spark/validate-defaults.ts';
import { CliError, EXIT } from './exit.ts';

/** The properties of a folder's spark-defaults.conf; none without a folder. Throws CliError naming every one that is refused. */
export function sparkDefaultsIn(folder: string | undefined): Readonly<Record<string, string>> {
  if (folder === undefined) return {};
  const defaults = readSparkDefaults(folder);
  const issues = validateDefaults(defaults);
  if (issues.length > 0) throw new CliError(issues.map(describeIssue).join('\nerror: '), EXIT.usage);
  return defaults;
}
