import type { Measured, RateFigures, SparkFigures } from '../results.ts';
import { round } from '../stats.ts';

type Row = readonly [what: string, fastest: string, ...steady: string[], target: string, incumbent: string];

/** Submission of SparkApplications as a table of the README, and how quiet the machine was. */
export function sparkTable({ machine, figures }: Measured<SparkFigures>): string {
  const { fastest, steady } = figures;
  const each = (figure: (rate: RateFigures) => string): readonly [string, ...string[]] => [
    figure(fastest),
    ...steady.map(figure),
  ];
  const ms = ({ p50, p99 }: { readonly p50: number; readonly p99: number }): string => `${p50} / ${p99} ms`;
  const rows: readonly Row[] = [
    [
      'applications a second whose status says RUNNING',
      ...each(({ perSecond }) => String(round(perSecond, 1))),
      '25, 70 % of the floor',
      '0.2, tuned 0.35–0.47',
    ],
    ...floorRows(figures),
    ['apply → driver pod, p50 / p99', ...each(({ driverMs }) => ms(driverMs)), 'p99 250 ms', '3,600–4,000 ms'],
    ...(steady.some(({ floorDriverMs }) => floorDriverMs !== undefined)
      ? [
          [
            '… floor: every request of the operator made without it, at the same rate',
            '–',
            ...steady.map(({ floorDriverMs }) => (floorDriverMs === undefined ? '–' : ms(floorDriverMs))),
            '–',
            '–',
          ] as const,
        ]
      : []),
    ['driver pod runs → status RUNNING, p50 / p99', ...each(({ statusLagMs }) => ms(statusLagMs)), 'p99 1000 ms', '–'],
    [
      'API writes of the operator up to COMPLETED',
      ...each((rate) => String(round(rate.writesPerApplication, 1))),
      '–',
      '–',
    ],
    ['CPU of the operator, each', ...each((rate) => `${round(rate.operatorCpuMsPerApplication, 0)} ms`), '–', '–'],
  ];
  const loads = steady.map(({ asked }) => `${asked} a second`);
  const heading = ['SparkApplications', 'as fast as they go', ...loads, 'target', 'Kubeflow 2.5'];
  const table = [heading, heading.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...table, '', ...otherFigures(figures), noise(machine, figures)].join('\n');
}

function floorRows({ fastest, steady, floorPerSecond, writesFloorPerSecond }: SparkFigures): readonly Row[] {
  const row = (what: string, floor: number): Row => [
    what,
    `${round(floor, 1)}, ratio ${round(fastest.perSecond / floor)}`,
    ...steady.map(() => '–'),
    '–',
    '–',
  ];
  return [
    row('… floor: the same objects made without an operator, no status and no Event', floorPerSecond),
    ...(writesFloorPerSecond === undefined
      ? []
      : [row('… floor: every request of the operator made without it, statuses and Events too', writesFloorPerSecond)]),
  ];
}

function otherFigures({ requestsToRunning, restart, memory }: SparkFigures): readonly string[] {
  const requests = Object.entries(requestsToRunning).filter(([, count]) => count > 0);
  const sum = requests.reduce((total, [, count]) => total + count, 0);
  const methods = requests.map(([method, count]) => `${round(count, 1)} ${method}`).join(', ');
  return [
    `API requests of the operator up to RUNNING: ${round(sum, 1)} (${methods}; target 8, Kubeflow 11). Restart beside ` +
      `${restart.settled} applications that ended: ready after ${restart.readyMs} ms (target 600), ${restart.writes} writes. ` +
      `Memory with ${memory.finished} that ended, half a minute later: ${round(memory.rssMiB, 0)} MiB, at most ${round(memory.peakMiB, 0)} before ` +
      `(target 200 MB, 191 MiB, with 5,000).`,
  ];
}

function noise({ date, cpus }: Measured<SparkFigures>['machine'], { fastest, steady }: SparkFigures): string {
  const foreign = `${Math.max(...[fastest, ...steady].map(({ foreignCores }) => foreignCores))} of ${cpus} cores`;
  return `Measured ${date.slice(0, 10)}; at most ${foreign} were kept busy by other programs.`;
}
