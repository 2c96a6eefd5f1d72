import { aligned } from './align.ts';
import { neededRate } from './capacity.ts';
import { dueScaleDown, recommendedAgain, withoutOld } from './delayed.ts';
import type { DelayedScaleDown, EvaluatedVertex, JobVertex, Scaling, ScalingNote } from './model.ts';
import { noiseless } from './numbers.ts';
import { poorGain, scalability } from './scalability.ts';
import type { AutoscalerSettings } from './settings.ts';
import { ineffectiveText, limitedText } from './words.ts';

/** What a vertex is judged by. */
export interface Judged {
  readonly vertex: JobVertex;
  readonly evaluated: EvaluatedVertex;
  /** Its past scalings, in order of time. */
  readonly history: readonly Scaling[];
  readonly delayed: DelayedScaleDown | undefined;
  readonly settings: AutoscalerSettings;
  /** What a scaling keeps the job from working, in seconds. */
  readonly restart: number;
  readonly at: number;
}

/** What becomes of a vertex. */
export interface Target {
  /** What it is to have now; its present parallelism where nothing is to be done. */
  readonly parallelism: number;
  /** What its load asks for, whether or not that has to wait. */
  readonly recommended: number;
  /** Its true rate lies outside of its band. */
  readonly outside: boolean;
  /** With that parallelism it would still be below its band: something keeps it from getting more. */
  readonly short: boolean;
  /** It waits to be scaled down. */
  readonly delayed?: DelayedScaleDown | undefined;
  readonly notes: readonly ScalingNote[];
}

/** The parallelism of a vertex by its load and the limits (Flink Kubernetes Operator 1.15, JobVertexScaler). */
export function targetOf(judged: Judged): Target {
  const { trueRate = Number.POSITIVE_INFINITY, scaleUpBelow } = judged.evaluated;
  const step = stepOf(judged);
  return { ...step, short: (trueRate / judged.vertex.parallelism) * step.parallelism < scaleUpBelow };
}

type Step = Omit<Target, 'short'>;

function stepOf(judged: Judged): Step {
  const { vertex, evaluated } = judged;
  const { parallelism: current } = vertex;
  const outside = isOutside(evaluated);
  const wanted = withinLimits(judged);
  if (wanted === undefined)
    return { parallelism: current, recommended: current, outside, delayed: judged.delayed, notes: [] };
  const recommended = wanted === current ? current : fitted(judged, wanted);
  const notes = limitNotes(judged, wanted, recommended);
  if (recommended === current) return { parallelism: current, recommended, outside, notes };
  if (recommended > current) return scaleUp(judged, recommended, notes);
  return scaleDown(judged, recommended, notes);
}

function isOutside({ trueRate, scaleUpBelow, scaleDownAbove }: EvaluatedVertex): boolean {
  return trueRate !== undefined && (trueRate < scaleUpBelow || trueRate > scaleDownAbove);
}

/** Undefined where the true rate is not known. */
function withinLimits({ vertex, evaluated, history, settings, restart }: Judged): number | undefined {
  if (evaluated.trueRate === undefined) return undefined;
  const needed = neededRate(evaluated, settings.utilization.target, settings.catchUp, restart);
  const factor = needed / evaluated.trueRate / scalability(history, settings);
  if (Number.isNaN(factor)) return undefined;
  const limited = Math.min(settings.factor.max, Math.max(settings.factor.min, factor));
  const { least, most } = limitsOf(vertex, evaluated, settings);
  return Math.min(most, Math.max(least, Math.ceil(noiseless(limited * vertex.parallelism))));
}

/** Limits never ask for a scaling themselves: what is outside of them already may stay there. */
function limitsOf(
  { parallelism: current, maxParallelism }: JobVertex,
  { sourcePartitions }: EvaluatedVertex,
  { parallelism: { min, max } }: AutoscalerSettings,
): { readonly least: number; readonly most: number } {
  const partitions = sourcePartitions > 0 ? Math.max(current, sourcePartitions) : Number.POSITIVE_INFINITY;
  const keyGroups = maxParallelism > 0 ? maxParallelism : Number.POSITIVE_INFINITY;
  return { least: Math.max(1, Math.min(current, min)), most: Math.min(keyGroups, Math.max(current, max), partitions) };
}

function fitted({ vertex, evaluated, settings }: Judged, target: number): number {
  const { parallelism: current, maxParallelism, inputs } = vertex;
  const keyed = inputs.some(({ shipStrategy }) => shipStrategy === 'HASH');
  const { sourcePartitions } = evaluated;
  const limits = limitsOf(vertex, evaluated, settings);
  return aligned({ current, target, ...limits, maxParallelism, sourcePartitions, keyed }, settings.alignment);
}

/** A strict mode tells of what it did not do. */
function limitNotes({ vertex, settings }: Judged, wanted: number, recommended: number): readonly ScalingNote[] {
  if (!settings.alignment.startsWith('STRICT_') || recommended >= wanted) return [];
  return [{ reason: 'ScalingLimited', vertex: vertex.id, message: limitedText(vertex, wanted, recommended) }];
}

function scaleUp(judged: Judged, recommended: number, notes: readonly ScalingNote[]): Step {
  const { vertex, evaluated, history, settings } = judged;
  const outside = isOutside(evaluated);
  const gain = poorGain(evaluated, history, settings);
  if (gain === undefined) return { parallelism: recommended, recommended, outside, notes };
  const blocked = settings.effectiveness.enabled;
  const note: ScalingNote = {
    reason: 'IneffectiveScaling',
    vertex: vertex.id,
    message: ineffectiveText(vertex, gain, blocked),
  };
  const parallelism = blocked ? vertex.parallelism : recommended;
  return { parallelism, recommended: parallelism, outside, notes: [...notes, note] };
}

/** A load that falls may rise again soon, and each scaling costs: the largest of an interval's recommendations is taken at its end. */
function scaleDown(judged: Judged, recommended: number, notes: readonly ScalingNote[]): Step {
  const { vertex, evaluated, settings, at } = judged;
  const { parallelism: current } = vertex;
  const outside = isOutside(evaluated);
  if (settings.scaleDownDelayMs <= 0) return { parallelism: recommended, recommended, outside, notes };
  const delayed = recommendedAgain(judged.delayed, { at, parallelism: recommended, outside });
  const due = dueScaleDown(delayed, settings.scaleDownDelayMs, at);
  const kept = due === undefined ? delayed : withoutOld(delayed, settings.scaleDownDelayMs, at);
  if (due === undefined || due.parallelism >= current) {
    return { parallelism: current, recommended, outside, delayed: kept, notes };
  }
  return { parallelism: due.parallelism, recommended, outside: due.outside, delayed: kept, notes };
}
