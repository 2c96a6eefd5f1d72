import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { admissionTable } from './admission/readme.ts';
import { fleetTable, settledLine } from './fleet/readme.ts';
import { imageTable } from './image/readme.ts';
import { type LatencyFigures, type Measured, type Results, readResults } from './results.ts';
import { sparkTable } from './spark/readme.ts';
import { round } from './stats.ts';
import { stormTable } from './storm/readme.ts';

const START = '<!-- bench:start -->';
const END = '<!-- bench:end -->';
const root = join(import.meta.dirname, '..');

/** One line of the README's table, as text. */
interface Row {
  readonly what: string;
  readonly weir: string;
  readonly floor: string;
  readonly ratio: string;
  readonly target: string;
  readonly incumbent: string;
}

const HEADINGS: Row = {
  what: 'one FlinkDeployment after the other, idle cluster',
  weir: 'Weir',
  floor: 'floor',
  ratio: 'ratio',
  target: 'target',
  incumbent: 'Flink operator 1.15',
};

/** The README with its benchmark section brought up to date, as a generated file; none where there is no such section. */
export function readmeFile(): readonly { readonly path: string; content(): string }[] {
  const path = join(root, 'README.md');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (!hasSection(text)) return [];
  return [{ path: 'README.md', content: () => withSection(text, readResults(join(root, 'bench/results.json'))) }];
}

/** Puts what was measured between the two markers; a text without them stays as it is. */
export function withSection(text: string, results: Results): string {
  if (!hasSection(text)) return text;
  const before = text.slice(0, text.indexOf(START) + START.length);
  const after = text.slice(text.indexOf(END));
  return `${before}\n${section(results)}${after}`;
}

function hasSection(text: string): boolean {
  const start = text.indexOf(START);
  return start >= 0 && text.indexOf(END) > start;
}

function section(results: Results): string {
  const { admission, b0, b1, b3, fleet, image, settled, upgradeStorm } = results;
  const parts = [
    b1 === undefined ? '' : latencyTable(b1),
    fleet === undefined ? '' : fleetTable(fleet),
    settled === undefined ? '' : settledLine(settled),
    b3 === undefined ? '' : sparkTable(b3),
    upgradeStorm === undefined ? '' : stormTable(upgradeStorm),
    admission === undefined ? '' : admissionTable(admission),
    image === undefined ? '' : imageTable(image),
    b0 === undefined ? '' : ceilingLine(results),
    isEmpty(results) ? 'Not measured yet: `npm run bench -- all`.' : machineLine(results),
  ];
  return parts
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

function isEmpty(results: Results): boolean {
  return Object.keys(results).length === 0;
}

function latencyTable({ figures }: Measured<LatencyFigures>): string {
  const lines = [HEADINGS, ...latencyRows(figures)].map(
    ({ what, weir, floor, ratio, target, incumbent }) =>
      `| ${[what, weir, floor, ratio, target, incumbent].join(' | ')} |`,
  );
  return [lines[0], '| --- | --- | --- | --- | --- | --- |', ...lines.slice(1)].join('\n');
}

function latencyRows(figures: LatencyFigures): readonly Row[] {
  const { firstChild, firstChildFromAck, floorChain, floorShortest, jobRunningToStatus, answersToStable, rest } =
    figures;
  const ms = ({ p50, p99 }: { readonly p50: number; readonly p99: number }): string =>
    `${round(p50, 0)} / ${round(p99, 0)} ms`;
  const noFloor = { floor: '–', ratio: '–' };
  const against = (floor: typeof floorChain) => ({
    floor: ms(floor),
    ratio: `${round(firstChild.p50 / floor.p50, 1)} / ${round(firstChild.p99 / floor.p99, 1)}`,
  });
  return [
    {
      what: 'apply → first child object, p50 / p99; floor: the same objects made without an operator',
      weir: ms(firstChild),
      ...against(floorChain),
      target: '–',
      incumbent: '–',
    },
    {
      what: '… counted from the answer to `apply`, as the incumbent was measured',
      weir: ms(firstChildFromAck),
      ...noFloor,
      target: '15 / 50 ms',
      incumbent: '142–186 / 243–295 ms',
    },
    {
      what: '… floor: nothing but two requests, the resource and its Deployment',
      weir: ms(firstChild),
      ...against(floorShortest),
      target: '–',
      incumbent: '–',
    },
    {
      what: 'JobManager answers, job RUNNING → status RUNNING and STABLE, p50 / p99',
      weir: ms(answersToStable),
      ...noFloor,
      target: '300 / 1000 ms',
      incumbent: '10,200 / 10,400 ms',
    },
    {
      what: 'job starts to run → status RUNNING, p50 / p99',
      weir: ms(jobRunningToStatus),
      ...noFloor,
      target: '300 / 1000 ms',
      incumbent: '–',
    },
    {
      what: 'API writes of the operator up to STABLE',
      weir: String(round(figures.writesPerResource, 1)),
      ...noFloor,
      target: '10',
      incumbent: '25.9',
    },
    {
      what: 'CPU of the operator up to STABLE',
      weir: `${round(figures.operatorCpuMsPerResource, 0)} ms`,
      ...noFloor,
      target: '15 ms',
      incumbent: '400–600 ms',
    },
    {
      what: `CPU of the operator at rest, ${rest.jobs} running jobs`,
      weir: `${round(rest.cpuPercent, 1)} % of a core`,
      ...noFloor,
      target: '0.8 %',
      incumbent: '20 %',
    },
    {
      what: `memory of the operator, ${rest.jobs} running jobs`,
      weir: `${round(figures.operator.rssMiB, 0)} MiB`,
      ...noFloor,
      target: '75 MiB',
      incumbent: '700–1300 MiB',
    },
  ];
}

function ceilingLine({ b0 }: Results): string {
  const creates = (b0?.figures.throughput ?? []).filter(({ operation }) => operation === b0?.figures.headline);
  const rates = creates.map(({ perSecond, writers }) => `${perSecond} (${writers})`).join(', ');
  return `Ceiling of the API server used: creates of 1 kB ConfigMaps per second (writers at once) ${rates}.`;
}

function machineLine(results: Results): string {
  const { machine } = results.b1 ?? results.b0 ?? {};
  if (machine === undefined) return '';
  const { date, cpus, cpuModel, memoryGiB, kubernetes, node } = machine;
  const foreign = results.b1?.figures.foreignCores;
  const noise = foreign === undefined ? '' : `, ${foreign} of the cores kept busy by other programs`;
  return (
    `Measured ${date.slice(0, 10)} on ${cpus} cores (${cpuModel}), ${memoryGiB} GiB, that the control plane (Kubernetes ` +
    `${kubernetes}), the operator (Node ${node}) and the bench share${noise}; scheduler, kubelet and JobManagers are ` +
    'stand-ins. The incumbent was measured on a machine of the same kind. All figures: [bench/results.json](bench/results.json).'
  );
}
