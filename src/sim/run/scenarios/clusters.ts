import type { Variant } from '../flink-deployment.ts';
import type { Scenario } from '../scenario.ts';
import { afterCheckpoints, create, resume, scenario, suspend, UPGRADE } from './steps.ts';

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
];
