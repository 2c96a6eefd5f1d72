import { gunzipSync, gzipSync } from 'node:zlib';
import { dump, FAILSAFE_SCHEMA, load } from 'js-yaml';
import { isRecord } from '../../lib/json.ts';
import {
  type AutoscalerState,
  type DelayedScaleDown,
  NO_STATE,
  type Restart,
  type Sample,
  type Scaling,
  type VertexSample,
} from './model.ts';
import { isVertexId, overridesIn, overridesText } from './overrides.ts';

/*
 * What the autoscaler remembers, as the Flink Kubernetes Operator 1.15 stores it in the ConfigMap autoscaler-<name>
 * (KubernetesAutoScalerStateStore), so that a job goes on with what either operator has learnt:
 *
 *   collectedMetrics      {time: {vertexMetrics: {vertex: {METRIC: number}}, globalMetrics: {METRIC: number}}}   compressed
 *   scalingHistory        {vertex: {time: {currentParallelism, newParallelism, metrics: {METRIC: {current, average}}}}}   same
 *   scalingTracking       {scalingRecords: {time: {restartDuration: seconds}}}   same
 *   delayedScaleDown      {delayedVertices: {vertex: {firstTriggerTime: seconds, recommendedParallelisms: […]}}}   YAML
 *   parallelismOverrides  vertex:parallelism,…   as Flink writes a map
 *
 * Compressed is YAML through gzip and base64; plain YAML is read as well. Weir writes samples as JSON, which is YAML, too, and
 * takes a tenth of the time. Times that are keys are ISO 8601.
 */

/** What a ConfigMap holds. */
export interface StoredState {
  readonly state: AutoscalerState;
  /** When the parallelism in it was decided; undefined where it tells of no scaling. */
  readonly scaledAt: number | undefined;
  /** Keys whose value cannot be read, so that what they held is lost. */
  readonly unreadable: readonly string[];
}

/** Characters of the three large values together. The API server takes 1 MiB of an object. */
const MAX_CHARACTERS = 1_000_000;
/** Bytes that one value may become. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads the data of a ConfigMap of either operator. Never throws: what cannot be read counts as not there. */
export function readStoredState(data: Readonly<Record<string, unknown>>): StoredState {
  const unreadable: string[] = [];
  const read = <T>(key: string, nothing: T, decode: (value: unknown) => T): T => {
    const text = data[key];
    if (typeof text !== 'string' || text === '') return nothing;
    try {
      return decode(valueIn(inflated(text)));
    } catch {
      unreadable.push(key); // whoever asked says so
      return nothing;
    }
  };
  const state: AutoscalerState = {
    samples: read('collectedMetrics', NO_STATE.samples, samplesIn),
    history: read('scalingHistory', NO_STATE.history, historyIn),
    restarts: read('scalingTracking', NO_STATE.restarts, restartsIn),
    overrides: overridesIn(data.parallelismOverrides),
    delayed: read('delayedScaleDown', NO_STATE.delayed, delayedIn),
  };
  const times = [...state.restarts, ...[...state.history.values()].flat()].map(({ at }) => at);
  return { state, scaledAt: times.length === 0 ? undefined : Math.max(...times), unreadable };
}

/** The data of a ConfigMap; the oldest samples are left out where all of them are too much for one. */
export function storedData(state: AutoscalerState): Readonly<Record<string, string>> {
  const scalingHistory = deflated(historyOut(state.history));
  const scalingTracking = deflated(restartsOut(state.restarts));
  const left = MAX_CHARACTERS - scalingHistory.length - scalingTracking.length;
  return {
    collectedMetrics: samplesWithin(state.samples, left),
    scalingHistory,
    scalingTracking,
    delayedScaleDown: yaml(delayedOut(state.delayed)),
    parallelismOverrides: overridesText(state.overrides),
  };
}

