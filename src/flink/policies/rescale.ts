import { type Fact, knownValue } from '../../core/fact.ts';
import type { Action, EventDraft } from '../../core/plan.ts';
import { deepEqual } from '../../lib/json.ts';
import { normal, warning } from '../events.ts';
import { isTerminal, type JobFacts, type JobManagerAnswer } from '../observed.ts';
import type { FlinkRecord, Scaling } from '../record.ts';
import type { Size } from '../scaling.ts';
import { hasSizes, type RescaleEffect, type VertexSizes } from '../vertex-sizes.ts';

/** What is known of a job that is given another size, of a FlinkDeployment or on a session. */
export interface Rescaled {
  readonly now: Date;
  readonly observed: { readonly rest: Fact<JobManagerAnswer> };
}

/** A pass on the way to another size. */
export interface ScalingStep<R extends FlinkRecord, E> {
  readonly because: 'Scaling' | 'ScalingFailed';
  readonly message: string;
  readonly phase: 'progressing';
  readonly record: R;
  readonly actions: readonly Action<E>[];
  readonly events: readonly EventDraft[];
  readonly requeueAfterMs?: number;
  readonly probe: 'fast';
}

/**
 * Gives a job other sizes through Flink's resource requirements: asks until Flink says it has them, `done`, or it is
 * recorded why it never will. Undefined where nothing can be asked or waited for just now.
 */
export function rescale<R extends FlinkRecord>(
  situation: Rescaled,
  record: R,
  vertices: VertexSizes,
): ScalingStep<R, RescaleEffect> | 'done' | undefined {
  const answer = knownValue(situation.observed.rest);
  if (answer?.job === undefined) return undefined;
  const before = isSameSize({ vertices }, record.scaling) ? record.scaling : undefined;
  const end = before === undefined ? undefined : outcome(situation, record, { ...before, vertices }, answer);
  if (end !== undefined || !canScale(answer.job)) return end;
  const sizes = Object.entries(vertices).map(([id, size]) => `${id}: ${size}`);
  const because = `Flink is asked for the parallelism ${sizes.join(', ')}, the job is not started anew`;
  const effect = { kind: 'rescale', jobId: answer.job.id, vertices } as const;
  return askForSize(situation.now, record, { vertices }, { kind: 'effect', effect, because });
}

/** Requests for the same sizes before the job is started anew instead. */
const MAX_ATTEMPTS = 4;

/** What became of a request: the sizes are had once Flink says so, and nobody's concern once the job has ended. */
function outcome<R extends FlinkRecord>(
  { now }: Rescaled,
  record: R,
  scaling: Scaling & { readonly vertices: VertexSizes },
  { job, requirements }: JobManagerAnswer,
): ScalingStep<R, never> | 'done' | undefined {
  if (job !== undefined && isTerminal(job.state)) return 'done';
  if (requirements?.kind === 'refused') return failed(record, scaling, requirements.why);
  if (requirements !== undefined && hasSizes(requirements.bounds, scaling.vertices)) return 'done';
  const { attempts } = scaling;
  if (attempts < MAX_ATTEMPTS || !isDue(now, scaling)) return undefined;
  return failed(record, scaling, `Flink was asked ${attempts} times and does not do it`);
}

/** Neither over nor on its way there. */
function canScale({ state }: JobFacts): boolean {
  return !isTerminal(state) && state !== 'RECONCILING' && state !== 'CANCELLING' && state !== 'FAILING';
}

/** Recorded, so that the job is started anew whatever is known then. */
function failed<R extends FlinkRecord>(record: R, scaling: Scaling, why: string): ScalingStep<R, never> {
  const message = `the job cannot be scaled in place: ${why}; it is started anew`;
  return {
    because: 'ScalingFailed',
    message,
    phase: 'progressing',
    record: { ...record, scaling: { ...scaling, failed: why } },
    actions: [],
    events: [warning('ScalingFailed', message, 'Job')],
    probe: 'fast',
  };
}

/** Time between two requests for the same size. */
const RETRY_MS = 5000;

/** Records a size and asks for it; the same again only after a while, since the answer is on its way. */
export function askForSize<R extends FlinkRecord, E>(
  now: Date,
  record: R,
  size: Size,
  action: Action<E>,
): ScalingStep<R, E> {
  const before = isSameSize(size, record.scaling) ? record.scaling : undefined;
  const waits = before !== undefined && !isDue(now, before);
  const scaling: Scaling = { ...size, askedAt: now.getTime(), attempts: (before?.attempts ?? 0) + 1 };
  const { because: message } = action;
  return {
    because: 'Scaling',
    message,
    phase: 'progressing',
    record: waits ? record : { ...record, scaling },
    actions: waits ? [] : [action],
    events: before === undefined ? [normal('Scaling', message, 'Job')] : [],
    requeueAfterMs: RETRY_MS,
    probe: 'fast',
  };
}

function isDue(now: Date, { askedAt }: Scaling): boolean {
  return now.getTime() - askedAt >= RETRY_MS;
}

function isSameSize({ taskManagers, vertices }: Size, other: Size | undefined): boolean {
  return other !== undefined && deepEqual([taskManagers, vertices], [other.taskManagers, other.vertices]);
}
