import pc from 'picocolors';
import { assertNever } from '../../lib/assert-never.ts';
import { describeBytes } from '../../lib/memory-size.ts';
import {
  type Amount,
  type ConfigurationEntry,
  type Decision,
  type PlanReport,
  type ResourcePlan,
  runsAfter,
} from './report.ts';
import { shorten, table } from './table.ts';

/** What to show beyond the usual. */
export interface TextOptions {
  readonly color: boolean;
  /** Width of the terminal, undefined where there is none: a configuration that does not fit is a list, not a table. */
  readonly columns: number | undefined;
  /** Every configuration key, Flink's own defaults among them, and values uncut. */
  readonly allConfiguration: boolean;
}

/** Origin of keys that say what Flink would do anyway; not shown unless asked for. */
export const FLINK_DEFAULT = 'flink default';

/** The report for people. Ends in a line break. */
export function planText(report: PlanReport, options: TextOptions): string {
  const paint = pc.createColors(options.color);
  const blocks = [
    ...report.resources.map((resource) => resourceLines(resource, options)),
    report.leftAlone.map(({ kind, namespace, name, source, note }) =>
      paint.dim(`${kind} ${namespace === null ? name : `${namespace}/${name}`} (${source}): ${note}`),
    ),
    report.resources.length > 1 ? [totalLine(report)] : [],
  ];
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  if (text.length === 0) return report.unreadable.length > 0 ? '' : 'nothing to plan: the files hold no object\n';
  return `${text.join('\n\n')}\n`;
}

function resourceLines(resource: ResourcePlan, options: TextOptions): string[] {
  const paint = pc.createColors(options.color);
  const heading = `${resource.kind} ${resource.namespace}/${resource.name}`;
  return [
    `${paint.bold(heading)} ${paint.dim(`(${resource.source})`)}`,
    `  ${colored(resource.decision, options.color)}: ${headline(resource)} ${paint.dim(`[${resource.reason}]`)}`,
    ...section('Changed', resource.changes),
    ...section('Warnings', resource.warnings),
    ...section(runsAfter(resource) ? 'Size' : 'Size when it runs', sizeLines(resource)),
    ...section('Capacity', capacityLines(resource)),
    ...section('Objects', objectLines(resource)),
    ...configurationSection(resource, options),
  ];
}

function capacityLines({ capacity }: ResourcePlan): string[] {
  if (capacity === null) return [];
  const fits = { True: 'fits', False: 'does not fit', Unknown: 'not certain' }[capacity.status];
  const held = capacity.held ? ['held back until it fits, since weir.dev/capacity-gate is "wait"'] : [];
  return [`${fits} [${capacity.reason}]: ${capacity.message}`, ...held];
}

/** The message, unless it is a list of broken rules, which are reported one by one as errors. */
function headline({ issues, message }: ResourcePlan): string {
  if (issues.length === 0) return message;
  return issues.length === 1 ? 'a rule is broken' : `${issues.length} rules are broken`;
}

function totalLine({ resources, total }: PlanReport): string {
  const running = resources.filter(runsAfter).length;
  const amount = `${counted(total.pods, 'pod')}, ${counted(cores(total.cpu), 'core')}, ${describeBytes(total.memoryBytes)}`;
  return `${running} of ${resources.length} resources would run: ${amount} (${total.memoryBytes} bytes)`;
}