/** Those that are too many by their share, so that few attempts are made. */
function samplesWithin(samples: readonly Sample[], characters: number): string {
  let kept = samples;
  for (;;) {
    const text = packed(JSON.stringify(samplesOut(kept)));
    if (text.length <= characters || kept.length === 0) return text;
    const most = Math.floor((kept.length * Math.max(0, characters) * 0.95) / text.length);
    kept = most === 0 ? [] : kept.slice(-most);
  }
}

function inflated(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return zipped ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }).toString('utf8') : text;
}

function deflated(value: unknown): string {
  return packed(yaml(value));
}

function packed(text: string): string {
  return gzipSync(text).toString('base64');
}

/** Ids of vertices may look like numbers, so nothing in YAML is taken for one here. */
function valueIn(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : load(text, { schema: FAILSAFE_SCHEMA });
}

function yaml(value: unknown): string {
  return dump(value, { noRefs: true });
}

/** Metrics of a vertex, by the names of the Flink Kubernetes Operator's ScalingMetric. */
const SAMPLE = {
  load: 'LOAD',
  accumulatedBusyMs: 'ACCUMULATED_BUSY_TIME',
  recordsIn: 'NUM_RECORDS_IN',
  recordsInPerSecond: 'NUM_RECORDS_IN_PER_SECOND',
  recordsOut: 'NUM_RECORDS_OUT',
  observedRate: 'OBSERVED_TPR',
  lag: 'LAG',
} as const satisfies Record<keyof VertexSample, string>;
const MEMORY = { heapUsage: 'HEAP_MAX_USAGE_RATIO', gcPressure: 'GC_PRESSURE' } as const;

function samplesIn(value: unknown): readonly Sample[] {
  const samples = entriesOf(value).map(([time, sample]) => {
    const { vertexMetrics, globalMetrics } = recordOf(sample);
    const vertices = vertexEntries(vertexMetrics).map(([id, of]) => [id, named(SAMPLE, of)] as const);
    return { at: timeOf(time), vertices: new Map(vertices), ...named(MEMORY, globalMetrics ?? {}) };
  });
  return samples.sort((one, other) => one.at - other.at);
}

function samplesOut(samples: readonly Sample[]): unknown {
  const all = samples.map(({ at, vertices, ...memory }) => {
    const vertexMetrics = Object.fromEntries([...vertices].map(([id, of]) => [id, metrics(SAMPLE, of)]));
    return [isoOf(at), { vertexMetrics, globalMetrics: metrics(MEMORY, memory) }] as const;
  });
  return Object.fromEntries(all);
}

type Named<N> = { readonly [K in keyof N]?: number | undefined };

/** Numbers by our names; those that are not known, NaN among them, are left out. */
function named<N extends Readonly<Record<string, string>>>(names: N, value: unknown): Named<N> {
  const record = recordOf(value);
  const numbers = Object.entries(names).map(([own, name]) => [own, numberIn(record[name])] as const);
  return Object.fromEntries(numbers.filter(([, number]) => number !== undefined)) as Named<N>;
}

function metrics<N extends Readonly<Record<string, string>>>(names: N, values: Named<N>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([own, name]) => {
      const value = (values as Readonly<Record<string, number | undefined>>)[own];
      return value === undefined ? [] : [[name, numberOut(value)]];
    }),
  );
}

function historyIn(value: unknown): AutoscalerState['history'] {
  const vertices = vertexEntries(value).map(([id, scalings]) => {
    const all = entriesOf(scalings).map(([time, scaling]) => scalingIn(time, scaling));
    return [id, all.sort((one, other) => one.at - other.at)] as const;
  });
  return new Map(vertices);
}

function scalingIn(time: string, value: unknown): Scaling {
  const { currentParallelism, newParallelism, metrics: told } = recordOf(value);
  const { TRUE_PROCESSING_RATE: trueRate, EXPECTED_PROCESSING_RATE: expectedRate } = recordOf(told ?? {});
  return {
    at: timeOf(time),
    from: countIn(currentParallelism),
    to: countIn(newParallelism),
    trueRate: numberIn(recordOf(trueRate ?? {}).average) ?? 0,
    expectedRate: numberIn(recordOf(expectedRate ?? {}).current) ?? 0,
  };
}

