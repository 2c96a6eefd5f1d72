import { COUNTING, operatorId } from '../../flink/code.ts';
import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { BEGUN, crash, session } from './sessions.ts';
import { afterCheckpoints, create, edit, newImage, REST, scenario } from './steps.ts';

const VERTICES = 'pipeline.jobvertex-parallelism-overrides';

const REACTIVE: Variant = { mode: 'standalone', upgradeMode: 'last-state', options: { 'scheduler-mode': 'reactive' } };

const parallelism = (value: number, until?: Step['until']): Step =>
  edit(`parallelism ${value}`, { job: { parallelism: value } }, until);

/** A native job whose scheduler adapts. */
const ADAPTIVE: Variant = {
  mode: 'native',
  upgradeMode: 'savepoint',
  options: { 'jobmanager.scheduler': 'adaptive', [VERTICES]: sizes(2, 2) },
};

/** Sizes of the source and of the sink. */
function sizes(source: number, sink: number): string {
  const [first, second] = COUNTING.vertices.map(({ name }) => operatorId(name));
  return `${first}:${source},${second}:${sink}`;
}

const vertices = (source: number, sink: number, until?: Step['until']): Step =>
  edit(`${source} and ${sink} tasks`, { flinkConfiguration: { [VERTICES]: sizes(source, sink) } }, until);

/** A job on a session whose scheduler adapts. */
const ON_SESSION: Variant = {
  mode: 'native',
  upgradeMode: 'savepoint',
  options: { [VERTICES]: sizes(2, 2) },
  sessionOptions: { 'jobmanager.scheduler': 'adaptive' },
};

/** Lives in which what runs is given another size. */
export const SCALING_LIVES: readonly Scenario[] = [
  scenario(
    REACTIVE,
    'reactive, scaled up and down',
    [create, afterCheckpoints, parallelism(6), afterCheckpoints, parallelism(2)],
    { starts: 1 },
  ),
  scenario(
    REACTIVE,
    'reactive, scaled by kubectl',
    [create, afterCheckpoints, edit('three TaskManagers', { taskManager: { replicas: 3 } })],
    { starts: 1 },
  ),
  scenario(REACTIVE, 'reactive, scaled back at once', [create, afterCheckpoints, parallelism(4, 300), parallelism(2)], {
    starts: 1,
  }),
  scenario(
    REACTIVE,
    'reactive, scaled during an upgrade',
    // The configuration has the size of the start, which comes before or after the edit: another start makes it the same.
    [create, afterCheckpoints, newImage(1_500), parallelism(4), edit('newest image', { image: 'jobs:3' })],
    { starts: 3 },
  ),

  scenario(
    ADAPTIVE,
    'vertices scaled up and down',
    [create, afterCheckpoints, vertices(2, 6), afterCheckpoints, vertices(1, 2)],
    { starts: 1 },
  ),
  scenario(
    ADAPTIVE,
    'JobManager crashes after vertices were scaled',
    [
      create,
      afterCheckpoints,
      vertices(4, 4),
      { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST },
    ],
    { starts: 2 },
  ),
  scenario(
    ADAPTIVE,
    'sizes of vertices taken away',
    [create, afterCheckpoints, vertices(4, 4), edit('no sizes', { flinkConfiguration: { [VERTICES]: null } })],
    { starts: 2 },
  ),
  scenario(
    { ...ADAPTIVE, options: { [VERTICES]: sizes(2, 2) } },
    'vertices scaled without the adaptive scheduler',
    [create, afterCheckpoints, vertices(4, 4)],
    { starts: 2 },
  ),
  session(ON_SESSION, 'vertices scaled up and down', [...BEGUN, vertices(2, 6), afterCheckpoints, vertices(1, 2)], {
    starts: 1,
  }),
  session(ON_SESSION, 'JobManager crashes while vertices are scaled', [...BEGUN, vertices(4, 4, 300), crash], {
    starts: 2,
  }),
];
