import { describe, expect, it } from 'vitest';
import { FailureError } from '../../core/failure.ts';
import type { ServiceHttp } from '../../core/ports.ts';
import type { JobManagerAnswer } from '../observed.ts';
import type { Door } from '../rest-request-client.ts';
import { askAutoscaled } from './autoscaled-client.ts';
import { readJob } from './reading-client.ts';

const JOB = 'a'.repeat(32);
const [SOURCE, SINK] = ['bc764cd8ddf7a0cff126f51c16239658', '20ba6b65f97481d5570070de90e4e791'] as const;

const ofVertex = (id: string) => `/jobs/${JOB}/vertices/${id}/subtasks/metrics`;
const SOURCE_NAMES = [
  'busyTimeMsPerSecond',
  'backPressuredTimeMsPerSecond',
  'numRecordsInPerSecond',
  'Source__numbers.numRecordsIn',
  'Source__numbers.numRecordsInPerSecond',
  'Source__numbers.numRecordsOut',
  'Source__numbers.KafkaSourceReader.topic.t.partition.0.currentOffset',
  'Source__numbers.pendingRecords',
];
const ASKED_OF_SOURCE = [
  'busyTimeMsPerSecond',
  'backPressuredTimeMsPerSecond',
  'numRecordsInPerSecond',
  'Source__numbers.numRecordsIn',
  'Source__numbers.numRecordsInPerSecond',
  'Source__numbers.numRecordsOut',
  'Source__numbers.pendingRecords',
].join(',');
const TASK = 'busyTimeMsPerSecond,backPressuredTimeMsPerSecond,numRecordsInPerSecond';

/** One metric over subtasks, as Flink answers from 1.15 to 2.3. */
const over = (id: string, ...values: readonly (number | 'NaN')[]) => {
  if (values.includes('NaN')) return { id, min: 'NaN', max: 'NaN', avg: 'NaN', sum: 'NaN', skew: 'NaN' };
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, value) => total + value, 0);
  return { id, min: Math.min(...numbers), max: Math.max(...numbers), avg: sum / numbers.length, sum, skew: 0 };
};

function vertex(id: string, name: string, parallelism: number, metrics: object) {
  const tasks = { RUNNING: parallelism };
  return {
    id,
    slotSharingGroupId: 'f'.repeat(32),
    name,
    maxParallelism: 128,
    parallelism,
    status: 'RUNNING',
    tasks,
    metrics,
  };
}

const DETAILS = {
  jid: JOB,
  now: 200_000,
  timestamps: { CREATED: 1000, RUNNING: 5000, FINISHED: 0 },
  vertices: [
    vertex(SOURCE, 'Source: numbers', 1, { 'read-records': 0, 'write-records': 500, 'accumulated-busy-time': 'NaN' }),
    vertex(SINK, 'count', 2, { 'read-records': 490, 'write-records': 0, 'accumulated-busy-time': 12_000 }),
  ],
  plan: { nodes: [{ id: SINK, inputs: [{ num: 0, id: SOURCE, ship_strategy: 'HASH' }] }, { id: SOURCE }] },
};

const HEAP = 'Status.JVM.Memory.Heap.Used,Status.JVM.Memory.Heap.Max';
const GC = 'Status.JVM.GarbageCollector.All.TimeMsPerSecond';
const heap = [over('Status.JVM.Memory.Heap.Used', 40, 60), over('Status.JVM.Memory.Heap.Max', 80, 80)];

const ANSWERS: Readonly<Record<string, unknown>> = {
  [`/jobs/${JOB}`]: DETAILS,
  [ofVertex(SOURCE)]: SOURCE_NAMES.map((id) => ({ id })),
  [`${ofVertex(SOURCE)}?get=${ASKED_OF_SOURCE}`]: [
    over('busyTimeMsPerSecond', 'NaN'),
    over('backPressuredTimeMsPerSecond', 100),
    over('numRecordsInPerSecond', 0),
    over('Source__numbers.numRecordsIn', 500),
    over('Source__numbers.numRecordsInPerSecond', 20),
    over('Source__numbers.numRecordsOut', 500),
    over('Source__numbers.pendingRecords', 30),
  ],
  [`${ofVertex(SINK)}?get=${TASK}`]: [
    over('busyTimeMsPerSecond', 900, 700),
    over('backPressuredTimeMsPerSecond', 0, 0),
    over('numRecordsInPerSecond', 9, 10),
  ],
  [`/taskmanagers/metrics?get=${HEAP},${GC}`]: [...heap, over(GC, 5, 20)],
};

