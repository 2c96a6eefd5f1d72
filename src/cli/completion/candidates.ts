import type { Argument, Command, Option } from 'commander';

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string;
  /** Empty where the word says it all. */
  readonly meaning: string;
}

/**
 * What may stand in the place of the last of these words of a command line, which are those behind the program's name; the last may be empty or
 * begun. None where the program knows no better than that it is a name or a file. Bash hands over `--output=json` as three words.
 */
export function candidatesOf(program: Command, words: readonly string[]): readonly Candidate[] {
  const typed = words.at(-1) ?? '';
  const last = typed === '=' ? '' : typed;
  return possible(placeOf(program, words.slice(0, -1)), last).filter(({ word }) => word.startsWith(last));
}

/** Where in a command line the next word stands. */
interface Place {
  readonly command: Command;
  /** How many arguments the command has already. */
  readonly args: number;
  /** The option whose value comes next. */
  readonly awaiting?: Option | undefined;
  readonly given: ReadonlySet<Option>;
  /** Whether `--` has ended the options. */
  readonly ended: boolean;
}

function placeOf(program: Command, words: readonly string[]): Place {
  return words.reduce(after, startOf(program));
}

function startOf(command: Command): Place {
  return { command, args: 0, given: new Set(), ended: false };
}

/** The place behind one more word. */
function after(place: Place, word: string): Place {
  const { command, args, awaiting, ended } = place;
  if (word === '=' && awaiting !== undefined) return place;
  if (!ended && isOption(word)) return afterOption(place, word);
  if (awaiting !== undefined) return { ...place, awaiting: awaiting.variadic ? awaiting : undefined };
  const below = ended || args > 0 ? undefined : commandBelow(command, word);
  return below === undefined ? { ...place, args: args + 1 } : startOf(below);
}

/** Behind `help` the commands come that it could be given of. */
function commandBelow(command: Command, word: string): Command | undefined {
  return word === 'help' ? command : commandsOf(command).find((one) => one.name() === word);
}

function afterOption(place: Place, word: string): Place {
  if (word === '--') return { ...place, awaiting: undefined, ended: true };
  const [name, value] = word.split('=', 2);
  const option = optionsOf(place.command).find(({ long, short }) => name === long || name === short);
  if (option === undefined) return { ...place, awaiting: undefined };
  const takesNext = (option.required || option.optional) && value === undefined;
  return { ...place, given: new Set([...place.given, option]), awaiting: takesNext ? option : undefined };
}

/** `-` alone is a value: standard input. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function possible(place: Place, last: string): readonly Candidate[] {
  const { command, args, awaiting, ended } = place;
  if (ended) return argumentsAt(place);
  if (last.startsWith('-')) return last.includes('=') ? valuesBehind(command, last) : optionsAt(place);
  if (awaiting !== undefined) return valuesOf(awaiting).map(bare);
  const words = [...(args === 0 ? commandsOf(command).map(named) : []), ...argumentsAt(place)];
  return words.length > 0 || command.registeredArguments.length > args ? words : optionsAt(place);
}

/** Options by their long names, without those that were given and are taken once. */
function optionsAt({ command, given }: Place): readonly Candidate[] {
  return optionsOf(command)
    .filter((option) => option.variadic || !given.has(option))
    .map((option) => ({ word: option.long ?? option.short ?? '', meaning: option.description }));
}

/** `--output=json`, the way a value is given in one word. */
function valuesBehind(command: Command, word: string): readonly Candidate[] {
  const name = word.slice(0, word.indexOf('='));
  const option = optionsOf(command).find(({ long }) => long === name);
  return option === undefined ? [] : valuesOf(option).map((value) => bare(`${name}=${value}`));
}

function valuesOf({ argChoices, flags }: Option): readonly string[] {
  return argChoices ?? (/<true\|false>$/.test(flags) ? ['true', 'false'] : []);
}

function argumentsAt({ command, args }: Place): readonly Candidate[] {
  const argument: Argument | undefined = command.registeredArguments[args];
  return (argument?.argChoices ?? []).map(bare);
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function commandsOf(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

const named = (command: Command): Candidate => ({ word: command.name(), meaning: command.description() });
const bare = (word: string): Candidate => ({ word, meaning: '' });
