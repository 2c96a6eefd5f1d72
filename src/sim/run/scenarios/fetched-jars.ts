import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { createSession, session } from './sessions.ts';
import { afterCheckpoints, create, edit, REST } from './steps.ts';

const jarOf = (version: number): string => `https://repo.example.com/clicks-${version}.jar`;
const newJar = (until: Step['until']): Step => edit('a new jar', { job: { jarURI: jarOf(2) } }, until);

const take: Step = {
  name: 'the new jar is not there',
  act: (stage) => stage.world.missingJars.add(jarOf(2)),
  until: 1_000,
};
const publish: Step = {
  name: 'the new jar is there',
  act: (stage) => stage.world.missingJars.delete(jarOf(2)),
  until: REST,
};

const VARIANTS: readonly Variant[] = [
  { mode: 'native', upgradeMode: 'savepoint', job: { jarURI: jarOf(1) } },
  { mode: 'native', upgradeMode: 'last-state', job: { jarURI: jarOf(1) } },
];

/** Jobs on sessions whose jar is fetched from where its URL says. */
export const FETCHED_JAR_LIVES: readonly Scenario[] = VARIANTS.flatMap((variant) => [
  session(variant, 'another jar by URL', [createSession, create, afterCheckpoints, newJar(REST)], { starts: 2 }),
  session(
    variant,
    'a jar by URL that comes late',
    [createSession, create, afterCheckpoints, take, newJar(30_000), publish],
    { starts: 2 },
  ),
]);