function at(answers: Readonly<Record<string, unknown>>): { readonly door: Door; readonly asked: string[] } {
  const asked: string[] = [];
  const http: ServiceHttp = {
    request: async ({ path }, signal) => {
      signal.throwIfAborted();
      asked.push(path);
      return { status: answers[path] === undefined ? 404 : 200, body: answers[path] };
    },
  };
  const target = { namespace: 'jobs', name: 'orders', port: 8081, jobId: JOB };
  return { door: { http, target, signal: new AbortController().signal }, asked };
}

describe('reading a job for its autoscaler', () => {
  it('finds its graph, what its tasks do, and the memory of TaskManagers', async () => {
    const { runningSince, vertices, reading } = await readJob(at(ANSWERS).door);
    expect(runningSince).toBe(5000);
    expect(vertices).toMatchObject([
      { id: SOURCE, parallelism: 1, maxParallelism: 128, inputs: [], finished: false },
      { id: SINK, parallelism: 2, inputs: [{ id: SOURCE, shipStrategy: 'HASH' }] },
    ]);
    expect(reading).toEqual({
      at: 200_000,
      heapUsage: 0.75,
      gcPressure: 0.02,
      vertices: new Map([
        [
          SOURCE,
          {
            recordsIn: 0,
            recordsOut: 500,
            accumulatedBusyMs: undefined,
            busyMsPerSecond: undefined,
            backPressuredMsPerSecond: 100,
            recordsInPerSecond: 0,
            source: { recordsIn: 500, recordsInPerSecond: 20, recordsOut: 500, pendingRecords: 30, partitions: 1 },
          },
        ],
        [
          SINK,
          {
            recordsIn: 490,
            recordsOut: 0,
            accumulatedBusyMs: 12_000,
            busyMsPerSecond: { min: 700, max: 900, avg: 800 },
            backPressuredMsPerSecond: 0,
            recordsInPerSecond: 19,
          },
        ],
      ]),
    });
  });

  it('does without what an older Flink does not have', async () => {
    const older = {
      ...ANSWERS,
      [`/taskmanagers/metrics?get=${HEAP},${GC}`]: [],
      [`/taskmanagers/metrics?get=${HEAP}`]: heap,
      [`${ofVertex(SINK)}?get=${TASK}`]: [],
      [ofVertex(SINK)]: [{ id: 'busyTimeMsPerSecond' }],
      [`${ofVertex(SINK)}?get=busyTimeMsPerSecond`]: [over('busyTimeMsPerSecond', 900, 700)],
    };
    const { reading } = await readJob(at(older).door);
    expect(reading.heapUsage).toBe(0.75);
    expect(reading.gcPressure).toBeUndefined();
    expect(reading.vertices.get(SINK)).toMatchObject({ busyMsPerSecond: { max: 900 }, recordsInPerSecond: undefined });
  });

  it('asks nothing of a vertex that has finished', async () => {
    const [source, sink] = DETAILS.vertices;
    const finished = { ...DETAILS, vertices: [{ ...source, status: 'FINISHED' }, sink] };
    const { door, asked } = at({ ...ANSWERS, [`/jobs/${JOB}`]: finished });
    const { vertices, reading } = await readJob(door);
    expect(vertices[0]?.finished).toBe(true);
    expect(reading.vertices.get(SOURCE)?.source).toBeUndefined();
    expect(asked.some((path) => path.includes(SOURCE))).toBe(false);
  });

  it.each<[string, object, string]>([
    ['does not run', { ...DETAILS, timestamps: { RUNNING: 0 } }, 'does not run yet'],
    [
      'has too many vertices',
      { ...DETAILS, vertices: Array.from({ length: 201 }, (_, at) => vertex(`${at}`, 'v', 1, {})) },
      'the job has 201 vertices, the autoscaler reads no more than 200',
    ],
    ['has no plan', { ...DETAILS, plan: undefined }, 'unreadable'],
  ])('fails of one that %s', async (_name, details, why) => {
    await expect(readJob(at({ ...ANSWERS, [`/jobs/${JOB}`]: details }).door)).rejects.toThrow(why);
  });
});

