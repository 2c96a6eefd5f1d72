import type { AdmissionFigures, Measured } from '../results.ts';

/** What the admission webhook costs, as a table of the README, and how quiet the machine was. */
export function admissionTable({ machine, figures }: Measured<AdmissionFigures>): string {
  const { createMs, floorMs, perSecond, operatorCpuMsPerReview, foreignCores } = figures;
  const ms = ({ p50, p99 }: AdmissionFigures['createMs']): string => `${p50} / ${p99} ms`;
  const heading = [`${perSecond} creations a second`, 'with the admission webhook', 'without, the floor', 'target'];
  const rows = [
    heading,
    heading.map(() => '---'),
    ['create request answered, p50 / p99', ms(createMs), ms(floorMs), 'p99 50 ms'],
    ['CPU of the operator, each', `${operatorCpuMsPerReview} ms`, '–', '–'],
  ];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const starved = foreignCores > machine.cpus / 2 ? ': the slowest say more about those than about Weir' : '';
  const noise = `${foreignCores} of ${machine.cpus} cores were kept busy by other programs${starved}`;
  return `${table}\n\nMeasured ${machine.date.slice(0, 10)}; ${noise}.`;
}
