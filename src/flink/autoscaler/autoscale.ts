import type { Action, EventDraft } from '../../core/plan.ts';
import { isBeingDeleted, type KubeObject } from '../../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import { decodeMap } from '../conf/values.ts';
import type { AutoscaledFacts } from '../observed.ts';
import { forgetState, storedIn, storeState } from './config-map.ts';
import { decideScaling } from './decide.ts';
import { decisionEvents, failedReadingEvents, unreadableEvents } from './events.ts';
import { type AutoscalerState, type JobVertex, NO_STATE, type ScalingDecision, type TaskManagerSize } from './model.ts';
import type { AutoscalerSettings } from './settings.ts';
import type { FlinkAutoscalerStatus } from './status-schema.ts';
import type { StoredState } from './stored-state.ts';

/** What an autoscaler may go by, of a resource of either kind. */
export interface AutoscalerSubject {
  readonly resource: KubeObject;
  readonly before: FlinkAutoscalerStatus | undefined;
  /** What holds for the recorded run. */
  readonly settings: AutoscalerSettings;
  /** All of the job runs as its user wants it, and nothing is being done to it. */
  readonly runs: boolean;
  readonly facts: AutoscaledFacts | undefined;
  /** The resource's own ConfigMap. */
  readonly map: KubeObject | undefined;
  /** pipeline.jobvertex-parallelism-overrides of the spec that is recorded from now on. */
  readonly inForce: string | undefined;
  /** What was learnt is forgotten with this pass, since its user asks for that. */
  readonly forgets: boolean;
  readonly taskManager: () => TaskManagerSize;
  readonly now: Date;
}

/** What an autoscaler adds to a pass. */
export interface AutoscalerStep {
  readonly actions: readonly Action<never>[];
  readonly events: readonly EventDraft[];
  /** Undefined: there is none. */
  readonly status: FlinkAutoscalerStatus | undefined;
  /** What it found where it looked at the job. */
  readonly looked?: AutoscalerLook;
}

/** One look at a job. */
export interface AutoscalerLook {
  /** By the JobManager's clock: the same for each pass that looks at the same reading. */
  readonly at: number;
  /** Undefined where the job could not be read. */
  readonly decision: ScalingDecision | undefined;
  readonly vertices: readonly JobVertex[];
}

const NOTHING_STORED: StoredState = { state: NO_STATE, scaledAt: undefined, unreadable: [] };

/**
 * One look of the autoscaler at a job. What it decides is stored, with all that follows from it, before anything is done about
 * it: that is the next pass's, which has the new parallelism in the spec it goes by. So a crash anywhere loses readings of the
 * last minutes at most, and nothing is decided twice.
 */
export function autoscale(subject: AutoscalerSubject): AutoscalerStep {
  const { settings, map, before, resource, runs } = subject;
  if (!settings.enabled) return off(map);
  const stored = map === undefined ? NOTHING_STORED : storedIn(map);
  const known = { ...before, ...scaledAt(subject, stored) };
  const events = unreadableEvents(map, stored);
  if (!runs || isBeingDeleted(resource)) return { actions: [], events, status: known };
  const decision = latestDecision(subject, stored);
  if (decision === undefined) {
    const failed = subject.facts?.failed;
    if (failed === undefined) return { actions: [], events, status: known };
    const told = failedReadingEvents(subject, failed);
    const status = said(subject, known, { reason: 'NotRead', message: failed });
    return { actions: [], events: [...events, ...told], status, ...lookOf(subject, undefined) };
  }
  return {
    actions: storing(subject, stored, decision),
    events: [...events, ...decisionEvents(subject, decision)],
    status: said(subject, known, decision.why),
    ...lookOf(subject, decision),
  };
}

function lookOf({ facts }: AutoscalerSubject, decision: ScalingDecision | undefined): Pick<AutoscalerStep, 'looked'> {
  return facts === undefined ? {} : { looked: { at: facts.askedAt, decision, vertices: facts.vertices } };
}

/** What was learnt goes with the autoscaler (Flink Kubernetes Operator 1.15, JobAutoScalerImpl.scale). */
function off(map: KubeObject | undefined): AutoscalerStep {
  const goes = map !== undefined && !isBeingDeleted(map);
  return { actions: goes ? [forgetState(map, 'the autoscaler is off')] : [], events: [], status: undefined };
}

