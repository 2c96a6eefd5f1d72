import type { Command, Option } from 'commander';
import type { OptionName } from '../config.ts';
import { buildProgram } from './program.ts';
import { OPTIONS } from './run-options.ts';

const HEAD = `# Command line

This page is generated from the code; \`weir COMMAND --help\` says the same.

In a checkout, \`npx weir\` runs the sources. Errors go to standard error, one line each, naming what was wrong; set
\`WEIR_DEBUG=1\` to see where in the code an unexpected one came from. Colours appear only on a terminal and never with
\`NO_COLOR\`.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | failed: a file or the cluster could not be read |
| 2 | wrong usage: unknown command or option, a setting that is not valid |
| 3 | a manifest is not valid, or this version refuses it |
| 4 | what was waited for has failed or stalled |
| 5 | what was waited for has not come within the time |
`;

/** docs/reference/cli.md: every command with its options, examples and exit codes. */
export function cliReference(): string {
  const program = buildProgram({ out: () => undefined, err: () => undefined, color: false }, () => undefined);
  return [HEAD, ...program.commands.flatMap(withSubcommands).map(commandSection)].join('\n');
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands];
}

/** `crds apply`: its name below the program's. */
function fullName(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}

function commandSection(command: Command): string {
  const usage = `weir ${fullName(command)} ${command.usage()}`;
  const rows = command.name() === 'run' ? runRows() : command.options.map(optionRow);
  const header = command.name() === 'run' ? RUN_HEADER : OPTION_HEADER;
  const parts = [`## weir ${fullName(command)}`, sentence(command.description()), `\`\`\`\n${usage}\n\`\`\``];
  if (rows.length > 0) parts.push([...header, ...rows].join('\n'));
  const notes = notesOf(command);
  if (notes !== '') parts.push(`\`\`\`\n${notes}\n\`\`\``);
  return `${parts.join('\n\n')}\n`;
}

const OPTION_HEADER = ['| option | meaning |', '| --- | --- |'];
const RUN_HEADER = ['| option | environment | default | meaning |', '| --- | --- | --- | --- |'];

function optionRow(option: Option): string {
  const values = option.argChoices === undefined ? '' : `: ${option.argChoices.join(', ')}`;
  const fallback =
    option.defaultValue === undefined || option.defaultValue === '' ? '' : ` (default ${option.defaultValue})`;
  return `| \`${escapeCell(option.flags)}\` | ${escapeCell(`${option.description}${values}${fallback}`)} |`;
}

function runRows(): string[] {
  return (Object.keys(OPTIONS) as OptionName[]).map((name) => {
    const { flag, argument, env, default: fallback, describe } = OPTIONS[name];
    const cells = [
      `\`${flag} <${argument}>\``,
      `\`${env}\``,
      fallback === undefined || fallback === '' ? '' : `\`${fallback}\``,
      describe,
    ];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
}

/** The text a command prints after its options. */
function notesOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
  });
  command.outputHelp();
  const own = command.helpInformation();
  return text.slice(own.length).trim();
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
