import { Argument, Command } from 'commander';
import { candidatesOf } from './completion/candidates.ts';
import { SHELLS } from './completion/scripts.ts';
import type { CliIo } from './io.ts';

const NOTES = `
With the words of a command line behind --, what may come next is printed
instead: so the script asks.

Examples:
  source <(weir completion bash)    in ~/.bashrc
  source <(weir completion zsh)     in ~/.zshrc, behind compinit
  weir completion fish > ~/.config/fish/completions/weir.fish

Exit codes: 0 printed; 2 wrong usage.`;

type ShellName = keyof typeof SHELLS;

/** `weir completion`: the script by which a shell completes the commands and options of this program, whatever its version. */
export function completionCommand(io: CliIo, program: Command): Command {
  return new Command('completion')
    .description('print what makes a shell complete the command line of weir')
    .addArgument(new Argument('<shell>', 'whose script').choices(Object.keys(SHELLS)))
    .argument('[words...]', 'a command line without its first word')
    .addHelpText('after', NOTES)
    .action((name: ShellName, words: readonly string[]) => {
      const { script, line } = SHELLS[name];
      if (words.length === 0) io.out(script);
      else for (const candidate of candidatesOf(program, words)) io.out(`${line(candidate)}\n`);
    });
}
