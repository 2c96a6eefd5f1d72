import { sessionJob, type Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, REST, remove, resume, suspend } from './steps.ts';

const createSession: Step = { name: 'create the session', act: (stage) => stage.createSession(), until: REST };
const removeSession: Step = { name: 'delete the session', act: (stage) => stage.removeSession(), until: REST };
const crash: Step = { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST };
const upgrade = (until: Step['until'] = REST): Step => edit('new arguments', { job: { args: ['2'] } }, until);
const BEGUN = [createSession, create, afterCheckpoints];

/** Lives of every upgrade mode. */
const LIVES: Readonly<Record<string, readonly Step[]>> = {
  upgrade: [...BEGUN, upgrade()],
  'suspend and resume': [...BEGUN, suspend(), resume],
  delete: [...BEGUN, remove],
  'delete during upgrade': [...BEGUN, upgrade(900), remove],
  'edit during upgrade': [...BEGUN, upgrade(900), edit('newest arguments', { job: { args: ['3'], parallelism: 4 } })],
  'created before its session': [{ ...create, until: 5_000 }, createSession],
  'deleted with its session': [...BEGUN, { ...removeSession, until: 3_000 }, { ...remove, until: REST }],
};

const VARIANTS: readonly Variant[] = [
  { mode: 'native', upgradeMode: 'stateless', ha: false },
  { mode: 'native', upgradeMode: 'savepoint' },
  { mode: 'native', upgradeMode: 'last-state' },
];

/** Lives of a job on a session cluster. */
export const SESSION_LIVES: readonly Scenario[] = VARIANTS.flatMap((variant) =>
  Object.entries(variant.ha === false ? LIVES : { ...LIVES, 'JobManager crashes': [...BEGUN, crash] }).map(
    ([life, steps]) => ({
      name: `session, ${variant.upgradeMode}${variant.ha === false ? ', no HA' : ''}: ${life}`,
      ...sessionJob(variant),
      steps,
    }),
  ),
);
