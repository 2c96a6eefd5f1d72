import type {
  DelayedScaleDown,
  EvaluatedVertex,
  JobVertex,
  RunningJob,
  Sample,
  ScalingNote,
  VertexChange,
} from './model.ts';
import { stableAt } from './sample.ts';
import type { AutoscalerSettings } from './settings.ts';

/** A rate for people: three digits where it is small. */
function rateText(rate: number): string {
  if (!Number.isFinite(rate)) return 'any number of';
  return Math.abs(rate) >= 100 ? String(Math.round(rate)) : String(Number(rate.toPrecision(3)));
}

/** A share for people. */
export function shareText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A time of day for people and machines, in UTC. */
function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** `map from 2 to 4 (900 records/s come in, it can do 1000)`. */
function changeText({ name, from, to, targetRate, trueRate }: VertexChange): string {
  return `${name} from ${from} to ${to} (${rateText(targetRate)} records/s come in, it can do ${rateText(trueRate)})`;
}

/** What each vertex uses of what it can do, the busiest first, three at most. */
function utilizationText(vertices: readonly JobVertex[], evaluated: ReadonlyMap<string, EvaluatedVertex>): string {
  const used = vertices
    .flatMap(({ id, name, parallelism }) => {
      const found = evaluated.get(id);
      if (found?.trueRate === undefined || found.trueRate === 0) return [];
      return [{ text: `${name} (${parallelism})`, share: found.targetRate / found.trueRate }];
    })
    .sort((a, b) => b.share - a.share)
    .slice(0, 3);
  return used.map(({ text, share }) => `${text} ${shareText(share)}`).join(', ');
}

/** What is said of a vertex that a strict alignment scales less or not at all. */
export function limitedText({ name, parallelism }: JobVertex, wanted: number, got: number): string {
  const what = got === parallelism ? `stays at ${parallelism}` : `is given ${got}`;
  return `${name} ${what} instead of ${wanted}: scaling.key-group.partitions.adjust.mode finds no parallelism that shares its partitions or key groups out evenly`;
}

/** What is said of a vertex that gained too little from being scaled up. */
export function ineffectiveText(
  { name }: JobVertex,
  gain: { readonly expected: number; readonly actual: number },
  blocked: boolean,
): string {
  const then = blocked
    ? 'it is not scaled up further'
    : 'job.autoscaler.scaling.effectiveness.detection.enabled would keep it from being scaled up further';
  return `the last scale-up of ${name} was to bring ${rateText(gain.expected)} records/s and brought ${rateText(gain.actual)}; ${then}`;
}

/** How many vertices a sentence names. */
const MOST_NAMED = 5;

/** Texts about vertices in one, the first few of them. */
export function few(texts: readonly string[], separator = '; '): string {
  const more = texts.length - MOST_NAMED;
  return [...texts.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

/** What is changed. */
export function changesText(changes: readonly VertexChange[]): string {
  return few(changes.map(changeText));
}

/** Why nothing is judged yet. */
export function waitingText(
  samples: readonly Sample[],
  begun: number,
  settings: AutoscalerSettings,
  at: number,
): readonly ['Stabilizing' | 'WindowNotFull', string] {
  const stable = stableAt(begun, settings);
  if (at < stable) {
    return [
      'Stabilizing',
      `the job began to run as it does at ${timeText(begun)} and is left alone until ${timeText(stable)} (job.autoscaler.stabilization.interval)`,
    ];
  }
  const first = samples.find((sample) => sample.at >= stable)?.at ?? at;
  return [
    'WindowNotFull',
    `it is measured until ${timeText(first + settings.windowMs)} before anything is decided (job.autoscaler.metrics.window)`,
  ];
}

/** Why nothing is to be done. */
export function balancedText(
  { vertices }: RunningJob,
  evaluated: ReadonlyMap<string, EvaluatedVertex>,
  { utilization: { min, max } }: AutoscalerSettings,
): string {
  const unknown = vertices.filter(({ id, finished }) => !finished && evaluated.get(id)?.trueRate === undefined);
  const names = few(
    unknown.map(({ name }) => name),
    ', ',
  );
  const rest = unknown.length === 0 ? '' : `; what ${names} can do is not known, so that it is not scaled`;
  const used = utilizationText(vertices, evaluated);
  return `no vertex is to be scaled: ${used === '' ? 'none' : used} of what it can do, the band is ${shareText(min)} to ${shareText(max)}${rest}`;
}

/** What waits to be scaled down, and until when: what was within its band and larger must be too old to count. */
export function delayedText(
  { vertices }: RunningJob,
  delayed: ReadonlyMap<string, DelayedScaleDown>,
  { scaleDownDelayMs }: AutoscalerSettings,
): string {
  const parts = vertices.flatMap(({ id, name, parallelism }) => {
    const { since = 0, recommendations = [] } = delayed.get(id) ?? {};
    const next = recommendations.findIndex(({ outside }) => outside);
    const wanted = recommendations[next];
    if (wanted === undefined) return [];
    const at = timeText((recommendations[next - 1]?.at ?? since) + scaleDownDelayMs);
    return [
      `${name} could do with ${wanted.parallelism} instead of ${parallelism}, which is done at ${at} at the earliest`,
    ];
  });
  return `${few(parts)} (job.autoscaler.scale-down.interval)`;
}

/** What is too small, and why it gets no more. */
export function limitText(
  short: readonly JobVertex[],
  evaluated: ReadonlyMap<string, EvaluatedVertex>,
  notes: readonly ScalingNote[],
  { parallelism: { max }, factor }: AutoscalerSettings,
): string {
  return few(
    short.map(({ id, name, parallelism, maxParallelism }) => {
      const { trueRate = 0, targetRate = 0, sourcePartitions = 0 } = evaluated.get(id) ?? {};
      const limits = [
        ...(parallelism >= maxParallelism ? [`its maximum parallelism is ${maxParallelism}`] : []),
        ...(sourcePartitions > 0 && parallelism >= sourcePartitions
          ? [`the number of its partitions is ${sourcePartitions}`]
          : []),
        ...(parallelism >= max ? [`job.autoscaler.vertex.max-parallelism is ${max}`] : []),
        ...(factor.max <= 1 ? [`job.autoscaler.scale-up.max-factor is ${factor.max - 1}`] : []),
        ...notes.filter(({ vertex }) => vertex === id).map(({ message }) => message),
      ];
      return `${name} stays at ${parallelism}, although ${rateText(targetRate)} records/s come in and it can do ${rateText(trueRate)}: ${limits.join(', ')}`;
    }),
  );
}
