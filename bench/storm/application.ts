import type { FlinkDeployment } from '../../src/flink/schema.ts';
import { flinkApplication } from '../objects.ts';

/** How a job is brought from one spec to the next. */
export type StormMode = 'last-state' | 'savepoint';

const STATE = { 'state.checkpoints.dir': 'file:/state/checkpoints', 'state.savepoints.dir': 'file:/state/savepoints' };
const OPTIONS: Readonly<Record<StormMode, object>> = {
  'last-state': { ...STATE, 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 'file:/state/ha' },
  savepoint: STATE,
};

/** An application cluster that keeps its state in this way, its JobManager on `restPort`. */
export function stormApplication(name: string, mode: StormMode, restPort: number): FlinkDeployment {
  const base = flinkApplication(name, restPort);
  const { job, flinkConfiguration } = base.spec;
  return {
    ...base,
    spec: {
      ...base.spec,
      flinkConfiguration: { ...flinkConfiguration, ...OPTIONS[mode] },
      job: { ...job, upgradeMode: mode },
    },
  };
}
