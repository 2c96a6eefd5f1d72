import { type Command, Help } from 'commander';
import { describe, expect, it } from 'vitest';
import { formatItem } from './help.ts';
import { buildProgram, runCli } from './program.ts';

const meaning = 'look only at resources with these labels, as kubectl -l takes them, and leave the others alone';

/** The lines of one item, in a terminal of 80 columns. */
function lines(term: string, termWidth: number): string[] {
  const helper = new Help();
  helper.helpWidth = 80;
  return formatItem(term, termWidth, meaning, helper).split('\n');
}

describe('help of every command', () => {
  const io = { out: () => undefined, err: () => undefined, color: false };
  const program = buildProgram(io, () => undefined);
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);

  /** What `--help` prints. */
  function helpOf(command: Command): string {
    let text = '';
    command.configureOutput({
      getOutHelpWidth: () => 80,
      writeOut: (piece) => {
        text += piece;
      },
    });
    command.outputHelp();
    return text;
  }

  it.each(commands.filter((command) => command.name() !== 'migrate').map((command) => [command.name(), command]))(
    '%s: purpose in a sentence, an example, exit codes',
    (_, command) => {
      expect(command.description()).toMatch(/^[a-z].+[^.]$/);
      const help = helpOf(command);
      expect(help).toMatch(/\nExamples?:\n {2}.*weir /);
      expect(help).toMatch(/\nExit codes: 0 /);
      expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
  );
});

describe('weir help', () => {
  it('prints what --help of a command does, also of one below another', async () => {
    const said = async (...args: string[]): Promise<string> => {
      let text = '';
      const io = {
        out: (piece: string) => {
          text += piece;
        },
        err: () => undefined,
        color: false,
      };
      expect(await runCli(args, io)).toBe(0);
      return text;
    };
    expect(await said('help', 'plan')).toBe(await said('plan', '--help'));
    expect(await said('help', 'crds', 'apply')).toBe(await said('crds', 'apply', '--help'));
    expect(await said('help')).toBe(await said('--help'));
  });
});

describe('lists in help texts', () => {
  it('have the meaning beside short names', () => {
    expect(lines('--all', 20)).toEqual([
      '  --all                 look only at resources with these labels, as kubectl -l',
      '                        takes them, and leave the others alone',
    ]);
  });

  it('have it below where the longest name leaves too little room', () => {
    expect(lines('--all', 60)).toEqual([
      '  --all',
      '      look only at resources with these labels, as kubectl -l takes them, and',
      '      leave the others alone',
    ]);
  });
});
