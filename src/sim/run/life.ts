import type { Fault } from '../kube/faults.ts';
import type { Simulation } from '../kube/simulation.ts';
import { bounded } from './bounds.ts';
import type { Counts } from './plan.ts';
import type { Rule, Step, Violation } from './scenario.ts';

/** What a life came to. */
export interface Outcome {
  readonly violations: readonly Violation[];
  /** What there is in the end, as text lines that two runs to the same end share. */
  readonly end: readonly string[];
  /** Uses of the operator's doors until it had come to rest. */
  readonly counts: Counts;
  /** The last lines of what happened, for people. */
  readonly log: readonly string[];
}

/** How a life differs from an ordinary one. */
export interface Disturbance {
  readonly seed?: number;
  readonly faults?: readonly Fault[];
}

/** A life of any engine, ready to be lived. */
export interface Staging<Stage> {
  readonly simulation: Simulation;
  /** Where its steps act. */
  readonly stage: Stage;
  readonly steps: readonly Step<Stage>[];
  /** Rules that do not hold in it, with the reason. */
  readonly except: Readonly<Partial<Record<Rule, string>>>;
  /** Changes so far that matter to whether all is at rest. */
  changes(): number;
  /** Whether what really runs is what is wanted last. */
  met(): boolean;
  /** What is found wrong once all is over, and what there is then. `lateWrites` are writes of the operator at rest. */
  verdict(lateWrites: readonly string[]): Pick<Outcome, 'violations' | 'end'>;
}

/** Time without a change after which a cluster is at rest, and the longest it may take to get there. */
const REST = { stepMs: 1_000, quietMs: 20_000, limitMs: 900_000 };

/** The same where an event was missed: only the next list, a minute later, tells what it was. */
const QUIET_AFTER_MISS_MS = 80_000;

/**
 * How long after the last step or fault what really runs may still differ from what is wanted: two of the intervals at which
 * the Flink operator looks at every resource (kubernetes.operator.reconcile.interval, 60 s).
 */
const CONVERGED_MS = 120_000;

/** Faults may strike up to the last use of a door: their effects may take this long. */
const HEAL_MS = 30_000;

/** How long it is watched at rest: nothing may be written then. */
const WATCHED_MS = 60_000;

/** Bookmarks that are on their way to every watch in that very moment are timers of the server, not what is held. */
async function held(simulation: Simulation): Promise<readonly Violation[]> {
  if (bounded(simulation).length === 0) return [];
  await simulation.advance(ON_THEIR_WAY_MS);
  return bounded(simulation);
}

const ON_THEIR_WAY_MS = 50;

/** Lives a life from beginning to end; `calm` is the end of the undisturbed one. Never rejects for what the operator does. */
export async function live<Stage>(
  staging: Staging<Stage>,
  { faults = [] }: Disturbance,
  calm?: readonly string[],
): Promise<Outcome> {
  const { simulation, except } = staging;
  const missed = faults.some(({ at, fault }) => at === 'event' && fault.kind === 'missed');
  const unsettled = await play(staging, missed ? QUIET_AFTER_MISS_MS : REST.quietMs);
  const counts = { ...simulation.counts, restEffects: [...simulation.restEffects] };
  await simulation.advance(HEAL_MS);
  const { write } = { ...simulation.counts };
  await simulation.advance(WATCHED_MS);
  const { violations: found, end } = staging.verdict(lateOf(simulation, write));
  const violations = [...unsettled, ...found, ...(await held(simulation)), ...difference(end, calm)];
  const excepted = violations.filter(({ rule }) => except[rule] === undefined);
  const log = simulation.log.slice(-60).map(({ at, door, text }) => `${at} ${door}: ${text}`);
  return { violations: excepted, end, counts, log };
}

