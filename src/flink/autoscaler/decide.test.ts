import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideScaling } from './decide.ts';
import {
  type AutoscalerState,
  type JobVertex,
  NO_STATE,
  type Reading,
  type RunningJob,
  type ScalingDecision,
  type VertexReading,
} from './model.ts';
import { vertexOf } from './testing/numbers.ts';
import { settingsOf } from './testing/settings.ts';

const MINUTE = 60_000;
/** Judged from minute 1 on, by what two minutes measured; scaled down at once. */
const QUICK = {
  'metrics.window': '2 min',
  'stabilization.interval': '1 min',
  'scale-down.interval': '0',
  'restart.time': '0',
  'utilization.max': '0.8',
};

interface Given {
  readonly options?: Readonly<Record<string, string>>;
  readonly state?: AutoscalerState;
  /** Minutes, half a minute apart; the first reading is at `from`. */
  readonly from?: number;
  readonly until?: number;
  /** Records a second, and the share of its time that map needs for them with two subtasks. */
  readonly rate?: number;
  readonly busy?: number;
  readonly job?: Partial<RunningJob>;
  readonly map?: Partial<JobVertex>;
  readonly reading?: Partial<Reading>;
  readonly source?: VertexReading['source'];
}

function jobOf({ map, job }: Given): RunningJob {
  const vertices = [vertexOf('source'), vertexOf('map', ['source'], { parallelism: 2, ...map })];
  return { runningSince: 0, vertices, taskManager: { slots: 2, cpu: 1.5, memoryBytes: 2 ** 30 }, ...job };
}

function readingAt(at: number, { rate = 900, busy = 0.9, job, reading, source }: Given): Reading {
  const seconds = (at - (job?.runningSince ?? 0)) / 1000;
  const records = Math.max(0, rate * seconds);
  const reads = { recordsIn: records, recordsInPerSecond: rate, recordsOut: records, pendingRecords: 0, ...source };
  const task = (share: number) => ({ busyMsPerSecond: { min: share * 500, max: share * 1000, avg: share * 750 } });
  const vertices = new Map([
    ['source', { ...task(0.6), backPressuredMsPerSecond: 0, recordsIn: 0, recordsOut: records, source: reads }],
    ['map', { ...task(busy), recordsIn: records, recordsOut: 0, recordsInPerSecond: rate }],
  ]);
  return { at, vertices, ...reading };
}

/** The answers to readings every half minute. */
function looks(given: Given): readonly ScalingDecision[] {
  const { options, from = 0.5, until = 3.5 } = given;
  let { state = NO_STATE } = given;
  const answers: ScalingDecision[] = [];
  for (let minute = from; minute <= until; minute += 0.5) {
    const settings = settingsOf({ ...QUICK, ...options });
    const answer = decideScaling({ settings, job: jobOf(given), reading: readingAt(minute * MINUTE, given), state });
    answers.push(answer);
    if (answer.wanted !== undefined) break;
    state = answer.state;
  }
  return answers;
}

const last = (given: Given): ScalingDecision => looks(given).at(-1) as ScalingDecision;
const reasons = (given: Given): readonly string[] => looks(given).map(({ why }) => why.reason);