const QUESTION = { everyMs: 60_000, timeoutMs: 5000 };

function answerAt(askedAt: number, active = 3): JobManagerAnswer {
  const job = {
    id: JOB,
    name: 'orders',
    state: 'RUNNING' as const,
    startTime: 1000,
    lastModification: 5000,
    tasks: { total: 3, active },
    vertices: [],
    exception: undefined,
  };
  return { flinkVersion: '2.3.0', flinkRevision: 'abc', jobs: [], job, askedAt };
}

describe('what an autoscaler has read', () => {
  const first = async () => {
    const answer = answerAt(200_000);
    return { ...answer, ...(await askAutoscaled(at(ANSWERS).door, QUESTION, { answer, previous: undefined })) };
  };

  it('is read after a while only, and kept', async () => {
    const previous = await first();
    expect(previous.autoscaled).toMatchObject({ jobId: JOB, askedAt: 200_000, runningSince: 5000 });
    const { door, asked } = at(ANSWERS);
    const soon = await askAutoscaled(door, QUESTION, { answer: answerAt(259_999), previous });
    expect([soon.autoscaled, asked]).toEqual([previous.autoscaled, []]);
    const later = { ...ANSWERS, [`/jobs/${JOB}`]: { ...DETAILS, now: 261_000 } };
    const second = await askAutoscaled(at(later).door, QUESTION, { answer: answerAt(261_000), previous });
    expect(second.autoscaled?.readings.map((reading) => reading.at)).toEqual([200_000, 261_000]);
  });

  it('begins anew with each run of the job', async () => {
    const timestamps = { ...DETAILS.timestamps, RUNNING: 250_000 };
    const restarted = { ...ANSWERS, [`/jobs/${JOB}`]: { ...DETAILS, now: 300_000, timestamps } };
    const { autoscaled } = await askAutoscaled(at(restarted).door, QUESTION, {
      answer: answerAt(300_000),
      previous: await first(),
    });
    expect(autoscaled?.readings.map((reading) => reading.at)).toEqual([300_000]);
  });

  it('stays where it cannot be read, which is told', async () => {
    const previous = await first();
    const { autoscaled } = await askAutoscaled(at({}).door, QUESTION, { answer: answerAt(300_000), previous });
    expect(autoscaled).toEqual({
      ...previous.autoscaled,
      askedAt: 300_000,
      failed: `JobManager of jobs/orders: GET /jobs/${JOB} answered 404`,
    });
  });

  it('is nothing of another job, of one with tasks missing, and where the autoscaler is off', async () => {
    const previous = await first();
    const other = { ...previous, autoscaled: { ...previous.autoscaled, jobId: 'b' } } as JobManagerAnswer;
    const { door, asked } = at(ANSWERS);
    expect(await askAutoscaled(door, QUESTION, { answer: answerAt(300_000, 2), previous: other })).toEqual({});
    expect(await askAutoscaled(door, undefined, { answer: answerAt(300_000), previous })).toEqual({});
    expect(asked).toEqual([]);
  });

  it('lets errors that are no failures of the JobManager through', async () => {
    const { door } = at(ANSWERS);
    const broken = { ...door, http: { request: () => Promise.reject(new TypeError('a bug')) } };
    const asking = askAutoscaled(broken, QUESTION, { answer: answerAt(300_000), previous: undefined });
    await expect(asking).rejects.not.toBeInstanceOf(FailureError);
  });
});