/**
 * The answer to the newest reading that is not stored yet, each worked out from those before it; undefined where there is
 * none. What an earlier one wanted was not done, or it would be stored.
 */
function latestDecision(
  { settings, facts, taskManager }: AutoscalerSubject,
  stored: StoredState,
): ScalingDecision | undefined {
  if (facts === undefined) return undefined;
  const { runningSince, vertices, readings } = facts;
  const job = { runningSince, vertices, taskManager: taskManager() };
  let { state } = stored;
  let decision: ScalingDecision | undefined;
  for (const reading of unstored(readings, stored)) {
    const look = { settings, job, reading, state };
    decision = decideScaling(look);
    const isDone = decision.wanted !== undefined;
    state = (isDone ? decideScaling({ ...look, settings: { ...settings, scalingEnabled: false } }) : decision).state;
  }
  return decision;
}

function unstored<T extends { readonly at: number }>(readings: readonly T[], stored: StoredState): readonly T[] {
  const last = storedUntil(stored);
  return readings.filter(({ at }) => at > last);
}

/** A scaling takes the samples before it with it. */
function storedUntil({ state, scaledAt: at }: StoredState): number {
  return Math.max(state.samples.at(-1)?.at ?? 0, at ?? 0);
}

/** Time after which readings are stored although nothing follows from them: those a crash loses. */
const STORE_EVERY_MS = 300_000;
/** Readings after which they are. */
const STORE_EVERY = 30;

function storing(subject: AutoscalerSubject, stored: StoredState, decision: ScalingDecision): readonly Action<never>[] {
  const { resource, map } = subject;
  const { state, wanted, why } = decision;
  if (wanted !== undefined) return [storeState(resource, map, { state, because: why.message })];
  const because = 'what the autoscaler has learnt is stored';
  return isDue(subject, stored, state) ? [storeState(resource, map, { state, because })] : [];
}

function isDue(
  { facts, map }: AutoscalerSubject,
  stored: StoredState,
  { restarts, delayed }: AutoscalerState,
): boolean {
  if (map === undefined || stored.unreadable.length > 0) return true;
  const fresh = unstored(facts?.readings ?? [], stored);
  if ((fresh.at(-1)?.at ?? 0) - storedUntil(stored) >= STORE_EVERY_MS || fresh.length >= STORE_EVERY) return true;
  const waiting = (of: AutoscalerState['delayed']) => [...of.keys()].sort();
  return !deepEqual(restarts, stored.state.restarts) || !deepEqual(waiting(delayed), waiting(stored.state.delayed));
}

/** How soon a sentence is written again of which only the numbers differ. */
const SAY_AGAIN_MS = 300_000;

function said(
  { now }: AutoscalerSubject,
  before: FlinkAutoscalerStatus,
  { reason, message }: { readonly reason: string; readonly message: string },
): FlinkAutoscalerStatus {
  const at = now.getTime();
  const same = before.reason === reason && (before.message === message || at - (before.at ?? 0) < SAY_AGAIN_MS);
  return same ? before : { ...before, reason, message, at };
}

/**
 * When the parallelism in force was decided. A ConfigMap that tells of an earlier decision is one that the caches are behind
 * with, and asks for nothing any more.
 */
function scaledAt({ before, inForce, forgets, now }: AutoscalerSubject, stored: StoredState): FlinkAutoscalerStatus {
  const known = before?.scaledAt;
  if (forgets) return { scaledAt: known === undefined ? now.getTime() : known + 1 };
  const given = decodeMap(inForce ?? '');
  const { overrides } = stored.state;
  const inIt = overrides.size > 0 && [...overrides].every(([id, value]) => given.get(id) === String(value));
  return inIt && stored.scaledAt !== undefined ? { scaledAt: Math.max(stored.scaledAt, known ?? 0) } : {};
}

/** The parallelism that was decided last, recorded or not yet; undefined where that is not known. */
export function decidedParallelism(
  map: KubeObject | undefined,
  before: FlinkAutoscalerStatus | undefined,
): ReadonlyMap<string, number> | undefined {
  if (map === undefined) return undefined;
  const { state, scaledAt: at } = storedIn(map);
  const behind = before?.scaledAt !== undefined && (at ?? 0) < before.scaledAt;
  return behind ? undefined : state.overrides;
}
