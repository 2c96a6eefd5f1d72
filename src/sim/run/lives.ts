import { liveFlink } from './flink-life.ts';
import type { Disturbance, Outcome } from './life.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { liveConnect } from './spark/connect/life.ts';
import { CONNECT_SCENARIOS } from './spark/connect/scenarios/index.ts';
import { liveSpark } from './spark/life.ts';
import { SPARK_SCENARIOS } from './spark/scenarios/index.ts';
import { liveSchedule } from './spark/schedule/life.ts';
import { SCHEDULE_SCENARIOS } from './spark/schedule/scenarios/index.ts';

/** A life of any engine. */
export interface Life {
  /** Unique; chosen by on the command line. */
  readonly name: string;
  /** Lives it from beginning to end; `calm` is the end of the undisturbed life. */
  live(disturbance: Disturbance, calm?: readonly string[]): Promise<Outcome>;
}

/** Lives of Flink clusters. */
export const FLINK_LIVES: readonly Life[] = SCENARIOS.map((scenario) => ({
  name: scenario.name,
  live: (disturbance, calm) => liveFlink(scenario, disturbance, calm),
}));

/** Lives of Spark applications. */
export const SPARK_LIVES: readonly Life[] = SPARK_SCENARIOS.map((scenario) => ({
  name: scenario.name,
  live: (disturbance, calm) => liveSpark(scenario, disturbance, calm),
}));

/** Lives of schedules and their runs. */
export const SCHEDULE_LIVES: readonly Life[] = SCHEDULE_SCENARIOS.map((scenario) => ({
  name: scenario.name,
  live: (disturbance, calm) => liveSchedule(scenario, disturbance, calm),
}));

/** Lives of Spark Connect servers. */
export const CONNECT_LIVES: readonly Life[] = CONNECT_SCENARIOS.map((scenario) => ({
  name: scenario.name,
  live: (disturbance, calm) => liveConnect(scenario, disturbance, calm),
}));

/** Every life there is. */
export const LIVES: readonly Life[] = [...FLINK_LIVES, ...SPARK_LIVES, ...SCHEDULE_LIVES, ...CONNECT_LIVES];

/** The life of a name. Throws an Error if there is none. */
export function lifeNamed(name: string): Life {
  const found = LIVES.find((life) => life.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}; --list prints them all`);
  return found;
}
