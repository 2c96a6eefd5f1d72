import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { AutoscalerState } from './model.ts';
import { overridesText } from './overrides.ts';
import { readStoredState, storedData } from './stored-state.ts';

const [SOURCE, SINK] = ['bc764cd8ddf7a0cff126f51c16239658', '12345678901234567890123456789012'] as const;
const [FIRST, SECOND] = [Date.parse('2026-02-03T04:05:06.789Z'), Date.parse('2026-02-03T04:06:07Z')] as const;

const STATE: AutoscalerState = {
  samples: [
    {
      at: FIRST,
      vertices: new Map([
        [SOURCE, { load: 0.25, recordsIn: 100, recordsOut: 99, lag: 7, observedRate: Number.POSITIVE_INFINITY }],
        [SINK, { accumulatedBusyMs: 1234.5, recordsIn: 99, recordsInPerSecond: 1.5, recordsOut: 0 }],
      ]),
      heapUsage: 0.5,
      gcPressure: 0.01,
    },
    { at: SECOND, vertices: new Map([[SOURCE, { recordsIn: 200, recordsOut: 199 }]]) },
  ],
  history: new Map([[SINK, [{ at: SECOND, from: 1, to: 3, trueRate: 10.5, expectedRate: 31.5 }]]]),
  restarts: [{ at: FIRST, tookMs: 12_345 }, { at: SECOND }],
  overrides: new Map([
    [SOURCE, 1],
    [SINK, 3],
  ]),
  delayed: new Map([
    [
      SOURCE,
      {
        since: FIRST,
        recommendations: [
          { at: FIRST, parallelism: 3, outside: true },
          { at: SECOND, parallelism: 2, outside: false },
        ],
      },
    ],
  ]),
};

const zipped = (text: string): string => gzipSync(text).toString('base64');
const unzipped = (text: string | undefined): string => gunzipSync(Buffer.from(text ?? '', 'base64')).toString();