function historyOut(history: AutoscalerState['history']): unknown {
  const vertices = [...history].map(([id, scalings]) => {
    const all = scalings.map(({ at, from, to, trueRate, expectedRate }) => {
      const told = {
        TRUE_PROCESSING_RATE: { current: 'NaN', average: numberOut(trueRate) },
        EXPECTED_PROCESSING_RATE: { current: numberOut(expectedRate), average: 'NaN' },
      };
      return [isoOf(at), { currentParallelism: from, newParallelism: to, metrics: told }] as const;
    });
    return [id, Object.fromEntries(all)] as const;
  });
  return Object.fromEntries(vertices);
}

function restartsIn(value: unknown): readonly Restart[] {
  const restarts = entriesOf(recordOf(value).scalingRecords ?? {}).map(([time, record]) => {
    const seconds = numberIn(recordOf(record).restartDuration);
    return { at: timeOf(time), ...(seconds === undefined ? {} : { tookMs: Math.round(seconds * 1000) }) };
  });
  return restarts.sort((one, other) => one.at - other.at);
}

function restartsOut(restarts: readonly Restart[]): unknown {
  const records = restarts.map(({ at, tookMs }) => {
    return [isoOf(at), tookMs === undefined ? {} : { restartDuration: tookMs / 1000 }] as const;
  });
  return { scalingRecords: Object.fromEntries(records) };
}

function delayedIn(value: unknown): AutoscalerState['delayed'] {
  const vertices = vertexEntries(recordOf(value).delayedVertices ?? {}).map(([id, of]) => {
    const { firstTriggerTime, recommendedParallelisms } = recordOf(of);
    const list = Array.isArray(recommendedParallelisms) ? recommendedParallelisms.map(recordOf) : [];
    const recommendations = list.map(({ triggerTime, parallelism, outsideUtilizationBound }) => ({
      at: instantIn(triggerTime),
      parallelism: countIn(parallelism),
      outside: outsideUtilizationBound === 'true',
    }));
    return [id, { since: instantIn(firstTriggerTime), recommendations } satisfies DelayedScaleDown] as const;
  });
  return new Map(vertices);
}

function delayedOut(delayed: AutoscalerState['delayed']): unknown {
  const vertices = [...delayed].map(([id, { since, recommendations }]) => {
    const recommendedParallelisms = recommendations.map(({ at, parallelism, outside }) => ({
      triggerTime: at / 1000,
      parallelism,
      outsideUtilizationBound: outside,
    }));
    return [id, { firstTriggerTime: since / 1000, recommendedParallelisms }] as const;
  });
  return { delayedVertices: Object.fromEntries(vertices) };
}

function recordOf(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new TypeError('not a map');
}

/** An empty document is an empty map. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return value === undefined || value === null || value === '' ? [] : Object.entries(recordOf(value));
}

function vertexEntries(value: unknown): readonly (readonly [string, unknown])[] {
  return entriesOf(value).filter(([id]) => isVertexId(id));
}

/** As Java or YAML writes them: NaN is not known. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return undefined;
  if (/^\+?(\.inf|infinity)$/i.test(value)) return Number.POSITIVE_INFINITY;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** In words that Java reads where YAML has its own. */
function numberOut(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function countIn(value: unknown): number {
  const number = numberIn(value);
  if (number === undefined || !Number.isSafeInteger(number) || number < 1) throw new TypeError('not a parallelism');
  return number;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

function timeOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new TypeError('not a time');
  return at;
}

/** Jackson writes an Instant as seconds. */
function instantIn(value: unknown): number {
  const seconds = numberIn(value);
  return seconds === undefined ? timeOf(String(value)) : Math.round(seconds * 1000);
}
