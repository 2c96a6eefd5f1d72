import type { ImageFigures, Measured } from '../results.ts';

/** What the image is and how it starts, as a table of the README. */
export function imageTable({ machine, figures }: Measured<ImageFigures>): string {
  const { imageMiB, nodeMiB, weirMiB, nodeMs, versionMs, readyMs, rssMiB } = figures;
  const ms = ({ p50, p99 }: ImageFigures['nodeMs']): string => `${Math.round(p50)} / ${Math.round(p99)} ms`;
  const heading = ['the image, without shell, as its user, nothing writable', 'Weir', 'floor: Node alone'];
  const rows = [
    heading,
    heading.map(() => '---'),
    ['size, unpacked', `${imageMiB} MiB, ${weirMiB} MiB of it Weir`, `${nodeMiB} MiB`],
    ['start to `weir version`, p50 / p99', ms(versionMs), ms(nodeMs)],
    ['start to ready, nothing to do, p50 / p99', ms(readyMs), '–'],
    ['memory when ready', `${rssMiB} MiB`, '–'],
  ];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const starved = machine.load > machine.cpus ? ': the times say more about other programs than about Weir' : '';
  return `${table}\n\nMeasured ${machine.date.slice(0, 10)}; load ${machine.load} on ${machine.cpus} cores${starved}.`;
}