function counted(count: number | string, word: string): string {
  return `${count} ${word}${Number(count) === 1 ? '' : 's'}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => `    ${line}`)];
}

function colored(decision: Decision, color: boolean): string {
  const paint = pc.createColors(color);
  switch (decision) {
    case 'create':
    case 'resume':
    case 'scale':
      return paint.green(decision);
    case 'no-op':
      return paint.dim(decision);
    case 'suspend':
    case 'restart':
      return paint.yellow(decision);
    case 'refuse':
      return paint.red(decision);
    default:
      return assertNever(decision);
  }
}

function sizeLines(resource: ResourcePlan): string[] {
  const { perRole, total, limits, pods, guesses } = resource;
  if (total === null || pods === null || limits === null) return [];
  const rows = perRole.map((role) => [
    role.role,
    `${role.pods}`,
    cores(role.each.cpu),
    describeBytes(role.each.memoryBytes),
    cores(role.total.cpu),
    ...memory(role.total),
  ]);
  const columns = [
    { heading: 'ROLE' },
    { heading: 'PODS', right: true },
    { heading: 'CPU EACH', right: true },
    { heading: 'MEMORY EACH', right: true },
    { heading: 'CPU', right: true },
    { heading: 'MEMORY', right: true },
    { heading: 'BYTES', right: true },
  ];
  const lines = table(columns, [...rows, ['total', `${pods}`, '', '', cores(total.cpu), ...memory(total)]]);
  const more = limits.cpu > total.cpu || limits.memoryBytes > total.memoryBytes;
  const atMost = `limits: ${counted(cores(limits.cpu), 'core')}, ${describeBytes(limits.memoryBytes)} (${limits.memoryBytes} bytes)`;
  return [
    arithmeticLine(resource),
    ...lines,
    ...(more ? [atMost] : []),
    ...guesses.map((guess) => (resource.parallelism === null ? guess : `guessed: ${guess}`)),
  ];
}

/** `parallelism 10, 5 slots per TaskManager: ceil(10 / 5) = 2 TaskManagers`; of Spark the arithmetic alone. */
function arithmeticLine({ parallelism, slotsPerTaskManager, arithmetic }: ResourcePlan): string {
  if (parallelism === null) return arithmetic ?? '';
  const slots = counted(slotsPerTaskManager ?? 0, 'slot');
  return `parallelism ${parallelism}, ${slots} per TaskManager: ${arithmetic}`;
}

function memory({ memoryBytes }: Amount): string[] {
  return [describeBytes(memoryBytes), `${memoryBytes}`];
}

/** Cores without noise from floating point: `2`, `0.5`, `1.25`. */
function cores(cpu: number): string {
  return `${Math.round(cpu * 1000) / 1000}`;
}

function objectLines({ objects }: ResourcePlan): string[] {
  const columns = [{ heading: 'KIND' }, { heading: 'NAME' }, { heading: 'BECAUSE' }];
  return objects.length === 0
    ? []
    : table(
        columns,
        objects.map(({ kind, name, because }) => [kind, name, because]),
      );
}

function configurationSection({ configuration }: ResourcePlan, options: TextOptions): string[] {
  if (configuration.length === 0) return [];
  const shown = configuration.filter((entry) => options.allConfiguration || entry.origin !== FLINK_DEFAULT);
  const hidden = configuration.length - shown.length;
  const note = hidden === 0 ? '' : `, ${hidden} more that are Flink's defaults with --all`;
  return section(`Configuration (${shown.length} keys${note})`, configurationLines(shown, options));
}

function configurationLines(entries: readonly ConfigurationEntry[], options: TextOptions): string[] {
  if (entries.length === 0) return [];
  const uncut = options.allConfiguration;
  const columns = [
    { heading: 'KEY' },
    { heading: 'VALUE', ...(uncut ? {} : { max: MAX_VALUE }) },
    { heading: 'ORIGIN' },
    { heading: 'BECAUSE', ...(uncut ? {} : { max: 60 }) },
  ];
  const rows = entries.map(({ key, value, origin, because }) => [key, value, origin, withoutKey(because, key)]);
  const lines = table(columns, rows);
  const widest = Math.max(...lines.map(({ length }) => INDENT + length));
  return widest > (options.columns ?? widest) ? entries.flatMap((entry) => listed(entry, uncut)) : lines;
}

const MAX_VALUE = 40;
/** What a section puts before each of its lines. */
const INDENT = 4;

/** Key and value on one line, who set it and why on the next. */
function listed({ key, value, origin, because }: ConfigurationEntry, uncut: boolean): string[] {
  return [`${key}: ${shorten(value, uncut ? undefined : MAX_VALUE)}`, `  ${origin}: ${withoutKey(because, key)}`];
}

/** `spec.flinkConfiguration.web.port` beside the key `web.port` says nothing more than `spec.flinkConfiguration`. */
function withoutKey(because: string, key: string): string {
  return because.endsWith(key) ? because.slice(0, -key.length).replace(/[. ]$/, '') : because;
}
