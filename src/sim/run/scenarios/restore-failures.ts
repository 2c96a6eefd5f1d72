import { COUNTING, type CodeRef, type JobCode } from '../../flink/code.ts';
import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, REST, scenario, UPGRADE } from './steps.ts';

const LAST_STATE: Variant = { mode: 'native', upgradeMode: 'last-state' };
const NO_HA: Variant = { ...LAST_STATE, ha: false };
const SAVEPOINT: Variant = { mode: 'native', upgradeMode: 'savepoint' };

/** Code whose operators have other uids from an image on. */
export const RENAMED = codeFrom('jobs:2', { vertices: [{ name: 'Source: numbers', stateful: ['renamed'] }] });
/** Code that reads its state in another way from an image on. */
const UNREADABLE = codeFrom('jobs:2', { ...COUNTING, serializer: 'v2' });

/** The counting job, and other code from an image on. */
export function codeFrom(image: string, code: JobCode): { readonly code: (ref: CodeRef) => JobCode } {
  return { code: (ref) => (ref.image === image ? code : COUNTING) };
}

/** Flink ends such a JobManager before 2.3. */
const OLDER: readonly Variant[] = [
  { ...LAST_STATE, flinkVersion: 'v1_20' },
  { ...SAVEPOINT, mode: 'standalone', flinkVersion: 'v1_20' },
  { ...NO_HA, flinkVersion: 'v1_20' },
];

const revert: Step = { name: 'revert', act: (stage) => stage.revert(), until: REST };
const allow: Step = edit('drop what cannot be mapped', { job: { allowNonRestoredState: true } });
const empty: Step = edit('start empty', { job: { upgradeMode: 'stateless' } });
const nowhere: Step = edit('from a path where nothing is', {
  job: { initialSavepointPath: 's3://state/savepoints/gone', savepointRedeployNonce: 1 },
});

/** Upgrades whose state Flink cannot restore, and every way out of that. */
export const RESTORE_FAILURE_LIVES: readonly Scenario[] = [
  scenario(LAST_STATE, 'operator uid changed', UPGRADE, { flink: RENAMED, settlesOn: 'nothing' }),
  scenario(LAST_STATE, 'operator uid changed and changed back', [...UPGRADE, edit('old image', { image: 'jobs:1' })], {
    flink: RENAMED,
  }),
  ...[LAST_STATE, NO_HA, SAVEPOINT].flatMap((variant) => [
    scenario(variant, 'operator uid changed, state dropped', [...UPGRADE, allow], { flink: RENAMED }),
    scenario(variant, 'operator uid changed, reverted', [...UPGRADE, revert, afterCheckpoints], { flink: RENAMED }),
    scenario(variant, 'operator uid changed, started empty', [...UPGRADE, empty], { flink: RENAMED }),
    scenario(variant, 'serializer changed, reverted', [...UPGRADE, revert, afterCheckpoints], { flink: UNREADABLE }),
  ]),
  ...OLDER.flatMap((variant) => [
    scenario(variant, 'Flink 1.20, operator uid changed', UPGRADE, { flink: RENAMED, settlesOn: 'nothing' }),
    scenario(variant, 'Flink 1.20, operator uid changed, reverted', [...UPGRADE, revert], { flink: RENAMED }),
  ]),
  scenario(
    LAST_STATE,
    'uid changed with state let go of',
    [create, afterCheckpoints, edit('new image', { image: 'jobs:2', job: { allowNonRestoredState: true } })],
    { flink: RENAMED },
  ),
  scenario(SAVEPOINT, 'no savepoint where it should be', [create, afterCheckpoints, nowhere], {
    settlesOn: 'nothing',
  }),
];
