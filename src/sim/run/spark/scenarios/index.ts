import type { SparkScenario } from '../scenario.ts';
import { ACCIDENT_LIVES } from './accidents.ts';
import { CAPACITY_LIVES } from './capacity.ts';
import { CLOCK_LIVES } from './clocks.ts';
import { EDIT_LIVES } from './edits.ts';
import { END_LIVES } from './ends.ts';
import { PAUSE_LIVES } from './pauses.ts';
import { POLICY_LIVES } from './policies.ts';
import { SUBMISSION_LIVES } from './submissions.ts';
import { TAKEOVER_LIVES } from './takeover.ts';

/** Every scenario of Spark there is. A topic is a file of its own; a new one is one more line here. */
export const SPARK_SCENARIOS: readonly SparkScenario[] = [
  ...POLICY_LIVES,
  ...ACCIDENT_LIVES,
  ...EDIT_LIVES,
  ...PAUSE_LIVES,
  ...END_LIVES,
  ...SUBMISSION_LIVES,
  ...TAKEOVER_LIVES,
  ...CLOCK_LIVES,
  ...CAPACITY_LIVES,
];

/** The scenario of a name. Throws an Error if there is none. */
export function sparkScenarioNamed(name: string): SparkScenario {
  const found = SPARK_SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}; --list prints them all`);
  return found;
}
