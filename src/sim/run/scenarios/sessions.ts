import type { FlinkSessionJobStatus } from '../../../flink/session-job/schema.ts';
import { COUNTING, type CodeRef, type JobCode } from '../../flink/code.ts';
import { sessionJob, type Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { afterCheckpoints, create, edit, REST, remove, resume, suspend } from './steps.ts';

/** kubectl create of the session. */
export const createSession: Step = { name: 'create the session', act: (stage) => stage.createSession(), until: REST };
const removeSession: Step = { name: 'delete the session', act: (stage) => stage.removeSession(), until: REST };
/** The container of the session's JobManager dies. */
export const crash: Step = { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST };
/** The second version of the job. */
export const upgrade = (until: Step['until'] = REST): Step => edit('new arguments', { job: { args: ['2'] } }, until);
/** A session, and a job on it that runs well. */
export const BEGUN: readonly Step[] = [createSession, create, afterCheckpoints];

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

/** The counting job, and other code under the second version's arguments. */
const second = (code: JobCode) => ({ code: ({ args }: CodeRef) => (args[0] === '2' ? code : COUNTING) });
/** Operators with other uids. */
const RENAMED = second({ vertices: [{ name: 'Source: numbers', stateful: ['renamed'] }] });

const revert: Step = { name: 'revert', act: (stage) => stage.revert(), until: REST };

const VARIANTS = [
  { mode: 'native', upgradeMode: 'stateless', ha: false },
  { mode: 'native', upgradeMode: 'savepoint' },
  { mode: 'native', upgradeMode: 'last-state' },
] as const satisfies readonly Variant[];

const options = {
  'kubernetes.operator.deployment.rollback.enabled': 'true',
  'kubernetes.operator.deployment.readiness.timeout': '60 s',
};
const ROLLED_BACK = [...BEGUN, afterCheckpoints, upgrade(), afterCheckpoints];
const OLD = { settlesOn: { args: ['1'] } } as const;
const later = edit('arguments that work', { job: { args: ['3'] } });
const isRolledBack = (stage: Stage): boolean =>
  (stage.stored()?.status as FlinkSessionJobStatus | undefined)?.lifecycleState === 'ROLLED_BACK';
const settle: Step = { name: 'go on', act: () => undefined, until: REST };
/** Fails again and again before its first checkpoint. */
const RESTARTING = second({ ...COUNTING, failsAfterMs: 3_000 });
const ENDING = second({ ...COUNTING, failsAfterMs: 3_000, noRestart: true });
const REFUSED = second({ ...COUNTING, mainFails: 'no' });

const STATELESS: Variant = { ...VARIANTS[0], options };
const SAVEPOINT: Variant = { ...VARIANTS[1], options };
const LAST_STATE: Variant = { ...VARIANTS[2], options };

/** Has one operator more, and is over in the moment it has completed a checkpoint with its state. */
const LEAVING_MORE = second({
  vertices: [...COUNTING.vertices, { name: 'Extra', stateful: ['extra'] }],
  failsAfterMs: 10_160,
  noRestart: true,
});
const isStuck = (stage: Stage): boolean =>
  (stage.stored()?.status as FlinkSessionJobStatus | undefined)?.restore?.failure !== undefined;

/** kubectl patch of the session's spec. */
export const editSession = (name: string, spec: object, until: Step['until']): Step => ({
  name,
  act: (stage) => stage.editSession(spec),
  until,
});

/** A spec of the session itself whose JobManager no node can take. */
const SESSION_ROLLED_BACK: readonly Step[] = [
  createSession,
  editSession('rollback on', { flinkConfiguration: options }, REST),
  create,
  afterCheckpoints,
  editSession('a JobManager too large', { jobManager: { resource: { cpu: 1_000 } } }, 100_000),
  settle,
];

/** Specs of session jobs and of sessions that do not become stable, and what runs instead. */
const ROLLBACK_LIVES: readonly Scenario[] = [
  ...[STATELESS, SAVEPOINT, LAST_STATE].map((variant) =>
    session(variant, 'job that fails is rolled back', ROLLED_BACK, { flink: RESTARTING, ...OLD }),
  ),
  ...[SAVEPOINT, LAST_STATE].map((variant) =>
    session(variant, 'operator uid changed, rolled back', ROLLED_BACK, { flink: RENAMED, ...OLD }),
  ),
  session(SAVEPOINT, 'main method fails, rolled back', [...ROLLED_BACK.slice(0, -2), upgrade(isRolledBack), settle], {
    flink: REFUSED,
    ...OLD,
  }),
  session(SAVEPOINT, 'edit while it is rolled back', [...ROLLED_BACK.slice(0, -2), upgrade(61_000), later], {
    flink: RESTARTING,
  }),
  session(
    { ...SAVEPOINT, job: { allowNonRestoredState: true } },
    'rollback would drop state',
    [...BEGUN, afterCheckpoints, upgrade(isStuck), settle],
    {
      flink: LEAVING_MORE,
      settlesOn: 'nothing',
      except: { end: 'seen well in the right moment, the spec counts as stable' },
    },
  ),
  session(VARIANTS[2], 'its session is rolled back', SESSION_ROLLED_BACK),
  session(LAST_STATE, 'rolled back, then arguments that work', [...ROLLED_BACK, later], { flink: ENDING }),
];

/** A session that could not recover its job is edited: that waits until the job is suspended for it. */
const HELD_LIVES: readonly Scenario[] = (['savepoint', 'last-state'] as const).map((upgradeMode) =>
  session(
    { mode: 'native', upgradeMode, ha: false },
    'its session edited, suspended for that and resumed',
    [...BEGUN, editSession('new image of the session', { image: 'jobs:2' }, 5_000), suspend(), resume],
    { starts: 2 },
  ),
);

/** Lives of a job on a session cluster. */
export const SESSION_LIVES: readonly Scenario[] = [...VARIANTS.flatMap(ordinary), ...ROLLBACK_LIVES, ...HELD_LIVES];

function ordinary(variant: Variant): readonly Scenario[] {
  return [
    ...Object.entries(LIVES).map(([life, steps]) => session(variant, life, steps)),
    ...(variant.ha === false ? [] : [session(variant, 'JobManager crashes', [...BEGUN, crash])]),
    ...(variant.upgradeMode === 'last-state'
      ? [900, 1_100].map((ms) =>
          session(variant, `JobManager crashes during upgrade, after ${ms} ms`, [...BEGUN, upgrade(ms), crash]),
        )
      : []),
    ...(variant.upgradeMode === 'stateless'
      ? []
      : [
          session(variant, 'operator uid changed', [...BEGUN, upgrade()], { flink: RENAMED, settlesOn: 'nothing' }),
          session(variant, 'operator uid changed, reverted', [...BEGUN, upgrade(), revert], { flink: RENAMED }),
        ]),
  ];
}

/** A life of a job on a session, named after its variant: `session, savepoint: <life>`. */
export function session(
  variant: Variant,
  life: string,
  steps: readonly Step[],
  more: Partial<Scenario> = {},
): Scenario {
  const ha = variant.ha === false ? ', no HA' : '';
  return { name: `session, ${variant.upgradeMode}${ha}: ${life}`, ...sessionJob(variant), steps, ...more };
}
