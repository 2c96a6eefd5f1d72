import { periodAt } from '../options/excluded-periods.ts';
import { evaluated } from './evaluate.ts';
import type {
  AutoscalerState,
  DelayedScaleDown,
  EvaluatedVertex,
  Reading,
  RunningJob,
  Sample,
  ScalingDecision,
  ScalingNote,
  VertexChange,
} from './model.ts';
import { averageOf } from './numbers.ts';
import { beyondQuota } from './quota.ts';
import { keptHistory, keptRestarts, restartSeconds } from './restarts.ts';
import { begunAt, isWindowFull, sampleOf, samplesBetween, usefulSamples } from './sample.ts';
import type { AutoscalerSettings } from './settings.ts';
import { type Target, targetOf } from './target.ts';
import { balancedText, changesText, delayedText, few, limitText, shareText, waitingText } from './words.ts';

/** One look at a running job. */
export interface Look {
  readonly settings: AutoscalerSettings;
  readonly job: RunningJob;
  readonly reading: Reading;
  /** What is remembered of earlier looks. */
  readonly state: AutoscalerState;
}

/**
 * What becomes of the parallelism of a running job, why, and what to remember (the rules of the Flink Kubernetes Operator
 * 1.15; docs/autoscaler.md says what differs). Expects a job that is RUNNING and not being changed, and that the autoscaler
 * is on. The time is that of the reading.
 */
export function decideScaling(look: Look): ScalingDecision {
  const { settings, job, reading } = look;
  const { at } = reading;
  const begun = begunAt(job, look.state.restarts);
  const before = samplesBetween(look.state.samples, begun, at);
  const state = keptState(look, before);
  if (at <= begun) return idle(state, waitingText([], begun, settings, at));
  const sampled = sampleOf(reading, job, before, settings);
  if ('missing' in sampled) {
    const names = few(sampled.missing, ', ');
    return idle(state, ['MetricsMissing', `Flink has not told yet what it reads of ${names}: nothing is worked out`]);
  }
  const samples = usefulSamples([...before, sampled.sample], job, begun, settings);
  const remembered = { ...state, samples };
  if (samples.length < 2 || job.vertices.length === 0) {
    return idle(remembered, [
      'TooFewSamples',
      'rates take two readings within job.autoscaler.metrics.window, and there is one',
    ]);
  }
  const restart = restartSeconds(state.restarts, settings);
  const vertices = evaluated({ job, reading, samples, settings, restart });
  if (isWindowFull(samples, settings)) return judged({ ...look, state: remembered, vertices, samples, restart });
  return { ...idle(remembered, waitingText(samples, begun, settings, at)), evaluated: vertices };
}

/** What is still worth remembering, before the reading is looked at. */
function keptState({ settings, job, reading, state }: Look, samples: readonly Sample[]): AutoscalerState {
  const { at } = reading;
  const history = keptHistory(state.history, job.vertices, settings, at);
  const ids = new Set(job.vertices.map(({ id }) => id));
  return {
    samples,
    history,
    restarts: keptRestarts(state.restarts, job, history, { at, settings }),
    overrides: state.overrides,
    delayed: new Map([...state.delayed].filter(([id]) => ids.has(id))),
  };
}

type Why = readonly [reason: ScalingDecision['why']['reason'], message: string];

function idle(state: AutoscalerState, [reason, message]: Why): ScalingDecision {
  return { state, evaluated: new Map(), changes: [], why: { reason, message }, notes: [] };
}

interface Evaluated extends Look {
  readonly vertices: ReadonlyMap<string, EvaluatedVertex>;
  readonly samples: readonly Sample[];
  readonly restart: number;
}

function judged(look: Evaluated): ScalingDecision {
  const { state, settings, job, reading } = look;
  const pressure = memoryPressure(look.samples, settings);
  if (pressure !== undefined) {
    return { ...idle(state, ['MemoryPressure', pressure]), evaluated: recommending(look, []) };
  }
  const targets = withoutVainCatchUp(look, targetsOf(look));
  const changes = changesOf(look, targets);
  const delayed = delayedOf(targets, state.delayed);
  const notes = [...targets.values()].flatMap((target): readonly ScalingNote[] => target.notes);
  const found = { state: { ...state, delayed }, notes };
  if (!changes.some(({ id }) => targets.get(id)?.outside === true)) {
    const why = unchanged(look, targets, found);
    return { ...idle(found.state, why), notes, evaluated: recommending(look, []) };
  }
  const answer = { ...found, evaluated: recommending(look, changes), changes };
  const overrides = overridesOf(job, changes);
  const held = heldBack(look, changes, overrides);
  if (held !== undefined) return { ...answer, why: { reason: held[0], message: held[1] } };
  const why = { reason: 'Scaling', message: `scaling ${changesText(changes)}` } as const;
  return { ...answer, state: scaled(found.state, changes, overrides, reading.at), wanted: overrides, why };
}

/** Why nothing is to be done where no vertex outside of its band can be changed now. */
function unchanged(
  { job, vertices, settings }: Evaluated,
  targets: ReadonlyMap<string, Target>,
  { state: { delayed }, notes }: Pick<ScalingDecision, 'state' | 'notes'>,
): Why {
  const short = job.vertices.filter(({ id }) => targets.get(id)?.short === true);
  if (short.length > 0) return ['AtLimit', limitText(short, vertices, notes, settings)];
  const waiting = [...delayed.values()].some(({ recommendations }) => recommendations.some(({ outside }) => outside));
  return waiting
    ? ['ScaleDownDelayed', delayedText(job, delayed, settings)]
    : ['Balanced', balancedText(job, vertices, settings)];
}

