import { describe, expect, it } from 'vitest';
import type { MachineFacts } from './machine.ts';
import { withSection } from './readme.ts';
import type { LatencyFigures, Results } from './results.ts';

const machine: MachineFacts = {
  date: '2026-01-02T03:04Z',
  weir: '0.1.0',
  node: 'v24.0.0',
  kubernetes: 'v1.34.4',
  cpus: 2,
  cpuModel: 'Some CPU',
  memoryGiB: 24,
  kernel: '6.18',
  load: 0.1,
};

function times(p50: number, p99: number): LatencyFigures['firstChild'] {
  return { n: 200, min: 1, p50, p90: p50, p99, max: p99 };
}

const figures: LatencyFigures = {
  warmUp: 20,
  firstChild: times(12.4, 30.2),
  firstChildFromAck: times(9, 20),
  firstStatus: times(8, 18),
  pod: times(20, 40),
  floorChain: times(8, 20),
  floorShortest: times(4, 10),
  answersToStable: times(130, 260),
  jobRunningToStatus: times(140, 270),
  requestsPerResource: { PATCH: 8, POST: 2 },
  writesPerResource: 10,
  jobManagerCallsPerResource: 5,
  operatorCpuMsPerResource: 11.6,
  controlPlaneCpuMsPerResource: 90,
  rest: {
    jobs: 220,
    seconds: 60,
    cpuPercent: 0.71,
    writesPerSecond: 0,
    jobManagerCallsPerSecond: 22,
    foreignCores: 0.02,
  },
  operator: { readyMs: 400, rssMiBEmpty: 60, rssMiB: 70.4, peakMiB: 75, heapMiB: 30 },
  foreignCores: 0.03,
};

const b1 = { headline: { bench: 'b1', value: 12.4, unit: 'ms', ceiling: 8, ratio: 1.55 }, machine, figures };

const row = {
  writers: 16,
  perSecond: 1200,
  ms: times(8, 20),
  controlPlaneCpuMs: 1,
  clientCpuMs: 0.3,
  foreignCores: 0,
};
const b0: NonNullable<Results['b0']> = {
  headline: { bench: 'b0', value: 1200, unit: 'creates/s', ceiling: 1200, ratio: 1 },
  machine,
  figures: {
    headline: 'create',
    throughput: [
      { operation: 'create', ...row },
      { operation: 'get', ...row, perSecond: 9 },
    ],
    fanOut: [],
  },
};

const page = 'before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n';

