import type { KubeObject } from '../../kube/object.ts';
import { type Execution, partOf } from '../flink/truth.ts';
import type { FlinkWorld } from '../flink/world.ts';
import type { Simulation } from '../kube/simulation.ts';
import { judge, lastIntentWins, type Standing } from './oracles.ts';
import type { Scenario, Violation } from './scenario.ts';
import { type Intent, Stage } from './stage.ts';
import { jobOf } from './wishes.ts';
import { Witness } from './witness.ts';

/** What is found in the end that is no one resource's. */
interface Found {
  readonly left: readonly string[];
  readonly lateWrites: readonly string[];
  readonly misdeeds: readonly string[];
}

/** A resource of a life whose job is judged: where steps act, who sees what becomes of it, and what is found. */
export interface Judged {
  readonly stage: Stage;
  readonly witness: Witness;
  /** Whether what runs of it is what is wanted last. */
  met(): boolean;
  judge(found: Found): readonly Violation[];
}

/** Where a life happens. */
interface Place {
  readonly simulation: Simulation;
  readonly world: FlinkWorld;
}

const NOTHING: Found = { left: [], lateWrites: [], misdeeds: [] };

/** The resource of a scenario and, judged with it, the one beside it. */
export function judgedResource(scenario: Scenario, place: Place): Judged {
  const { resource, session, settlesOn, starts, neighbour } = scenario;
  if (neighbour === undefined) return judged({ resource, session, settlesOn, starts, isOwn: () => true }, place);
  const isNeighbours = ({ jar }: Execution): boolean =>
    jar === jobOf({ spec: neighbour.resource.spec as Intent['spec'] }).entryClass;
  const other = judged({ session, settlesOn: undefined, starts: undefined, ...neighbour, isOwn: isNeighbours }, place);
  const isOwn = (execution: Execution): boolean => !isNeighbours(execution);
  const own = judged({ resource, session, settlesOn, starts, isOwn, neighbour: other.stage }, place);
  return {
    ...own,
    met: () => own.met() && other.met(),
    judge: (found) => [...own.judge(found), ...other.judge(NOTHING)],
  };
}

interface Part {
  readonly resource: KubeObject;
  readonly session: KubeObject | undefined;
  readonly settlesOn: Scenario['settlesOn'];
  readonly starts: number | undefined;
  readonly isOwn: (execution: Execution) => boolean;
  readonly neighbour?: Stage;
}

function judged({ isOwn, ...part }: Part, { simulation, world }: Place): Judged {
  const { resource, settlesOn, starts } = part;
  const { user, skewClock } = simulation;
  const now = (): number => simulation.time.now();
  const ran = () => partOf(world.truth, isOwn);
  const witness = new Witness(user, resource, { truth: world.truth, ran, now });
  const stage = new Stage({ ...part, user, world, now, skewClock });
  const standing = (): Standing => ({
    truth: ran(),
    witness,
    intents: stage.intents,
    settlesOn,
    gone: stage.stored() === undefined,
  });
  return {
    stage,
    witness,
    met: () => lastIntentWins(standing()).length === 0,
    judge: (found) => [...judge({ ...standing(), ...found }), ...startsOf(starts, ran().executions.length)],
  };
}

function startsOf(wanted: number | undefined, found: number): readonly Violation[] {
  if (wanted === undefined || wanted === found) return [];
  return [{ rule: 'starts', text: `the job was started ${found} times, not ${wanted}` }];
}
