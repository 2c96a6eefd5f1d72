import { COUNTING, type CodeRef, type JobCode } from '../../flink/code.ts';
import type { Variant } from '../flink-deployment.ts';
import type { Scenario } from '../scenario.ts';
import { afterCheckpoints, create, edit, resume, scenario, suspend, UPGRADE } from './steps.ts';

const CANCELLING: Variant = { mode: 'native', upgradeMode: 'last-state', ha: false };

/** Clusters without high availability, of other versions, and with code that changes. */
export const CLUSTER_LIVES: readonly Scenario[] = [
  scenario({ mode: 'native', upgradeMode: 'stateless', ha: false }, 'slow JobManager, upgrade', UPGRADE, {
    flink: { timing: { shutdown: 12_000 } },
  }),
  scenario(CANCELLING, 'upgrade', UPGRADE),
  scenario({ mode: 'native', upgradeMode: 'last-state' }, 'suspend', [create, afterCheckpoints, suspend()]),
  scenario(CANCELLING, 'suspend and resume', [create, afterCheckpoints, suspend(), resume]),
  scenario({ mode: 'native', upgradeMode: 'last-state', flinkVersion: 'v1_20' }, 'Flink 1.20, upgrade', UPGRADE),
  scenario({ mode: 'native', upgradeMode: 'last-state' }, 'operator uid changed', UPGRADE, {
    flink: { code: renamedFrom('jobs:2') },
    except: { I16: 'the new code cannot read the state, so the job must not run' },
  }),
  scenario(
    { mode: 'native', upgradeMode: 'last-state' },
    'operator uid changed and changed back',
    [...UPGRADE, edit('old image', { image: 'jobs:1' })],
    { flink: { code: renamedFrom('jobs:2') } },
  ),
];

/** Code whose operators have other uids from an image on. */
function renamedFrom(image: string): (ref: CodeRef) => JobCode {
  return (ref) => (ref.image === image ? { vertices: [{ name: 'Source: numbers', stateful: ['renamed'] }] } : COUNTING);
}