describe('the benchmark section of the README', () => {
  it('replaces what is between the markers and nothing else', () => {
    const text = withSection(page, { b0, b1 });
    expect(text).toMatch(/^before\n<!-- bench:start -->\n\|/);
    expect(text.endsWith('<!-- bench:end -->\nafter\n')).toBe(true);
    expect(text).not.toContain('old');
    expect(withSection(text, { b0, b1 })).toBe(text);
  });

  it('quotes measured value, floor, ratio, target and incumbent', () => {
    const lines = withSection(page, { b1 }).split('\n');
    const rowOf = (what: string): string | undefined => lines.find((line) => line.includes(what));
    expect(rowOf('apply → first child')).toMatch(/\| 12 \/ 30 ms \| 8 \/ 20 ms \| 1\.6 \/ 1\.5 \| – \| – \|$/);
    expect(rowOf('counted from the answer')).toMatch(
      /\| 9 \/ 20 ms \| – \| – \| 15 \/ 50 ms \| 142–186 \/ 243–295 ms \|$/,
    );
    expect(lines.find((line) => line.startsWith('| memory'))).toContain(', 220 running jobs | 70 MiB |');
    const columns = lines.filter((line) => line.startsWith('|')).map((line) => line.split(' | ').length);
    expect(new Set(columns)).toEqual(new Set([6]));
  });

  it('names the ceiling by the headline only', () => {
    const text = withSection(page, { b0 });
    expect(text).toContain('1200 (16).');
    expect(text).not.toContain('9 (16)');
  });

  it('shows a storm by mode, and how quiet the machine was', () => {
    const mode = {
      mode: 'savepoint' as const,
      seconds: 12.34,
      floorSeconds: 4,
      upgradeMs: times(9000, 12000),
      wrong: 0,
      wrongExamples: [],
      freshnessMs: times(120.4, 900),
      writesPerUpgrade: 15,
      operatorCpuMsPerUpgrade: 30.2,
      controlPlaneCpuMsPerUpgrade: 100,
      foreignCores: 0.4,
    };
    const headline = { bench: 'upgrade-storm', value: 12.34, unit: 's', ceiling: 4, ratio: 3.1 };
    const upgradeStorm = {
      headline,
      machine,
      figures: { jobs: 200, modes: [{ ...mode, mode: 'last-state' as const }, mode] },
    };
    const text = withSection(page, { upgradeStorm });
    expect(text).toContain('| 200 running jobs upgraded at once | last-state | savepoint | target |');
    expect(text).toContain('| 12.3 s | 12.3 s | – |');
    expect(text).toContain('| 120 / 900 ms | 120 / 900 ms | p99 1000 ms |');
    expect(text).toContain('0.4 and 0.4 of 2 cores were kept busy by other programs.');
    const busy = { ...mode, foreignCores: 1.7 };
    const starved = withSection(page, { upgradeStorm: { headline, machine, figures: { jobs: 200, modes: [busy] } } });
    expect(starved).toContain('1.7 of 2 cores were kept busy by other programs: the times say more about those');
  });

  it('shows what admission costs', () => {
    const admission = {
      headline: { bench: 'admission', value: 12, unit: 'ms', ceiling: 8, ratio: 1.5 },
      machine,
      figures: {
        perSecond: 50,
        createMs: times(4, 12),
        floorMs: times(2, 8),
        operatorCpuMsPerReview: 0.9,
        foreignCores: 0.1,
      },
    };
    const text = withSection(page, { admission });
    expect(text).toContain('| 50 creations a second | with the admission webhook | without, the floor | target |');
    expect(text).toContain('| create request answered, p50 / p99 | 4 / 12 ms | 2 / 8 ms | p99 50 ms |');
    expect(text).toContain('Measured 2026-01-02; 0.1 of 2 cores were kept busy by other programs.');
  });

  it('shows what the image is', () => {
    const image = {
      headline: { bench: 'image', value: 600, unit: 'ms', ceiling: 40, ratio: 15 },
      machine,
      figures: {
        imageMiB: 150.2,
        nodeMiB: 118.5,
        weirMiB: 6.1,
        nodeMs: times(40, 50),
        versionMs: times(220, 300),
        readyMs: times(600, 700),
        rssMiB: 92,
      },
    };
    const text = withSection(page, { image });
    expect(text).toContain('| size, unpacked | 150.2 MiB, 6.1 MiB of it Weir | 118.5 MiB |');
    expect(text).toContain('| start to ready, nothing to do, p50 / p99 | 600 / 700 ms | – |');
    expect(text).toContain('| memory when ready | 92 MiB | – |');
    expect(text).not.toContain('the times say more about');
    const busy = withSection(page, { image: { ...image, machine: { ...machine, load: 9 } } });
    expect(busy).toContain('load 9 on 2 cores: the times say more about other programs than about Weir.');
  });

  it('shows how fast SparkApplications are submitted', () => {
    const rate = {
      applications: 3000,
      perSecond: 25.04,
      driverMs: times(20, 90),
      statusLagMs: times(5, 30),
      writesPerApplication: 11,
      operatorCpuMsPerApplication: 9.6,
      controlPlaneCpuMsPerApplication: 40,
      foreignCores: 0.1,
    };
    const figures = {
      floorPerSecond: 40,
      fastest: { ...rate, perSecond: 30 },
      writesFloorPerSecond: 32,
      steady: [
        { asked: 10, ...rate, perSecond: 10 },
        { asked: 25, ...rate, floorDriverMs: times(12, 70) },
      ],
      requestsToRunning: { GET: 0, PATCH: 5, POST: 3 },
      restart: { settled: 200, readyMs: 550, writes: 0 },
      memory: { finished: 6000, rssMiB: 180.2, peakMiB: 190 },
    };
    const headline = { bench: 'b3', value: 30, unit: 'applications/s', ceiling: 40, ratio: 0.75 };
    const text = withSection(page, { b3: { headline, machine, figures } });
    expect(text).toContain(
      '| applications a second whose status says RUNNING | 30 | 10 | 25 | 25, 70 % of the floor |',
    );
    expect(text).toContain('| SparkApplications | as fast as they go | 10 a second | 25 a second | target |');
    expect(text).toContain('no status and no Event | 40, ratio 0.75 | – | – |');
    expect(text).toContain('statuses and Events too | 32, ratio 0.94 | – | – |');
    expect(text).toContain('| 20 / 90 ms | 20 / 90 ms | 20 / 90 ms | p99 250 ms |');
    expect(text).toContain('made without it, at the same rate | – | – | 12 / 70 ms | – |');
    expect(text).toContain('up to RUNNING: 8 (5 PATCH, 3 POST; target 8');
    expect(text).toContain(
      'ready after 550 ms (target 600), 0 writes. Memory with 6000 that ended, half a minute later: 180 MiB, at most 190 before',
    );
    expect(text).toContain('at most 0.1 of 2 cores were kept busy');
  });

  it('shows fleets by size', () => {
    const fleet = {
      jobs: 200,
      burst: {
        perSecond: 15,
        floorPerSecond: 20,
        boundMs: times(400, 900),
        stableSeconds: 14.2,
        writesEach: 10,
        operatorCpuMsEach: 20.4,
        controlPlaneCpuMsEach: 90,
        foreignCores: 0.1,
      },
      rest: {
        seconds: 60,
        cpuPercent: 1.2,
        writesPerSecond: 0,
        jobManagerCallsPerSecond: 20,
        rssMiB: 120,
        peakMiB: 130,
        foreignCores: 0,
      },
      restart: { readyMs: 500, lookedAtMs: 580, writes: 0, rssMiB: 110 },
      deleteSeconds: { resources: 5, pods: 5.5, floor: 4 },
    };
    const deletedSafely = { ...fleet.deleteSeconds, foregroundFloor: 4.8 };
    const headline = { bench: 'fleet', value: 15, unit: 'clusters/s', ceiling: 20, ratio: 0.75 };
    const text = withSection(page, {
      fleet: {
        headline,
        machine,
        figures: { fleets: [fleet, { ...fleet, jobs: 1000, deleteSeconds: deletedSafely }] },
      },
    });
    expect(text).toContain('| FlinkDeployments | 200 | 1000 | target |');
    expect(text).toContain('| 15; 20; 0.75 | 15; 20; 0.75 | ratio 0.75 |');
    expect(text).toContain('| 580 ms; 0 | 580 ms; 0 |');
    expect(text).toContain('| 5.5 s; 4 s; – | 5.5 s; 4 s; 4.8 s | 200: 6 s |');
  });

  it('tells of a start beside settled resources', () => {
    const figures = {
      resources: 10_000,
      listMs: 900,
      readyMs: 4000,
      lookedAtMs: 5000,
      writes: 0,
      rssMiB: 300,
      peakMiB: 310.4,
      foreignCores: 0.1,
    };
    const headline = { bench: 'settled', value: 5000, unit: 'ms', ceiling: 900, ratio: 5.56 };
    const text = withSection(page, { settled: { headline, machine, figures } });
    expect(text).toContain('beside 10,000 settled (suspended) FlinkDeployments: ready after 4000 ms');
    expect(text).toContain('each looked at after 5000 ms, 0 writes, at most 310 MiB; one list of them takes 900 ms');
  });

  it('says where nothing was measured', () => {
    expect(withSection(page, {})).toContain('npm run bench -- all');
  });

  it.each(['no markers', '<!-- bench:end --> before <!-- bench:start -->', ''])('leaves a text alone: %j', (text) => {
    expect(withSection(text, { b0, b1 })).toBe(text);
  });
});
