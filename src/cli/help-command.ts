import { Command } from 'commander';

const NOTES = `
Examples:
  weir help plan
  weir help crds apply

Exit codes: 0 printed; 2 there is no such command.`;

/** `weir help`: what `--help` of a command prints. Ends with wrong usage where there is no such command. */
export function helpCommand(program: Command): Command {
  return new Command('help')
    .description('print help of a command')
    .argument('[command...]', 'its name, and that of one below it')
    .addHelpText('after', NOTES)
    .action((names: readonly string[]) => {
      let command = program;
      for (const name of names) {
        const below = command.commands.find((one) => one.name() === name);
        if (below === undefined) return command.error(`error: unknown command '${name}'`);
        command = below;
      }
      command.help();
    });
}
