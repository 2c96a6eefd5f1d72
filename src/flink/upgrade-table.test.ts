import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import type { Observed } from './observed.ts';
import type { UpgradeMode } from './schema.ts';
import type { CheckpointFacts } from './snapshot-facts.ts';
import { CHECKPOINT_7, checkpoints, edited, FOLDERS, HA, seen, snapshot } from './testing/edited.ts';
import { answer, child, type Given, job, jobManager, NOW, plan } from './testing/pass.ts';

/*
 * The decision table of the Flink Kubernetes Operator 1.15 (AbstractJobReconciler.getJobUpgrade, ApplicationReconciler), one
 * test for each of its cells. What Weir decides otherwise says so.
 */

type Options = Readonly<Record<string, string>>;
type Seen = Partial<Observed>;

const UPGRADE = 'kubernetes.operator.job.upgrade';
const NO_FALLBACK = { [`${UPGRADE}.last-state-fallback.enabled`]: 'false' };
const CANCELS = { [`${UPGRADE}.last-state.job-cancel.enabled`]: 'true' };
const MAX_AGE = { [`${UPGRADE}.last-state.max.allowed.checkpoint.age`]: '1 min' };
const { 'state.checkpoints.dir': ONLY_CHECKPOINTS } = FOLDERS;

const HA_DATA: Seen = { haConfigMaps: CHECKPOINT_7 };
const SILENT: Seen = { jobManager, rest: unknown('no answer') };
const GONE: Seen = { rest: unknown('no answer') };
const CRASHING: Seen = {
  ...SILENT,
  pods: [
    child(
      'Pod',
      'orders-1',
      { labels: { component: 'jobmanager' } },
      { status: { containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CrashLoopBackOff' } } }] } },
    ),
  ],
};
const NEVER_UP: Seen = {
  jobManager: child(
    'Deployment',
    'orders',
    { creationTimestamp: '2026-02-03T04:00:00Z' },
    { status: { conditions: [{ type: 'Available', status: 'False', lastTransitionTime: '2026-02-03T04:00:01Z' }] } },
  ),
  rest: unknown('no answer'),
};

/** What an edit of the parallelism comes to, in a word and with why Flink is asked to stop the job. */
function outcome({ because, status }: FlinkPlan): string {
  const { stopping, restore, reconciliationStatus } = status ?? {};
  if (stopping !== undefined) return `${stopping.by}: ${stopping.why}`;
  if (reconciliationStatus?.state !== 'UPGRADING') return because;
  return restore?.mode === 'savepoint' ? `from ${restore.path}` : String(restore?.mode);
}

function decided(mode: UpgradeMode, options: Options, observed: Seen, more: Partial<Given> = {}): string {
  const given = edited(mode, options);
  return outcome(plan({ ...given, ...more, spec: { ...given.spec, ...more.spec }, observed }));
}

const ended = (state: 'CANCELED' | 'FAILED' | 'FINISHED', facts: Partial<CheckpointFacts> = {}): Seen =>
  seen(state, { checkpoints: checkpoints(facts) });
const NEWEST = { checkpoint: snapshot(7) };
const CHK_7 = `from ${snapshot(7).path}`;
const NEXT_VERSION: Partial<Given> = { spec: { flinkVersion: 'v2_1' } };
const VERSIONS = 'flinkVersion changes, and high-availability data is readable only by the version that wrote it';
const NO_DATA = 'there is no high-availability data';

describe('an upgrade in mode stateless (row 1)', () => {
  it.each<[string, Seen]>([
    ['of a job that runs', { ...seen('RUNNING'), ...HA_DATA }],
    ['of a job that has ended', ended('FINISHED', NEWEST)],
    ['of a job whose JobManager does not answer', SILENT],
  ])('%s starts empty', (_what, observed) => {
    expect(decided('stateless', HA, observed)).toBe('stateless');
  });
});

describe('an upgrade of a job that has ended (row 2)', () => {
  it.each<[string, Seen, string]>([
    ['CANCELED', { ...ended('CANCELED', NEWEST), ...HA_DATA }, CHK_7],
    ['FAILED, without high-availability data', ended('FAILED', NEWEST), CHK_7],
    ['FAILED, with data and a JobManager that answers', { ...ended('FAILED', NEWEST), ...HA_DATA }, CHK_7],
    ['FINISHED, its checkpoints gone with it', ended('FINISHED', NEWEST), 'ManualRestoreRequired'],
  ])('%s', (_what, observed, expected) => {
    expect(decided('last-state', HA, observed)).toBe(expected);
    expect(decided('savepoint', HA, observed)).toBe(expected);
  });

  it('FINISHED, its checkpoints gone with it, runs again from the beginning only when its user asks for that (differs)', () => {
    const again = { spec: { restartNonce: 1 } };
    expect(decided('last-state', HA, ended('FINISHED', NEWEST), again)).toBe('stateless');
    expect(decided('savepoint', HA, ended('FINISHED', NEWEST), again)).toBe('stateless');
    expect(decided('last-state', HA, ended('CANCELED', NEWEST), again)).toBe(CHK_7);
    const gone = { status: { jobStatus: { state: 'FINISHED' } }, ...again } as const;
    expect(decided('last-state', HA, GONE, gone)).toBe('ManualRestoreRequired');
  });

  it('FINISHED, with a savepoint, goes on from that whatever was asked for', () => {
    const savepoint = { ...snapshot(5, { path: 's3://b/savepoints/5' }), kind: 'savepoint' as const };
    const seenSavepoint = ended('FINISHED', { ...NEWEST, savepoint });
    expect(decided('last-state', HA, seenSavepoint, { spec: { restartNonce: 1 } })).toBe('from s3://b/savepoints/5');
  });

  it.each<[string, 'FAILED' | 'FINISHED', Seen, string]>([
    ['FAILED, its JobManager gone, its high-availability data not', 'FAILED', { ...GONE, ...HA_DATA }, 'last-state'],
    ['FAILED, its JobManager and the data gone', 'FAILED', GONE, 'ManualRestoreRequired'],
    [
      'FINISHED, its JobManager gone (differs: nothing is processed twice)',
      'FINISHED',
      { ...GONE, ...HA_DATA },
      'ManualRestoreRequired',
    ],
  ])('%s', (_what, state, observed, expected) => {
    expect(decided('last-state', HA, observed, { status: { jobStatus: { state } } })).toBe(expected);
  });
});

it.each<[UpgradeMode]>([['last-state'], ['savepoint']])(
  'a job that is CANCELLING is waited for, in mode %s (row 3)',
  (mode) => {
    expect(decided(mode, HA, { ...seen('CANCELLING'), ...HA_DATA })).toBe('WaitingForJob');
  },
);

describe('an upgrade in mode savepoint', () => {
  it.each<[string, Options, Seen, Partial<Given>, string]>([
    ['RUNNING (row 4)', HA, { ...seen('RUNNING'), ...HA_DATA }, {}, 'savepoint: upgradeMode is savepoint'],
    [
      'not RUNNING, the version changes (row 5)',
      { ...HA, ...NO_FALLBACK },
      seen('RESTARTING'),
      NEXT_VERSION,
      `cancel: ${VERSIONS}`,
    ],
    ['not RUNNING, with data (row 5)', HA, { ...seen('RESTARTING'), ...HA_DATA }, {}, 'last-state'],
    ['not RUNNING, without data (row 5)', FOLDERS, seen('RESTARTING'), {}, `cancel: ${NO_DATA}`],
    [
      'not RUNNING, without fallback (row 6)',
      { ...HA, ...NO_FALLBACK },
      { ...seen('RESTARTING'), ...HA_DATA },
      {},
      'WaitingForJob',
    ],
  ])('%s', (_what, options, observed, more, expected) => {
    expect(decided('savepoint', options, observed, more)).toBe(expected);
  });

  it('lets a JobManager that is missing be made again while it waits (row 6)', () => {
    const waits = plan({ ...edited('savepoint', { ...HA, ...NO_FALLBACK }), observed: { ...GONE, ...HA_DATA } });
    expect(waits.events.map(({ reason }) => reason)).toContain('RecoverDeployment');
  });
});

describe('an upgrade in mode last-state to another version of Flink', () => {
  const onlyCheckpoints = { ...HA, 'state.checkpoints.dir': ONLY_CHECKPOINTS, 'state.savepoints.dir': '' };

  it.each<[string, Options, Seen, string]>([
    ['RUNNING, with a folder for savepoints (row 7)', HA, { ...seen('RUNNING'), ...HA_DATA }, `savepoint: ${VERSIONS}`],
    ['RUNNING, without one (row 8)', onlyCheckpoints, { ...seen('RUNNING'), ...HA_DATA }, `cancel: ${VERSIONS}`],
    ['RESTARTING (row 8)', HA, { ...seen('RESTARTING'), ...HA_DATA }, `cancel: ${VERSIONS}`],
    ['a JobManager that does not answer (row 9)', HA, { ...SILENT, ...HA_DATA }, 'WaitingForJob'],
  ])('%s', (_what, options, observed, expected) => {
    expect(decided('last-state', options, observed, NEXT_VERSION)).toBe(expected);
  });
});

describe('an upgrade in mode last-state', () => {
  const old = snapshot(7, { completedAt: NOW.getTime() - 120_000 });
  const pending = [{ id: 8, kind: 'checkpoint', triggeredAt: NOW.getTime() - 1000 }] as const;
  const running = (facts: Partial<CheckpointFacts>): Seen => ({
    ...seen('RUNNING', { checkpoints: checkpoints(facts) }),
    ...HA_DATA,
  });

  it.each<[string, Options, Seen, string]>([
    ['RUNNING, with data (row 10)', HA, { ...seen('RUNNING'), ...HA_DATA }, 'last-state'],
    ['RUNNING, without data (row 10)', FOLDERS, seen('RUNNING'), `cancel: ${NO_DATA}`],
    [
      'RUNNING, to be cancelled (row 10)',
      { ...HA, ...CANCELS },
      { ...seen('RUNNING'), ...HA_DATA },
      'cancel: last-state.job-cancel.enabled is set',
    ],
    ['RUNNING, its checkpoint young enough (row 10)', { ...HA, ...MAX_AGE }, running(NEWEST), 'last-state'],
    [
      'RUNNING, one under way young enough (row 10)',
      { ...HA, ...MAX_AGE },
      running({ checkpoint: old, inProgress: pending }),
      'WaitingForCheckpoint',
    ],
    [
      'RUNNING, its checkpoint too old (row 10)',
      { ...HA, ...MAX_AGE },
      running({ checkpoint: old }),
      'savepoint: the newest checkpoint is older than last-state.max.allowed.checkpoint.age',
    ],
    [
      'RESTARTING, to be cancelled (row 11)',
      { ...HA, ...CANCELS },
      { ...seen('RESTARTING'), ...HA_DATA },
      'cancel: last-state.job-cancel.enabled is set',
    ],
    ['RESTARTING, without data (row 11)', FOLDERS, seen('RESTARTING'), `cancel: ${NO_DATA}`],
    ['RESTARTING, with data (row 12)', HA, { ...seen('RESTARTING'), ...HA_DATA }, 'last-state'],
    ['a JobManager that does not answer, with data (row 12)', HA, { ...SILENT, ...HA_DATA }, 'last-state'],
    ['a JobManager that never came up (row 12)', FOLDERS, NEVER_UP, 'from s3://b/savepoints/1'],
    ['a JobManager that is missing, without data (row 12)', FOLDERS, GONE, 'ManualRestoreRequired'],
    ['a JobManager that cannot come up, without data (row 12)', FOLDERS, CRASHING, 'ManualRestoreRequired'],
    ['a JobManager that does not answer, without data (row 12)', FOLDERS, SILENT, 'WaitingForJob'],
  ])('%s', (_what, options, observed, expected) => {
    const status = { jobStatus: { upgradeSavepointPath: 's3://b/savepoints/1' } };
    expect(decided('last-state', options, observed, { status })).toBe(expected);
  });

  it('started a moment ago, whatever the age of its checkpoint (row 10)', () => {
    const started = job({ startTime: NOW.getTime() - 1000 });
    const rest = answer(started, { checkpoints: checkpoints({ checkpoint: old }) });
    expect(decided('last-state', { ...HA, ...MAX_AGE }, { jobManager, rest, ...HA_DATA })).toBe('last-state');
  });

  it.each<[string, Seen, string]>([
    ['a job that lives is cancelled (row 12)', { ...seen('RUNNING'), ...HA_DATA }, 'cancel: high availability changes'],
    ['a JobManager that does not answer is waited for (row 12)', { ...SILENT, ...HA_DATA }, 'WaitingForJob'],
  ])('that switches high availability off: %s', (_what, observed, expected) => {
    const off = { spec: { flinkConfiguration: FOLDERS } };
    expect(decided('last-state', HA, observed, off)).toBe(expected);
  });
});
