import { describe, expect, it } from 'vitest';
import type { JobVertex, VertexReading, VertexSample } from './model.ts';
import { sampleOf } from './sample.ts';
import { jobOf, samplesAt, vertexOf } from './testing/numbers.ts';
import { settingsOf } from './testing/settings.ts';

const READ: VertexReading = {
  busyMsPerSecond: { min: 100, max: 900, avg: 400 },
  backPressuredMsPerSecond: 0,
  recordsIn: 0,
  recordsOut: 70,
  accumulatedBusyMs: 5000,
  recordsInPerSecond: 3,
  source: { recordsIn: 60, recordsInPerSecond: 10, recordsOut: 50, pendingRecords: 20 },
};

interface Given {
  readonly vertex?: Partial<JobVertex>;
  readonly read?: Partial<VertexReading>;
  readonly source?: VertexReading['source'];
  readonly observed?: readonly number[];
  readonly options?: Readonly<Record<string, string>>;
}

function sampled({ vertex, read, source, observed = [], options }: Given): VertexSample | undefined {
  const job = jobOf(vertexOf('v', [], vertex));
  const reading = { at: 0, vertices: new Map([['v', { ...READ, source: { ...READ.source, ...source }, ...read }]]) };
  const before = samplesAt(...observed.map((observedRate, index) => [index, { v: { observedRate } }] as const));
  const found = sampleOf(reading, job, before, settingsOf(options));
  return 'sample' in found ? found.sample.vertices.get('v') : undefined;
}

const behind = { pendingRecords: 300 };

describe('sampleOf', () => {
  it('remembers of a source what it took in and its backlog', () => {
    expect(sampled({})).toEqual({
      load: 0.9,
      accumulatedBusyMs: 5000,
      recordsIn: 60,
      recordsOut: 70,
      observedRate: undefined,
      lag: 20,
    });
  });

  it('remembers of the others what their tasks took in', () => {
    const map = { inputs: [{ id: 'source', shipStrategy: 'HASH' }] };
    expect(sampled({ vertex: map, read: { recordsIn: 80, source: undefined } })).toEqual({
      load: 0.9,
      accumulatedBusyMs: 5000,
      recordsIn: 80,
      recordsInPerSecond: 3,
      recordsOut: 70,
    });
  });

  it.each<[what: string, given: Given, recordsIn: number]>([
    ['of its task, where Flink counts that', { read: { recordsIn: 90 } }, 90],
    ['of its operator', {}, 60],
    ['that it gave out, where it counts none in', { source: { recordsIn: 0 } }, 50],
    ['nothing yet', { source: { recordsIn: 0, recordsOut: 0 } }, 0],
  ])('counts the records of a source: %s', (_what, given, recordsIn) => {
    expect(sampled(given)?.recordsIn).toBe(recordsIn);
  });

  it('tells nothing of a source that counts nothing', () => {
    expect(sampled({ source: { recordsIn: undefined, recordsOut: undefined } })).toBeUndefined();
  });

  it.each([
    ['MAX', 0.9],
    ['MIN', 0.1],
    ['AVG', 0.4],
  ])('takes the %s of the subtasks for its load', (aggregator, load) => {
    expect(sampled({ options: { 'metrics.busy-time.aggregator': aggregator } })?.load).toBe(load);
  });

  it('has no load of a legacy source', () => {
    expect(sampled({ read: { busyMsPerSecond: undefined } })?.load).toBeUndefined();
  });

  it.each<[what: string, given: Given, rate: number | undefined]>([
    ['its rate, 30 s behind', { source: behind }, 10],
    ['as if nothing held it back', { source: behind, read: { backPressuredMsPerSecond: 600 } }, 25],
    ['nothing new less than that behind', { source: { pendingRecords: 299 } }, undefined],
    [
      'nothing new where it is held back all the time',
      { source: behind, read: { backPressuredMsPerSecond: 1000 } },
      undefined,
    ],
    ['nothing new where nobody says so', { source: behind, read: { backPressuredMsPerSecond: undefined } }, undefined],
    ['what was seen before, twice at least', { observed: [20, 40] }, 30],
    ['nothing of what was seen once', { observed: [20] }, undefined],
    ['any rate where nothing comes in', { source: { recordsInPerSecond: 0 } }, Number.POSITIVE_INFINITY],
    [
      'nothing where its rate is not told',
      { source: { ...behind, recordsInPerSecond: undefined }, observed: [20, 40] },
      undefined,
    ],
  ])('has seen of a source: %s', (_what, given, rate) => {
    const found = sampled(given)?.observedRate;
    if (rate === undefined || !Number.isFinite(rate)) expect(found).toBe(rate);
    else expect(found).toBeCloseTo(rate);
  });

  it('has a vertex that has ended idle', () => {
    expect(sampled({ vertex: { finished: true }, read: { recordsIn: 80 } })).toMatchObject({
      load: 0,
      recordsIn: 80,
      lag: 0,
    });
  });
});
