import type { ScheduleScenario } from '../scenario.ts';
import { HISTORY_LIVES } from './histories.ts';
import { CONCURRENCY_LIVES } from './policies.ts';
import { SCHEDULE_TAKEOVER_LIVES } from './takeover.ts';
import { TIME_LIVES } from './times.ts';
import { WISH_LIVES } from './wishes.ts';

/** Every scenario of a ScheduledSparkApplication there is. */
export const SCHEDULE_SCENARIOS: readonly ScheduleScenario[] = [
  ...CONCURRENCY_LIVES,
  ...TIME_LIVES,
  ...HISTORY_LIVES,
  ...WISH_LIVES,
  ...SCHEDULE_TAKEOVER_LIVES,
];

/** The scenario of a name. Throws an Error if there is none. */
export function scheduleScenarioNamed(name: string): ScheduleScenario {
  const found = SCHEDULE_SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}; --list prints them all`);
  return found;
}
