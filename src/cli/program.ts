import { Command, CommanderError } from 'commander';
import { VERSION } from '../lib/version.ts';
import { completionCommand } from './completion-command.ts';
import { crdsCommand } from './crds-command.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { formatItem } from './help.ts';
import { helpCommand } from './help-command.ts';
import type { CliIo } from './io.ts';
import { migrateCommand } from './migrate-command.ts';
import { planCommand } from './plan-command.ts';
import { rbacCommand } from './rbac-command.ts';
import { readyCommand } from './ready-command.ts';
import { runCommand } from './run-command.ts';
import { versionCommand } from './version-command.ts';
import { waitCommand } from './wait-command.ts';

const EXAMPLES = `
Examples:
  weir plan -f job.yaml                what would be created, how big, and why
  weir plan -f job.yaml -o json        the same for a script
  weir plan -f job.yaml --server       compared with what runs
  weir wait flinkdep/orders -n shop    for pipelines, until it runs
  weir crds | kubectl apply --server-side --force-conflicts -f -
  weir run --context dev --leader-election=false

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 a manifest is not valid or is
refused; 4 what was waited for has failed; 5 it has not come within the time.`;

/** The whole command line; every command is a file of its own. */
export function buildProgram(io: CliIo, finish: (code: ExitCode) => void): Command {
  const program = new Command('weir')
    .description('One Kubernetes operator for Apache Flink and Apache Spark.')
    .version(`weir ${VERSION}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', EXAMPLES)
    .helpCommand(false)
    .configureHelp({ formatItem })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });
  const commands = [
    planCommand(io, finish),
    runCommand(),
    crdsCommand(io),
    rbacCommand(io),
    readyCommand(io),
    migrateCommand(io),
    waitCommand(io),
    completionCommand(io, program),
    versionCommand(io),
    helpCommand(program),
  ];
  for (const command of commands) program.addCommand(inheriting(command, program));
  return program;
}

/** A command and those below it with the settings of their parent: exit codes, help, where errors go. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const below of command.commands) inheriting(below, command);
  return command;
}

/** Runs one command line; returns the exit code. Never throws. */
export async function runCli(args: readonly string[], io: CliIo = processIo()): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = buildProgram(io, (given) => {
    code = given;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: CliIo): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    io.err(`error: ${error.message}\n`);
    return error.code;
  }
  const text = error instanceof Error ? (process.env.WEIR_DEBUG ? error.stack : error.message) : String(error);
  io.err(`error: ${text}\n`);
  return EXIT.error;
}

function processIo(): CliIo {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok); // `weir … | head`
    throw error;
  });
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    color: process.stdout.isTTY === true && !process.env.NO_COLOR,
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
  };
}
