import type { FleetFigures, Measured, SettledFigures } from '../results.ts';
import { round } from '../stats.ts';

type Column = (fleet: FleetFigures) => string;

const ROWS: readonly (readonly [what: string, figure: Column, target: string, incumbent: string])[] = [
  [
    'made at once: clusters a second until the last pod is bound; floor; ratio',
    ({ burst }) =>
      `${round(burst.perSecond, 1)}; ${round(burst.floorPerSecond, 1)}; ${round(burst.perSecond / burst.floorPerSecond)}`,
    'ratio 0.75',
    '5.0–5.9; ratio 0.20–0.24',
  ],
  ['… until all are STABLE', ({ burst }) => `${round(burst.stableSeconds, 1)} s`, '–', '51–59 s'],
  ['… API writes of the operator, each', ({ burst }) => String(round(burst.writesEach, 1)), '10', '26'],
  ['… CPU of the operator, each', ({ burst }) => `${round(burst.operatorCpuMsEach, 0)} ms`, '15 ms', '210–270 ms'],
  [
    'at rest: CPU of the operator',
    ({ rest }) => `${round(rest.cpuPercent, 1)} % of a core`,
    '200: 0.8 %, 1,000: 3 %',
    '20 %',
  ],
  ['… memory of the operator', ({ rest }) => `${round(rest.rssMiB, 0)} MiB`, '200: 75, 1,000: 110 MiB', '908 MiB'],
  ['… writes a second', ({ rest }) => String(rest.writesPerSecond), '0.1', '–'],
  [
    'operator started anew: until each was looked at; writes',
    ({ restart }) => `${restart.lookedAtMs} ms; ${restart.writes}`,
    '200: 600 ms, 1,000: 2 s; 0',
    '10–11.6 s',
  ],
  [
    'deleted at once: all gone with their pods; floor; floor in the foreground',
    ({ deleteSeconds: { pods, floor, foregroundFloor } }) =>
      [pods, floor, foregroundFloor]
        .map((seconds) => (seconds === undefined ? '–' : `${round(seconds, 1)} s`))
        .join('; '),
    '200: 6 s',
    '26–31 s',
  ],
];

/** Fleets as a table of the README, one column for each size, and how quiet the machine was. */
export function fleetTable({
  machine,
  figures: { fleets },
}: Measured<{ readonly fleets: readonly FleetFigures[] }>): string {
  const heading = ['FlinkDeployments', ...fleets.map(({ jobs }) => String(jobs)), 'target', 'Flink operator 1.15, 200'];
  const lines = ROWS.map(([what, figure, target, incumbent]) => [what, ...fleets.map(figure), target, incumbent]);
  const table = [heading, heading.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  const foreign = fleets.map(({ burst }) => String(burst.foreignCores)).join(' and ');
  return [
    ...table,
    '',
    `Measured ${machine.date.slice(0, 10)}; ${foreign} of ${machine.cpus} cores were kept busy by other programs.`,
  ].join('\n');
}

/** The start beside many settled resources as a sentence of the README. */
export function settledLine({ machine, figures }: Measured<SettledFigures>): string {
  const { resources, readyMs, lookedAtMs, listMs, writes, peakMiB, foreignCores } = figures;
  const count = resources.toLocaleString('en-US');
  return (
    `Started anew beside ${count} settled (suspended) FlinkDeployments: ready after ${readyMs} ms, each looked at after ` +
    `${lookedAtMs} ms, ${writes} writes, at most ${round(peakMiB, 0)} MiB; one list of them takes ${listMs} ms. ` +
    `Measured ${machine.date.slice(0, 10)}; ${foreignCores} of ${machine.cpus} cores were kept busy by other programs.`
  );
}
