import type { Scenario } from '../scenario.ts';
import { BEGINNINGS } from './beginnings.ts';
import { CLOCK_LIVES } from './clocks.ts';
import { CLUSTER_LIVES } from './clusters.ts';
import { FETCHED_JAR_LIVES } from './fetched-jars.ts';
import { FINISHED_LIVES } from './finished.ts';
import { NEIGHBOUR_LIVES } from './neighbours.ts';
import { ordinaryLives } from './ordinary.ts';
import { RECOVERY_LIVES } from './recovery.ts';
import { RESTORE_FAILURE_LIVES } from './restore-failures.ts';
import { ROLLBACK_LIVES } from './rollbacks.ts';
import { SAVEPOINT_LIVES } from './savepoints.ts';
import { SCALING_LIVES } from './scaling.ts';
import { SESSION_LIVES } from './sessions.ts';
import { SNAPSHOT_LIVES } from './snapshots.ts';
import { STATELESS_ONCE_LIVES } from './stateless-once.ts';

/** Every scenario there is. A topic is a file of its own; a new one is one more line here. */
export const SCENARIOS: readonly Scenario[] = [
  ...ordinaryLives(),
  ...SAVEPOINT_LIVES,
  ...CLUSTER_LIVES,
  ...RECOVERY_LIVES,
  ...SCALING_LIVES,
  ...BEGINNINGS,
  ...SNAPSHOT_LIVES,
  ...CLOCK_LIVES,
  ...RESTORE_FAILURE_LIVES,
  ...STATELESS_ONCE_LIVES,
  ...ROLLBACK_LIVES,
  ...SESSION_LIVES,
  ...NEIGHBOUR_LIVES,
  ...FETCHED_JAR_LIVES,
  ...FINISHED_LIVES,
];

/** The scenario of a name. Throws an Error if there is none. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}; --list prints them all`);
  return found;
}
