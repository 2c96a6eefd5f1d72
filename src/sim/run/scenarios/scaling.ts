import { COUNTING, type JobCode, operatorId } from '../../flink/code.ts';
import { running } from '../../flink/truth.ts';
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

/** A job whose sink can do 50 records a second with each task, of which 120 come: by what is measured it gets 2, then 4, since 128 key groups are shared out alike then. */
const LOADED: JobCode = {
  vertices: COUNTING.vertices.map((vertex, index) =>
    index === 0 ? { ...vertex, perTask: 1000 } : { ...vertex, perTask: 50 },
  ),
  perSecond: 120,
};

const AUTOSCALED: Variant = {
  mode: 'native',
  upgradeMode: 'savepoint',
  job: { parallelism: 1 },
  options: {
    'jobmanager.scheduler': 'adaptive',
    'job.autoscaler.enabled': 'true',
    'job.autoscaler.metrics.window': '1 min',
    'job.autoscaler.stabilization.interval': '10 s',
    'job.autoscaler.scale-down.interval': '1 h',
    'job.autoscaler.restart.time': '1 s',
    'job.autoscaler.utilization.max': '0.9',
  },
};

/** What an autoscaler has learnt is stored now and then, whatever happens. */
const EXCEPT = { I9: 'an autoscaler stores what it measures every five minutes' } as const;

const scaled: Step = {
  name: 'until it is scaled',
  act: () => undefined,
  until: ({ world }) => running(world.truth).some(({ parallelism }) => parallelism > 2),
};

const untilRest: Step = { name: 'run on', act: () => undefined, until: REST };

/** Lives in which what runs is given another size. */
export const SCALING_LIVES: readonly Scenario[] = [
  scenario(AUTOSCALED, 'scaled by what is measured', [create, scaled, scaled, untilRest], {
    flink: { code: () => LOADED },
    settlesOn: { image: 'jobs:1', parallelism: 4 },
    starts: 1,
    except: EXCEPT,
  }),
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
  session(
    { ...AUTOSCALED, sessionOptions: { 'jobmanager.scheduler': 'adaptive' } },
    'scaled by what is measured',
    [...BEGUN, scaled, scaled, untilRest],
    {
      flink: { code: () => LOADED },
      settlesOn: { args: ['1'], parallelism: 4 },
      starts: 1,
      except: EXCEPT,
    },
  ),
  session(ON_SESSION, 'vertices scaled up and down', [...BEGUN, vertices(2, 6), afterCheckpoints, vertices(1, 2)], {
    starts: 1,
  }),
  session(ON_SESSION, 'JobManager crashes while vertices are scaled', [...BEGUN, vertices(4, 4, 300), crash], {
    starts: 2,
  }),
];
