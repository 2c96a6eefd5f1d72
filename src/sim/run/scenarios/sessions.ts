import { COUNTING, type CodeRef } from '../../flink/code.ts';
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

/** Code whose operators have other uids under the second version's arguments. */
const RENAMED = {
  code: ({ args }: CodeRef) =>
    args[0] === '2' ? { vertices: [{ name: 'Source: numbers', stateful: ['renamed'] }] } : COUNTING,
};

const revert: Step = { name: 'revert', act: (stage) => stage.revert(), until: REST };

const VARIANTS: readonly Variant[] = [
  { mode: 'native', upgradeMode: 'stateless', ha: false },
  { mode: 'native', upgradeMode: 'savepoint' },
  { mode: 'native', upgradeMode: 'last-state' },
];

/** Lives of a job on a session cluster. */
export const SESSION_LIVES: readonly Scenario[] = VARIANTS.flatMap((variant) => [
  ...Object.entries(LIVES).map(([life, steps]) => session(variant, life, steps)),
  ...(variant.ha === false ? [] : [session(variant, 'JobManager crashes', [...BEGUN, crash])]),
  ...(variant.upgradeMode === 'stateless'
    ? []
    : [
        session(variant, 'operator uid changed', [...BEGUN, upgrade()], { flink: RENAMED, settlesOn: 'nothing' }),
        session(variant, 'operator uid changed, reverted', [...BEGUN, upgrade(), revert], { flink: RENAMED }),
      ]),
]);

function session(variant: Variant, life: string, steps: readonly Step[], more: Partial<Scenario> = {}): Scenario {
  const ha = variant.ha === false ? ', no HA' : '';
  return { name: `session, ${variant.upgradeMode}${ha}: ${life}`, ...sessionJob(variant), steps, ...more };
}