/** Takes each step and waits as it says; what does not come to rest is a violation, and the life goes on. */
async function play<Stage>(staging: Staging<Stage>, quietMs: number): Promise<readonly Violation[]> {
  const { simulation, stage, steps } = staging;
  const violations: Violation[] = [];
  let [actedMs, unmetMs] = [0, 0];
  simulation.operator.start();
  for (const { name, act, until } of steps) {
    actedMs = simulation.time.monotonic();
    act(stage);
    if (typeof until === 'function') await once(simulation, () => until(stage));
    else if (until !== 'rest') await simulation.advance(until);
    else {
      const rest = await rested(staging, quietMs);
      unmetMs = rest.unmetMs;
      if (!rest.reached) violations.push({ rule: 'I8', text: `does not come to rest after: ${name}` });
    }
  }
  return [...violations, ...(await converged(staging, { actedMs, unmetMs }))];
}

/** Waits until what runs is what is wanted; that this took too long after the last step and the last fault is a violation. */
async function converged<Stage>(
  { simulation, met }: Staging<Stage>,
  last: { readonly actedMs: number; readonly unmetMs: number },
): Promise<readonly Violation[]> {
  let { unmetMs } = last;
  for (let waited = 0; waited < 2 * CONVERGED_MS && !met(); waited += REST.stepMs) {
    await simulation.advance(REST.stepMs);
    unmetMs = simulation.time.monotonic();
  }
  const tookMs = unmetMs - Math.max(last.actedMs, simulation.disturbedUntil);
  const text = `what runs was not what is wanted until ${tookMs / 1000} s after the last disturbance`;
  return tookMs > CONVERGED_MS ? [{ rule: 'I8', text }] : [];
}

/** How often a condition is looked at, and how long at most. */
const CONDITION = { stepMs: 100, limitMs: 120_000 };

async function once({ advance }: Simulation, holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < CONDITION.limitMs && !holds(); waited += CONDITION.stepMs) {
    await advance(CONDITION.stepMs);
  }
}

/** Whether it came to rest, and when last what ran was not what is wanted. */
async function rested<Stage>(
  { simulation, changes, met }: Staging<Stage>,
  quietMs: number,
): Promise<{ readonly reached: boolean; readonly unmetMs: number }> {
  const { time } = simulation;
  let unmetMs = 0;
  let quietSince = time.monotonic();
  let before = '';
  const deadline = quietSince + REST.limitMs;
  while (time.monotonic() < deadline) {
    if (!met()) unmetMs = time.monotonic();
    await simulation.advance(REST.stepMs);
    const mark = `${changes()} ${simulation.counts.write} ${simulation.operator.alive}`;
    if (mark !== before) quietSince = time.monotonic();
    before = mark;
    if (simulation.operator.alive && time.monotonic() - quietSince >= quietMs) return { reached: true, unmetMs };
  }
  return { reached: false, unmetMs };
}

function lateOf({ counts, log }: Simulation, before: number): readonly string[] {
  if (counts.write === before) return [];
  return log
    .filter(({ door }) => door.startsWith('write ') && Number(door.slice(6)) > before)
    .map(({ door, text }) => `at rest, ${door}: ${text}`);
}

function difference(end: readonly string[], calm: readonly string[] | undefined): readonly Violation[] {
  if (calm === undefined) return [];
  const surplus = end.filter((line) => !calm.includes(line));
  const missing = calm.filter((line) => !end.includes(line));
  const count = end.length === calm.length ? [] : [`${end.length} objects instead of ${calm.length}`];
  const [more, less] = [surplus[0], missing[0]];
  const first = more !== undefined && less !== undefined ? [firstDifference(less, more)] : [...surplus, ...missing];
  return [...count, ...first].slice(0, 2).map((text) => ({ rule: 'end', text: text.slice(0, 400) }));
}

/** Where two texts part, with a little of what is before. */
function firstDifference(calm: string, end: string): string {
  let at = 0;
  while (at < calm.length && calm[at] === end[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${calm.slice(from, at + 80)}… became …${end.slice(from, at + 80)}…`;
}