describe('what an autoscaler remembers', () => {
  it('is read as it was stored', () => {
    expect(readStoredState(storedData(STATE))).toEqual({ state: STATE, scaledAt: SECOND, unreadable: [] });
  });

  it('is nothing where nothing was stored', () => {
    const nothing = { samples: [], history: new Map(), restarts: [], overrides: new Map(), delayed: new Map() };
    expect(readStoredState({})).toEqual({ state: nothing, scaledAt: undefined, unreadable: [] });
    expect(readStoredState(storedData(nothing))).toEqual({ state: nothing, scaledAt: undefined, unreadable: [] });
  });

  it('is stored in the words of the incumbent', () => {
    const data = storedData(STATE);
    expect(data.parallelismOverrides).toBe(`${SINK}:3,${SOURCE}:1`);
    expect(unzipped(data.scalingTracking)).toBe(
      "scalingRecords:\n  '2026-02-03T04:05:06.789Z':\n    restartDuration: 12.345\n  '2026-02-03T04:06:07.000Z': {}\n",
    );
    expect(unzipped(data.collectedMetrics)).toContain('"OBSERVED_TPR":"Infinity"');
    expect(unzipped(data.scalingHistory)).toContain(
      'TRUE_PROCESSING_RATE:\n        current: NaN\n        average: 10.5\n',
    );
    expect(data.delayedScaleDown).toContain(`firstTriggerTime: ${FIRST / 1000}\n`);
  });

  it('is read as the incumbent writes it: its times, its numbers, and metrics we have no use for', () => {
    const collected = `---
"2026-02-03T04:05:06.789123456Z":
  vertexMetrics:
    ${SOURCE}:
      LOAD: 0.25
      ACCUMULATED_BUSY_TIME: "NaN"
      OBSERVED_TPR: .inf
      NUM_RECORDS_IN: 100.0
  globalMetrics:
    HEAP_MEMORY_USED: 1.234E8
    HEAP_MAX_USAGE_RATIO: 0.5
`;
    const tracking = '---\nscalingRecords:\n  "2026-02-03T04:05:06.789Z":\n    restartDuration: 12.345000000\n';
    const history = `---
${SINK}:
  "2026-02-03T04:06:07Z":
    currentParallelism: 1
    newParallelism: 3
    metrics:
      TRUE_PROCESSING_RATE: {current: NaN, average: 10.5}
      EXPECTED_PROCESSING_RATE: {current: 31.5, average: NaN}
      LAG: {current: 0.0, average: NaN}
`;
    const delayed = `---
delayedVertices:
  ${SOURCE}:
    firstTriggerTime: 1770091506.789000000
    recommendedParallelisms:
    - triggerTime: 1770091506.789000000
      parallelism: 3
      outsideUtilizationBound: true
`;
    const data = {
      collectedMetrics: zipped(collected),
      scalingTracking: zipped(tracking),
      scalingHistory: history,
      delayedScaleDown: delayed,
      parallelismOverrides: `${SOURCE}:1,${SINK}:3`,
      configOverrides: '---\noverrides: {}\n',
    };
    const { state, unreadable } = readStoredState(data);
    expect(unreadable).toEqual([]);
    const vertices = new Map([[SOURCE, { load: 0.25, recordsIn: 100, observedRate: Number.POSITIVE_INFINITY }]]);
    expect(state.samples).toEqual([{ at: FIRST, vertices, heapUsage: 0.5 }]);
    expect(state.restarts).toEqual([{ at: FIRST, tookMs: 12_345 }]);
    expect(state.history).toEqual(STATE.history);
    expect(state.overrides).toEqual(STATE.overrides);
    expect(state.delayed).toEqual(
      new Map([[SOURCE, { since: FIRST, recommendations: [{ at: FIRST, parallelism: 3, outside: true }] }]]),
    );
  });

  it.each<[string, string, string]>([
    ['text that is no YAML', 'collectedMetrics', '{'],
    ['a list', 'scalingHistory', '- a'],
    ['a time that is none', 'scalingTracking', 'scalingRecords: {yesterday: {restartDuration: 1}}'],
    [
      'a parallelism of 0',
      'scalingHistory',
      `${SINK}: {"2026-02-03T04:06:07Z": {currentParallelism: 0, newParallelism: 1}}`,
    ],
    ['what unpacks to more than may be', 'collectedMetrics', zipped('#'.repeat(17 * 1024 * 1024))],
    ['what is cut off', 'collectedMetrics', zipped('a: b\n'.repeat(100)).slice(0, 40)],
  ])('is nothing of %s, which is told', (_name, key, text) => {
    const { state, unreadable } = readStoredState({ ...storedData(STATE), [key]: text });
    expect(unreadable).toEqual([key]);
    expect(state.overrides).toEqual(STATE.overrides);
  });

  it('leaves out overrides that name no vertex or no parallelism', () => {
    const { state } = readStoredState({ parallelismOverrides: `${SOURCE}:2,x:3,${SINK}:0` });
    expect(state.overrides).toEqual(new Map([[SOURCE, 2]]));
  });

  it('leaves out the oldest samples where all are too much for a ConfigMap', () => {
    // Random digits cannot be packed.
    const random = (seed: number): number => Math.abs(Math.sin(seed) * 1e9);
    const samples = Array.from({ length: 1500 }, (_, at) => {
      const vertices = Array.from({ length: 40 }, (_, vertex) => {
        const id = String(vertex).padStart(32, 'a');
        return [id, { load: random(at * 40 + vertex), recordsIn: random(at * 41 + vertex) }] as const;
      });
      return { at: FIRST + at * 60_000, vertices: new Map(vertices) };
    });
    const data = storedData({ ...STATE, samples });
    expect(Object.values(data).join('').length).toBeLessThan(1_000_000);
    const kept = readStoredState(data).state.samples;
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.at(-1)?.at).toBe(samples.at(-1)?.at);
  });

  it('spells overrides in the order of the vertices', () => {
    expect(
      overridesText(
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ),
    ).toBe('a:2,b:1');
  });
});