describe('decideScaling', () => {
  it('decides once the job is stable and a whole window is measured', () => {
    expect(reasons({})).toEqual([
      'TooFewSamples',
      'WindowNotFull',
      'WindowNotFull',
      'WindowNotFull',
      'WindowNotFull',
      'Scaling',
    ]);
    expect(reasons({ options: { 'stabilization.interval': '2 min' } })).toEqual([
      'TooFewSamples',
      'Stabilizing',
      'Stabilizing',
      ...Array(4).fill('WindowNotFull'),
    ]);
  });

  it('gives every vertex of the job a parallelism, and remembers what it did', () => {
    const { wanted, state, changes, evaluated, why } = last({});
    // 900 a second take 90 % of two subtasks, so that they can do 1000; at 70 % it takes 1286.
    expect(wanted).toEqual(
      new Map([
        ['source', 1],
        ['map', 3],
      ]),
    );
    expect(changes).toEqual([
      { id: 'map', name: 'map', from: 2, to: 3, trueRate: 1000, expectedRate: 1500, targetRate: 900 },
    ]);
    expect(why.message).toBe('scaling map from 2 to 3 (900 records/s come in, it can do 1000)');
    expect(state.overrides).toEqual(wanted);
    expect(state.restarts).toEqual([{ at: 3 * MINUTE }]);
    expect(state.history).toEqual(
      new Map([['map', [{ at: 3 * MINUTE, from: 2, to: 3, trueRate: 1000, expectedRate: 1500 }]]]),
    );
    expect(evaluated.get('map')).toMatchObject({ recommended: 3, expectedRate: 1500 });
    expect(evaluated.get('source')).toMatchObject({ recommended: 1 });
  });

  it('names no more vertices than fit in a sentence', () => {
    const maps = Array.from({ length: 8 }, (_, index) => vertexOf(`map-${index}`, ['source']));
    const vertices = [vertexOf('source'), ...maps];
    const missing = last({ job: { vertices } });
    expect(missing.why.message).toBe(
      'Flink has not told yet what it reads of map-0, map-1, map-2, map-3, map-4, and 3 more: nothing is worked out',
    );
  });

  it('measures a whole window anew after a scaling, and how long that took', () => {
    const { state } = last({});
    const waiting = last({ state, from: 3.5, until: 5.5 });
    expect(waiting.why.reason).toBe('WindowNotFull');
    const done = last({
      state,
      from: 5,
      until: 8,
      job: { runningSince: 4 * MINUTE },
      map: { parallelism: 3 },
      busy: 0.6,
    });
    expect(done.why.reason).toBe('Balanced');
    expect(done.state.restarts).toEqual([{ at: 3 * MINUTE, tookMs: MINUTE }]);
    const other = last({ state, from: 5, until: 5, job: { runningSince: 4 * MINUTE } });
    expect(other.state.restarts).toEqual([{ at: 3 * MINUTE }]);
  });

  it('says nothing of readings from before the last scaling', () => {
    const { state } = last({});
    const again = last({ state, from: 2, until: 3 });
    expect(again.wanted).toBeUndefined();
    expect(again.state.samples).toEqual([]);
    expect(last({ state, from: 3.5, until: 3.5 }).why.reason).toBe('TooFewSamples');
  });

  it('does not ask again for what it asked for', () => {
    const { state } = last({});
    const answer = last({ state, from: 3.5, until: 7 });
    expect(answer).toMatchObject({ why: { reason: 'AskedAlready' } });
    expect(answer.wanted).toBeUndefined();
    expect(answer.state.history.get('map')).toHaveLength(1);
    const others = { ...state, overrides: new Map([...state.overrides, ['gone', 1]]) };
    expect(last({ state: others, from: 3.5, until: 7 }).wanted).toEqual(state.overrides);
    expect(
      last({ state, from: 3.5, until: 7, rate: 1200, busy: 1, source: { pendingRecords: 1_000_000 } }).wanted?.get(
        'map',
      ),
    ).toBe(4);
  });

  it('does nothing while all are within the band, whatever would suit them best', () => {
    const answer = last({ rate: 850, busy: 0.85, options: { 'utilization.max': '0.9' } });
    expect(answer).toMatchObject({ changes: [], why: { reason: 'Balanced' } });
    expect(answer.why.message).toBe(
      'no vertex is to be scaled: map (2) 85 %, source (1) 60 % of what it can do, the band is 40 % to 90 %',
    );
    expect(answer.evaluated.get('map')?.recommended).toBe(2);
  });

  it('does nothing whatever the load within the band', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 41, max: 79 }),
        fc.integer({ min: 1, max: 100 }),
        (rate, busy, parallelism) => {
          const answer = last({ rate, busy: busy / 100, map: { parallelism } });
          expect([answer.why.reason, answer.changes]).toEqual(['Balanced', []]);
        },
      ),
    );
  });

  it('scales those within the band along with one that is outside', () => {
    // The source can do 1500, and is to have 1286: 9 of 10.
    const vertices = [vertexOf('source', [], { parallelism: 10 }), vertexOf('map', ['source'], { parallelism: 4 })];
    expect(last({ job: { vertices } }).wanted).toEqual(
      new Map([
        ['source', 9],
        ['map', 6],
      ]),
    );
  });

  it('says what keeps a vertex from getting more', () => {
    const short = { rate: 1000, busy: 1 };
    const limited = last({ ...short, options: { 'vertex.max-parallelism': '2' } });
    expect(limited).toMatchObject({ changes: [], why: { reason: 'AtLimit' } });
    expect(limited.why.message).toBe(
      'map stays at 2, although 1000 records/s come in and it can do 1000: job.autoscaler.vertex.max-parallelism is 2',
    );
    expect(last({ ...short, map: { maxParallelism: 2 } }).why.message).toContain('its maximum parallelism is 2');
    const fixed = last({ ...short, options: { 'scale-up.max-factor': '0' } });
    expect(fixed.why.message).toContain(': job.autoscaler.scale-up.max-factor is 0');
    const tight = { 'utilization.max': '0.55', 'utilization.target': '0.5' };
    const partitioned = last({ busy: 0.5, source: { partitions: 1 }, options: tight });
    expect(partitioned.why.message).toBe(
      'source stays at 1, although 900 records/s come in and it can do 1500: the number of its partitions is 1',
    );
    expect(last({ busy: 0.5, options: tight }).why.reason).toBe('Scaling');
  });

  it('leaves vertices that are excluded or have ended', () => {
    expect(last({ options: { 'vertex.exclude.ids': 'other;MAP' } }).why.reason).toBe('Balanced');
    expect(last({ map: { finished: true } }).why.reason).toBe('Balanced');
  });

  it('forgets vertices that are gone, and keeps what waits of those it does not look at', () => {
    const waiting = { since: 0, recommendations: [{ at: 0, parallelism: 1, outside: true }] };
    const state = {
      ...NO_STATE,
      delayed: new Map([
        ['gone', waiting],
        ['map', waiting],
      ]),
    };
    const answer = last({ state, options: { 'vertex.exclude.ids': 'map' } });
    expect(answer.state.delayed).toEqual(new Map([['map', waiting]]));
    expect(last({ state, options: { 'scaling.enabled': 'false' } }).state.delayed).toEqual(new Map());
  });

  it('says that it does not scale a vertex without a busy time', () => {
    expect(last({ busy: Number.NaN }).why.message).toContain('what map can do is not known, so that it is not scaled');
  });

  it('waits for the metrics of a source', () => {
    const source = { recordsIn: undefined, recordsOut: undefined };
    const answer = last({ source });
    expect(answer.why).toEqual({
      reason: 'MetricsMissing',
      message: 'Flink has not told yet what it reads of source: nothing is worked out',
    });
    expect(answer.state.samples).toEqual([]);
    expect(last({ source: { recordsIn: undefined } }).wanted?.get('map')).toBe(3);
    expect(last({ reading: { vertices: new Map() } }).why.reason).toBe('MetricsMissing');
  });

  it('starts measuring anew after a hole in time and where counters fell', () => {
    const { state } = last({ until: 2.5 });
    expect(last({ state, from: 3, until: 3 }).why.reason).toBe('Scaling');
    expect(last({ state, from: 4.5, until: 4.5 }).why.reason).toBe('Scaling');
    expect(last({ state, from: 5, until: 5 }).why.reason).toBe('TooFewSamples');
    expect(last({ state, from: 3, until: 3, rate: 100 }).why.reason).toBe('TooFewSamples');
    expect(last({ state, from: 3, until: 3, job: { runningSince: 2.7 * MINUTE } }).why.reason).toBe('TooFewSamples');
  });

  it('keeps no more samples than span the window', () => {
    const answer = last({ rate: 600, busy: 0.6, until: 60 });
    expect(answer.why.reason).toBe('Balanced');
    expect(answer.state.samples.map(({ at }) => at / MINUTE)).toEqual([58, 58.5, 59, 59.5, 60]);
  });
});