function memoryPressure(samples: readonly Sample[], { memory }: AutoscalerSettings): string | undefined {
  const gc = samples.at(-1)?.gcPressure;
  if (gc !== undefined && gc > memory.gcPressure) {
    return `a TaskManager spends ${shareText(gc)} of its time in garbage collection, more than job.autoscaler.memory.gc-pressure.threshold (${shareText(memory.gcPressure)}): give TaskManagers more memory, and scaling goes on`;
  }
  const heap = averageOf(samples.map(({ heapUsage }) => heapUsage));
  return heap !== undefined && heap > memory.heapUsage
    ? `the heap of a TaskManager is ${shareText(heap)} full on average, more than job.autoscaler.memory.heap-usage.threshold (${shareText(memory.heapUsage)}): give TaskManagers more memory, and scaling goes on`
    : undefined;
}

/** By vertex; those that are not to be scaled have none. */
function targetsOf({ job, vertices, state, settings, restart, reading }: Evaluated): ReadonlyMap<string, Target> {
  const scalable = job.vertices.filter(({ id, finished }) => !finished && !settings.excludedVertices.has(id));
  return new Map(
    scalable.flatMap((vertex): [string, Target][] => {
      const found = vertices.get(vertex.id);
      if (found === undefined) return [];
      const [history, delayed] = [state.history.get(vertex.id) ?? [], state.delayed.get(vertex.id)];
      const target = targetOf({ vertex, evaluated: found, history, delayed, settings, restart, at: reading.at });
      return [[vertex.id, target]];
    }),
  );
}

/** What a vertex at its limit keeps from being worked off is no reason to give the others more. */
function withoutVainCatchUp(look: Evaluated, targets: ReadonlyMap<string, Target>): ReadonlyMap<string, Target> {
  if (![...targets.values()].some(({ short }) => short)) return targets;
  const settings = { ...look.settings, catchUp: 0 };
  const others = targetsOf({ ...look, settings, vertices: evaluated({ ...look, settings }) });
  return new Map([...targets].map(([id, target]) => [id, target.short ? target : (others.get(id) ?? target)]));
}

function changesOf({ job, vertices }: Evaluated, targets: ReadonlyMap<string, Target>): readonly VertexChange[] {
  return job.vertices.flatMap(({ id, name, parallelism: from }): VertexChange[] => {
    const to = targets.get(id)?.parallelism ?? from;
    const { trueRate = 0, targetRate = 0 } = vertices.get(id) ?? {};
    return to === from ? [] : [{ id, name, from, to, trueRate, expectedRate: (trueRate / from) * to, targetRate }];
  });
}

/** Of vertices that are not looked at, what was there before. */
function delayedOf(
  targets: ReadonlyMap<string, Target>,
  before: ReadonlyMap<string, DelayedScaleDown>,
): ReadonlyMap<string, DelayedScaleDown> {
  const after = new Map([...before].filter(([id]) => !targets.has(id)));
  for (const [id, { delayed }] of targets) if (delayed !== undefined) after.set(id, delayed);
  return after;
}

function recommending({ vertices }: Evaluated, changes: readonly VertexChange[]): ReadonlyMap<string, EvaluatedVertex> {
  const byId = new Map(changes.map((change) => [change.id, change]));
  return new Map(
    [...vertices].map(([id, vertex]) => {
      const change = byId.get(id);
      const recommended = change?.to ?? vertex.parallelism;
      return [id, { ...vertex, recommended, expectedRate: change?.expectedRate }];
    }),
  );
}

/** Every vertex is named, so that none changes by itself when the job is started with them. */
function overridesOf({ vertices }: RunningJob, changes: readonly VertexChange[]): ReadonlyMap<string, number> {
  const to = new Map(changes.map((change) => [change.id, change.to]));
  return new Map(vertices.map(({ id, parallelism }) => [id, to.get(id) ?? parallelism]));
}

/** Why what was worked out is not done. */
function heldBack(
  { settings, reading, job, state }: Evaluated,
  changes: readonly VertexChange[],
  overrides: ReadonlyMap<string, number>,
): Why | undefined {
  const would = `would scale ${changesText(changes)}`;
  if (!settings.scalingEnabled) return ['ScalingDisabled', `${would}; job.autoscaler.scaling.enabled is false`];
  const period = periodAt(settings.excludedPeriods, settings.timeZone, reading.at);
  if (period !== undefined) {
    return ['ExcludedPeriod', `${would}; it is in a period of job.autoscaler.excluded.periods (${period.text})`];
  }
  if (overrides.size === state.overrides.size && [...overrides].every(([id, to]) => state.overrides.get(id) === to)) {
    return ['AskedAlready', `${would}, which was asked for already; the job does not yet run with it`];
  }
  const quota = beyondQuota(job, overrides, settings);
  return quota === undefined ? undefined : ['QuotaReached', `${would}, but ${quota}`];
}

/** With a scaling that was done. Its time is what later looks measure from. */
function scaled(
  state: AutoscalerState,
  changes: readonly VertexChange[],
  overrides: ReadonlyMap<string, number>,
  at: number,
): AutoscalerState {
  const history = new Map(state.history);
  for (const { id, from, to, trueRate, expectedRate } of changes) {
    history.set(id, [...(history.get(id) ?? []), { at, from, to, trueRate, expectedRate }]);
  }
  return { ...state, history, restarts: [...state.restarts, { at }], overrides, delayed: new Map() };
}
