import type { Access } from '../../core/reconciler.ts';
import { createFlinkReconciler, FLINK_ACCESS, type FlinkReconciler } from '../../flink/controller.ts';
import { FLINK_API_VERSION } from '../../flink/schema.ts';
import { SESSION_JOB_ACCESS } from '../../flink/session-job/controller.ts';
import { createSnapshotReconciler, SNAPSHOT_ACCESS } from '../../flink/snapshot/controller.ts';
import { createController } from '../../runtime/controller.ts';
import { flinkProcesses } from '../flink/flink.ts';
import { FlinkWorld } from '../flink/world.ts';
import type { Fault } from '../kube/faults.ts';
import type { OperatorParts } from '../kube/operator-life.ts';
import { createSimulation, type Simulation } from '../kube/simulation.ts';
import { clusterObjects, endState } from './end-state.ts';
import { judge } from './oracles.ts';
import type { Counts } from './plan.ts';
import type { Scenario, Violation } from './scenario.ts';
import { Stage } from './stage.ts';
import { Witness } from './witness.ts';

/** What a life came to. */
export interface Outcome {
  readonly violations: readonly Violation[];
  /** See endState. */
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
  /** Changes the reconciler: a planted bug that the oracles must find. */
  readonly mutate?: (reconciler: FlinkReconciler) => FlinkReconciler;
}

const ACCESS: readonly Access[] = [
  ...FLINK_ACCESS,
  ...SESSION_JOB_ACCESS,
  ...SNAPSHOT_ACCESS,
  { group: '', resources: ['events'], verbs: ['create', 'patch'], why: 'tell what was done and why' },
];

const KINDS = ['FlinkDeployment', 'FlinkSessionJob', 'FlinkStateSnapshot'].map((kind) => ({
  apiVersion: FLINK_API_VERSION,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
}));

/** Time without a change after which a cluster is at rest, and the longest it may take to get there. */
const REST = { stepMs: 1_000, quietMs: 20_000, limitMs: 900_000 };

/** The same where an event was missed: only the next list, a minute later, tells what it was. */
const QUIET_AFTER_MISS_MS = 80_000;

/** Faults may strike up to the last use of a door: their effects may take this long. */
const HEAL_MS = 30_000;

/** How long it is watched at rest: nothing may be written then. */
const WATCHED_MS = 60_000;

/** The operator's own configuration, and how often it asks JobManagers, in milliseconds. */
const DEFAULTS = { flinkConfiguration: {} };
const PROBE = { fast: 500, slow: 10_000 };

/** Lives a scenario from beginning to end; `calm` is the end of the undisturbed life. Never rejects for what the operator does. */
export async function live(
  scenario: Scenario,
  disturbance: Disturbance = {},
  calm?: readonly string[],
): Promise<Outcome> {
  const world = new FlinkWorld(scenario.flink);
  const simulation = createSimulation({
    seed: disturbance.seed ?? 1,
    kinds: KINDS,
    access: ACCESS,
    controllers: (parts) => [flinkController(parts, disturbance), snapshotController(parts)],
    startProcess: flinkProcesses(world),
    faults: disturbance.faults ?? [],
  });
  const now = (): number => simulation.time.now();
  const witness = new Witness(simulation.user, world.truth, now);
  const { user, skewClock } = simulation;
  const stage = new Stage({ user, world, resource: scenario.resource, now, skewClock });
  const missed = disturbance.faults?.some(({ at, fault }) => at === 'event' && fault.kind === 'missed') === true;
  const quietMs = missed ? QUIET_AFTER_MISS_MS : REST.quietMs;
  const unsettled = await play(scenario, simulation, { stage, witness, quietMs });
  const counts = { ...simulation.counts, restEffects: [...simulation.restEffects] };
  await simulation.advance(HEAL_MS);
  const { write } = { ...simulation.counts };
  await simulation.advance(WATCHED_MS);
  const lateWrites = lateOf(simulation, write);
  const objects = clusterObjects(simulation.user, 'default');
  const end = endState(objects);
  const left = objects.filter(({ kind }) => kind !== 'FlinkDeployment');
  const found = judge({
    truth: world.truth,
    witness,
    intents: stage.intents,
    gone: stage.deployment() === undefined,
    left: left.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    lateWrites,
    misdeeds: [...simulation.violations, ...witness.foreignTouched],
  });
  const started = startsOf(scenario, world.truth.executions.length);
  const violations = [...unsettled, ...found, ...started, ...difference(end, calm)];
  const excepted = violations.filter(({ rule }) => scenario.except?.[rule] === undefined);
  const log = simulation.log.slice(-60).map(({ at, door, text }) => `${at} ${door}: ${text}`);
  return { violations: excepted, end, counts, log };
}

function flinkController(parts: OperatorParts, { mutate = (same) => same }: Disturbance) {
  const reconciler = createFlinkReconciler({ http: parts.http, defaults: () => DEFAULTS, probe: PROBE });
  return createController({ ...parts, reconciler: mutate(reconciler) });
}

function snapshotController(parts: OperatorParts) {
  const reconciler = createSnapshotReconciler({ http: parts.http, defaults: () => DEFAULTS, probeMs: PROBE.fast });
  return createController({ ...parts, reconciler });
}

/** Takes each step and waits as it says; what does not come to rest is a violation, and the life goes on. */
async function play(
  { steps }: Scenario,
  simulation: Simulation,
  audience: { readonly stage: Stage; readonly witness: Witness; readonly quietMs: number },
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  simulation.operator.start();
  for (const { name, act, until } of steps) {
    act(audience.stage);
    if (until !== 'rest') await simulation.advance(until);
    else if (!(await rested(simulation, audience))) {
      violations.push({ rule: 'I8', text: `does not come to rest after: ${name}` });
    }
  }
  return violations;
}

async function rested(
  simulation: Simulation,
  { witness, quietMs }: { readonly witness: Witness; readonly quietMs: number },
): Promise<boolean> {
  let quietSince = simulation.time.now();
  let before = '';
  const deadline = quietSince + REST.limitMs;
  while (simulation.time.now() < deadline) {
    await simulation.advance(REST.stepMs);
    const mark = `${witness.changes} ${simulation.counts.write} ${simulation.operator.alive}`;
    if (mark !== before) quietSince = simulation.time.now();
    before = mark;
    if (simulation.operator.alive && simulation.time.now() - quietSince >= quietMs) return true;
  }
  return false;
}

function lateOf({ counts, log }: Simulation, before: number): readonly string[] {
  if (counts.write === before) return [];
  return log
    .filter(({ door }) => door.startsWith('write ') && Number(door.slice(6)) > before)
    .map(({ door, text }) => `at rest, ${door}: ${text}`);
}

function startsOf({ starts }: Scenario, found: number): readonly Violation[] {
  if (starts === undefined || starts === found) return [];
  return [{ rule: 'starts', text: `the job was started ${found} times, not ${starts}` }];
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
