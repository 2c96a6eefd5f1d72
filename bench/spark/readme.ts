import type { Measured, RateFigures, SparkFigures } from '../results.ts';
import { round } from '../stats.ts';

type Row = readonly [what: string, fastest: string, steady: string, target: string, incumbent: string];

/** Submission of SparkApplications as a table of the README, and how quiet the machine was. */
export function sparkTable({ machine, figures }: Measured<SparkFigures>): string {
  const { fastest, steady } = figures;
  const both = (figure: (rate: RateFigures) => string): readonly [string, string] => [figure(fastest), figure(steady)];
  const ms = ({ p50, p99 }: { readonly p50: number; readonly p99: number }): string => `${p50} / ${p99} ms`;
  const rows: readonly Row[] = [
    [
      'applications a second whose status says RUNNING',
      ...both(({ perSecond }) => String(round(perSecond, 1))),
      '25, 70 % of the floor',
      '0.2, tuned 0.35–0.47',
    ],
    [
      '… floor: the same objects made without an operator',
      `${round(figures.floorPerSecond, 1)}, ratio ${round(fastest.perSecond / figures.floorPerSecond)}`,
      '–',
      '–',
      '–',
    ],
    ['apply → driver pod, p50 / p99', ...both(({ driverMs }) => ms(driverMs)), 'p99 250 ms', '3,600–4,000 ms'],
    ['driver pod runs → status RUNNING, p50 / p99', ...both(({ statusLagMs }) => ms(statusLagMs)), 'p99 1000 ms', '–'],
    [
      'API writes of the operator up to COMPLETED',
      ...both((rate) => String(round(rate.writesPerApplication, 1))),
      '–',
      '–',
    ],
    ['CPU of the operator, each', ...both((rate) => `${round(rate.operatorCpuMsPerApplication, 0)} ms`), '–', '–'],
  ];
  const heading = ['SparkApplications', 'as fast as they go', 'steady', 'target', 'Kubeflow 2.5'];
  const table = [heading, heading.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...table, '', ...otherFigures(figures), noise(machine, figures)].join('\n');
}

function otherFigures({ requestsToRunning, restart, memory }: SparkFigures): readonly string[] {
  const requests = Object.entries(requestsToRunning).filter(([, count]) => count > 0);
  const sum = requests.reduce((total, [, count]) => total + count, 0);
  const methods = requests.map(([method, count]) => `${round(count, 1)} ${method}`).join(', ');
  return [
    `API requests of the operator up to RUNNING: ${round(sum, 1)} (${methods}; target 8, Kubeflow 11). Restart beside ` +
      `${restart.settled} applications that ended: ready after ${restart.readyMs} ms (target 600), ${restart.writes} writes. ` +
      `Memory with ${memory.finished} that ended: ${round(memory.rssMiB, 0)} MiB (target 200 with 5,000).`,
  ];
}

function noise({ date, cpus }: Measured<SparkFigures>['machine'], { fastest, steady }: SparkFigures): string {
  const foreign = `${fastest.foreignCores} and ${steady.foreignCores} of ${cpus} cores`;
  return `Measured ${date.slice(0, 10)}; ${foreign} were kept busy by other programs.`;
}
