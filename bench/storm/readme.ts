import type { Measured, StormFigures, StormModeFigures } from '../results.ts';
import { round } from '../stats.ts';

type Column = (mode: StormModeFigures) => string;

const ROWS: readonly (readonly [what: string, figure: Column, target: string])[] = [
  ['until all are STABLE with the new image', ({ seconds }) => `${round(seconds, 1)} s`, '–'],
  [
    '… floor: as many Deployments replaced at once without an operator',
    ({ floorSeconds }) => `${round(floorSeconds, 1)} s`,
    '–',
  ],
  ['ran twice at once, not exactly once more, or not from the newest state', ({ wrong }) => String(wrong), '0'],
  [
    'job runs, or its savepoint is complete → status says so, p50 / p99',
    ({ freshnessMs: { p50, p99 } }) => `${round(p50, 0)} / ${round(p99, 0)} ms`,
    'p99 1000 ms',
  ],
  ['API writes of the operator, each', ({ writesPerUpgrade }) => String(round(writesPerUpgrade, 1)), '–'],
  ['CPU of the operator, each', ({ operatorCpuMsPerUpgrade }) => `${round(operatorCpuMsPerUpgrade, 0)} ms`, '–'],
];

/** The storm as a table of the README, one column for each mode, and how quiet the machine was. */
export function stormTable({ machine, figures: { jobs, modes } }: Measured<StormFigures>): string {
  const heading = [`${jobs} running jobs upgraded at once`, ...modes.map(({ mode }) => mode), 'target'];
  const lines = ROWS.map(([what, figure, target]) => [what, ...modes.map(figure), target]);
  const table = [heading, heading.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  const foreign = modes.map(({ foreignCores }) => String(foreignCores)).join(' and ');
  const busy = modes.some(({ foreignCores }) => foreignCores > machine.cpus / 4);
  const caution = busy ? ': the times say more about those than about Weir' : '';
  const noise = `Measured ${machine.date.slice(0, 10)}; ${foreign} of ${machine.cpus} cores were kept busy by other programs${caution}.`;
  return [...table, '', noise].join('\n');
}