describe('what was worked out is held back', () => {
  it('where scaling is switched off', () => {
    const answer = last({ options: { 'scaling.enabled': 'false' } });
    expect(answer.wanted).toBeUndefined();
    expect(answer.changes).toHaveLength(1);
    expect(answer.evaluated.get('map')?.recommended).toBe(3);
    expect(answer.why).toEqual({
      reason: 'ScalingDisabled',
      message:
        'would scale map from 2 to 3 (900 records/s come in, it can do 1000); job.autoscaler.scaling.enabled is false',
    });
    expect(answer.state.overrides).toEqual(new Map());
  });

  it('in an excluded period, by the time zone of the options', () => {
    const options = { 'excluded.periods': '1:02-1:04' };
    expect(last({ options }).why.reason).toBe('Scaling');
    const there = { ...options, 'kubernetes.operator.periodic.time-zone': 'Europe/Berlin' };
    expect(last({ options: there }).why).toMatchObject({ reason: 'ExcludedPeriod' });
    expect(reasons({ options: there, until: 4.5 }).slice(-2)).toEqual(['ExcludedPeriod', 'Scaling']);
  });

  it('where it would take more than the quota', () => {
    // Three subtasks of a group need two TaskManagers of two slots.
    const answer = last({ options: { 'quota.cpu': '2.9' } });
    expect(answer.why).toMatchObject({ reason: 'QuotaReached' });
    expect(answer.why.message).toContain(
      '2 TaskManagers instead of 1 have 3 cores, and job.autoscaler.quota.cpu is 2.9',
    );
    expect(last({ options: { 'quota.cpu': '3' } }).why.reason).toBe('Scaling');
    expect(last({ options: { 'quota.memory': '2047 mb' } }).why.message).toContain('2 GiB of memory');
    expect(last({ options: { 'quota.memory': '2 gb' } }).why.reason).toBe('Scaling');
    const alone = { vertices: jobOf({}).vertices.map((vertex) => ({ ...vertex, slotSharingGroup: vertex.id })) };
    expect(last({ job: alone, options: { 'quota.cpu': '1' } }).why.reason).toBe('Scaling');
  });

  it.each([
    [{ gcPressure: 0.5 }, { 'memory.gc-pressure.threshold': '0.4' }, 'spends 50 % of its time in garbage collection'],
    [{ heapUsage: 0.95 }, { 'memory.heap-usage.threshold': '0.9' }, 'is 95 % full on average'],
  ])('under memory pressure: %o', (reading, options, message) => {
    const answer = last({ reading, options });
    expect(answer).toMatchObject({ changes: [], why: { reason: 'MemoryPressure' } });
    expect(answer.why.message).toContain(message);
    expect(last({ reading }).why.reason).toBe('Scaling');
  });

  it('until the scale-down interval has passed, and says until when', () => {
    const options = { 'scale-down.interval': '5 min' };
    const slow = { rate: 100, busy: 0.1, map: { parallelism: 10 }, options };
    expect(reasons({ ...slow, until: 7.5 }).slice(-10)).toEqual(Array(10).fill('ScaleDownDelayed'));
    expect(last({ ...slow, until: 7.5 }).why.message).toBe(
      'map could do with 4 instead of 10, which is done at 1970-01-01T00:08:00.000Z at the earliest (job.autoscaler.scale-down.interval)',
    );
    // Of 10 one was too many at minute 2, and 4 are enough since minute 3: until minute 7 the 9 count.
    const recommendations = [{ at: 2 * MINUTE, parallelism: 9, outside: false }];
    const state = { ...NO_STATE, delayed: new Map([['map', { since: MINUTE, recommendations }]]) };
    expect(last({ ...slow, state, until: 6.5 }).why.message).toContain(
      'with 4 instead of 10, which is done at 1970-01-01T00:07',
    );
    const done = last({ ...slow, until: 8 });
    expect(done.wanted?.get('map')).toBe(4);
    expect(done.state.delayed).toEqual(new Map());
  });
});
