import { describeProblem, type Engine, parseEngines } from '../config.ts';
import { CliError, EXIT } from './exit.ts';

/** The engines that the value of `--engines` names. Throws CliError (wrong usage) if it names none or others. */
export function enginesOf(list: string): readonly Engine[] {
  const engines = parseEngines('--engines', list);
  if (!engines.ok) throw new CliError(describeProblem(engines.error), EXIT.usage);
  return engines.value;
}
