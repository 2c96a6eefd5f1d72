import { AUTOSCALER_PREFIX } from '../../src/flink/options/autoscaler-table.ts';
import { ALL_OPTIONS, OPTION_FAMILIES } from '../../src/flink/options/index.ts';
import { type AnyOption, OPERATOR_PREFIX, type Standing } from '../../src/flink/options/types.ts';

const HEAD = `# Options of the operator

Every \`${OPERATOR_PREFIX}*\` option of the Apache Flink Kubernetes Operator 1.15, one of Weir's own, and what Weir does with it. This page
is generated from the table the code reads them by, in src/flink/options. The keys below leave out \`${OPERATOR_PREFIX}\`.

- **honoured**: Weir reads it. What differs from the Flink Kubernetes Operator stands behind it.
- **not applicable**: Weir has no use for it, because of what stands behind it. It does no harm.
- **not yet**: Weir does not read it so far; until then, what stands behind it holds.

A value that breaks the rule of an option Weir reads or is about to read is refused: in a resource by name, value and rule
in its status, in the operator's own configuration by not using that configuration. A key of this prefix that is not on this
page is warned of: in the log, or at admission, in \`weir plan\` and as an event \`UnknownOption\` on the resource.

Changing any of these in \`spec.flinkConfiguration\` never restarts a job, and none of them reaches the cluster.
`;

const RESOURCE = `## Options of a resource

Set in \`spec.flinkConfiguration\`, or for many resources in the operator's configuration. What a resource says wins over
defaults by Flink version, those over defaults by namespace, and those over the rest of the operator's configuration.
`;

const AUTOSCALER = `## Options of the autoscaler

Set as options of a resource are. The keys below leave out \`${AUTOSCALER_PREFIX}\`; they are also read with \`${OPERATOR_PREFIX}\` before
it, where a key without that is not set. A value that breaks its rule is refused where the autoscaler is on.
`;

const OPERATOR = `## Options of the operator

Read from the operator's configuration only. A resource cannot set them.
`;

const FAMILIES = `## Options with names of your own
`;

/** docs/reference/flink-operator-options.md: every option of the incumbent and what becomes of it. */
export function flinkOperatorOptionsReference(): string {
  const scaler = (option: AnyOption): boolean => option.key.startsWith(AUTOSCALER_PREFIX);
  const rows = (belongs: (option: AnyOption) => boolean): string =>
    table(ALL_OPTIONS.filter(belongs).sort((a, b) => (a.key < b.key ? -1 : 1)));
  const resource = rows((option) => option.scope === 'resource' && !scaler(option));
  const operator = rows(({ scope }) => scope === 'operator');
  return [HEAD, RESOURCE, resource, AUTOSCALER, rows(scaler), OPERATOR, operator, FAMILIES, families()].join('\n');
}

function table(options: readonly AnyOption[]): string {
  const lines = options.map(({ key, fallbackText, type, standing, description, oldNames }) => {
    const oldKeys = [...new Set(oldNames.map(shortened))].filter((name) => name !== shortened(key));
    const old = oldKeys.length === 0 ? '' : ` Old name: ${oldKeys.join(', ')}.`;
    const fallback = fallbackText === undefined || fallbackText === '' ? '' : `\`${fallbackText}\``;
    return row([shortened(key), type.name, fallback, standingText(standing), description + old]);
  });
  return [row(['key', 'value', 'default', 'in Weir', 'meaning']), row(Array(5).fill('---')), ...lines, ''].join('\n');
}

function families(): string {
  const lines = OPTION_FAMILIES.map(({ prefix, rest, standing, description }) => {
    const names = rest.split(', ').map((name) => `\`${(prefix + name).replace(OPERATOR_PREFIX, '')}\``);
    return row([names.join(', '), standingText(standing), description]);
  });
  return [row(['key', 'in Weir', 'meaning']), row(Array(3).fill('---')), ...lines, ''].join('\n');
}

function shortened(key: string): string {
  return `\`${key.replace(OPERATOR_PREFIX, '').replace(AUTOSCALER_PREFIX, '')}\``;
}

function standingText(standing: Standing): string {
  const more = standing.is === 'honoured' ? standing.how : standing.why;
  return more === undefined ? standing.is : `${standing.is}: ${more}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
