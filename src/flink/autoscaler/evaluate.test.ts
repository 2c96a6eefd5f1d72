import { describe, expect, it } from 'vitest';
import { evaluated } from './evaluate.ts';
import type { EvaluatedVertex, JobVertex, Sample, SourceReading } from './model.ts';
import { jobOf, samplesAt, vertexOf } from './testing/numbers.ts';
import { settingsOf } from './testing/settings.ts';

interface Given {
  readonly vertices: readonly JobVertex[];
  readonly samples: readonly Sample[];
  readonly options?: Readonly<Record<string, string>>;
  readonly source?: SourceReading;
}

function evaluate({ vertices, samples, options = {}, source }: Given): Record<string, EvaluatedVertex> {
  const reading = { at: 600_000, vertices: new Map([['source', { recordsIn: 0, recordsOut: 0, source }]]) };
  const found = evaluated({ job: jobOf(...vertices), reading, samples, settings: settingsOf(options), restart: 300 });
  return Object.fromEntries(found);
}

const CHAIN = [vertexOf('source', [], { parallelism: 2 }), vertexOf('map', ['source'], { parallelism: 4 })];

/** Over ten minutes the source reads 1000 a second while its backlog grows by 100, and map takes two for each. */
const LOADED = samplesAt(
  [
    0,
    {
      source: { load: 0.4, recordsIn: 0, recordsOut: 0, lag: 0, accumulatedBusyMs: 0 },
      map: { load: 0.9, recordsIn: 0, recordsOut: 0, recordsInPerSecond: 1900, accumulatedBusyMs: 0 },
    },
  ],
  [
    600,
    {
      source: { load: 0.6, recordsIn: 600_000, recordsOut: 600_000, lag: 60_000, accumulatedBusyMs: 240_000 },
      map: {
        load: 0.7,
        recordsIn: 1_200_000,
        recordsOut: 0,
        recordsInPerSecond: 2300,
        accumulatedBusyMs: 1_920_000,
      },
    },
  ],
);

describe('evaluated', () => {
  it('has a source do what comes in, and be rid of its backlog in half an hour', () => {
    const { source } = evaluate({ vertices: CHAIN, samples: LOADED, source: { partitions: 12 } });
    expect(source).toMatchObject({ parallelism: 2, maxParallelism: 128, sourcePartitions: 12, lag: 60_000 });
    expect(source?.load).toBe(0.5);
    expect(source?.trueRate).toBe(2000); // 1000 a second in half of the time
    expect(source?.targetRate).toBe(1100); // read, and added to the backlog
    expect(source?.catchUpRate).toBeCloseTo(33.333, 3); // 60000 in 1800 s
    expect(source?.scaleUpBelow).toBeCloseTo(1133.333, 3); // 33.333 + 1100 at 100 %
    expect(source?.scaleDownAbove).toBeCloseTo(2966.667, 3); // 33.333 + 1100 × 300 / 1800 + 1100 at 40 %
  });

  it('has the others do what their inputs give out for it', () => {
    const { map } = evaluate({ vertices: CHAIN, samples: LOADED });
    expect(map?.trueRate).toBe(2625); // 2100 a second on average in 80 % of the time
    expect(map?.targetRate).toBe(2200); // two for each of 1100
    expect(map?.catchUpRate).toBeCloseTo(66.667, 3);
    expect(map).toMatchObject({ sourcePartitions: 0, lag: undefined });
  });

  it('has counters of busy time where the average of the subtasks is asked for', () => {
    const { source, map } = evaluate({
      vertices: CHAIN,
      samples: LOADED,
      options: { 'metrics.busy-time.aggregator': 'AVG' },
    });
    expect(source?.load).toBeCloseTo(0.2); // 240 s of 600 s by two subtasks
    expect(source?.trueRate).toBeCloseTo(5000);
    expect(map?.load).toBeCloseTo(0.8);
  });

  it('has no band while there is a backlog of minutes', () => {
    const options = { 'backlog-processing.lag-threshold': '59 s' };
    const { source, map } = evaluate({ vertices: CHAIN, samples: LOADED, options });
    expect(source?.scaleDownAbove).toBe(Number.POSITIVE_INFINITY);
    expect(map?.scaleDownAbove).toBe(Number.POSITIVE_INFINITY);
    const below = evaluate({ vertices: CHAIN, samples: LOADED, options: { ...options, 'utilization.max': '0.8' } });
    expect(below.source?.scaleUpBelow).toBeCloseTo(1133.333, 3);
    const later = evaluate({
      vertices: CHAIN,
      samples: LOADED,
      options: { 'backlog-processing.lag-threshold': '60 s' },
    });
    expect(later.map?.scaleDownAbove).toBeLessThan(10_000);
  });

  it('takes nothing for a backlog where there is no time to catch up', () => {
    const { source } = evaluate({ vertices: CHAIN, samples: LOADED, options: { 'catch-up.duration': '0' } });
    expect(source).toMatchObject({ catchUpRate: 0, scaleUpBelow: 1100, scaleDownAbove: 2750 });
  });

  it('takes a vertex that gets nothing to be able to do anything', () => {
    const samples = samplesAt([0, { source: { load: 1, recordsIn: 5 } }], [60, { source: { load: 1, recordsIn: 5 } }]);
    const { source } = evaluate({ vertices: [vertexOf('source')], samples });
    expect(source).toMatchObject({
      trueRate: Number.POSITIVE_INFINITY,
      targetRate: 0,
      scaleUpBelow: 0,
      scaleDownAbove: 0,
    });
  });

  it('does not know what a vertex can do whose busy time is not told', () => {
    const samples = samplesAt([0, { source: { recordsIn: 0 } }], [60, { source: { recordsIn: 600 } }]);
    expect(evaluate({ vertices: [vertexOf('source')], samples }).source).toMatchObject({
      trueRate: undefined,
      targetRate: 10,
    });
  });

  it.each([
    { observed: [1500, 1500], trueRate: 1500, why: '2000 is more than 15 % above what was seen' },
    { observed: [1750, 1750], trueRate: 2000, why: 'it is not' },
    { observed: [1500, undefined], trueRate: 2000, why: 'it was seen only once' },
    { observed: [Number.POSITIVE_INFINITY, 1500], trueRate: 2000, why: 'likewise' },
  ])('takes $trueRate for what a source can do where $observed was seen: $why', ({ observed, trueRate }) => {
    const samples = LOADED.map((sample, index) => ({
      ...sample,
      vertices: new Map(
        [...sample.vertices].map(([id, vertex]) => [
          id,
          id === 'source' ? { ...vertex, observedRate: observed[index] } : vertex,
        ]),
      ),
    }));
    expect(evaluate({ vertices: CHAIN, samples }).source?.trueRate).toBe(trueRate);
  });

  it('shares out what a vertex of two inputs takes in', () => {
    const vertices = [
      vertexOf('source'),
      vertexOf('other'),
      vertexOf('join', ['source', 'other']),
      vertexOf('side', ['other']),
    ];
    const second = (recordsIn: number, recordsOut: number) => ({ load: 0.5, recordsIn, recordsOut });
    const zero = second(0, 0);
    const samples = samplesAt(
      [0, { source: zero, other: zero, join: zero, side: zero }],
      [1, { source: second(150, 300), other: second(100, 250), join: second(500, 0), side: second(50, 0) }],
    );
    const { join, side } = evaluate({ vertices, samples });
    // From source all it gives out, 300, since other gives to two; from other what is left of 500.
    expect(join?.targetRate).toBeCloseTo(300 + 200);
    expect(side?.targetRate).toBeCloseTo(50);
  });

  it('does not count twice what inputs give to several vertices', () => {
    // Rungs of a ladder: each vertex takes in what the two before it give out, and passes half of it on to each of two.
    const ids = ['source', 'b', 'c', 'd', 'e', 'f'];
    const vertices = ids.map((id, index) => vertexOf(id, ids.slice(Math.max(0, index - 2), index)));
    const given = (rate: number) => ({ load: 0.5, recordsIn: rate, recordsOut: rate });
    const zero = Object.fromEntries(ids.map((id) => [id, given(0)]));
    const rates = [100, 50, 75, 62.5, 68.75, 100];
    const samples = samplesAt(
      [0, zero],
      [1, Object.fromEntries(ids.map((id, index) => [id, given(rates[index] ?? 0)]))],
    );
    const found = evaluate({ vertices, samples });
    for (const [index, id] of ids.entries()) expect(found[id]?.targetRate).toBeCloseTo(rates[index] ?? 0);
  });

  it('counts an input once that gives in two ways', () => {
    const vertices = [CHAIN[0] as JobVertex, vertexOf('map', ['source', 'source'])];
    expect(evaluate({ vertices, samples: LOADED }).map?.targetRate).toBe(2200);
  });

  it('passes nothing on from a source that has ended, and never less than nothing', () => {
    const vertices = [vertexOf('source', [], { finished: true }), vertexOf('map', ['source'])];
    const ended = evaluate({ vertices, samples: LOADED });
    expect(ended.source).toMatchObject({ targetRate: 0, catchUpRate: 0 });
    expect(ended.map).toMatchObject({ targetRate: 0, catchUpRate: 0 });
    const shrinking = samplesAt(
      [0, { source: { load: 0.5, recordsIn: 0, lag: 60_000 } }],
      [60, { source: { load: 0.5, recordsIn: 600, lag: 0 } }],
    );
    expect(evaluate({ vertices: [vertexOf('source')], samples: shrinking }).source?.targetRate).toBe(0);
  });
});
