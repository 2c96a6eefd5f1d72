import type { Policy } from '../../core/reconciler.ts';
import { isOwnedBy } from '../../kube/object.ts';
import { effectiveConf } from '../flink-conf.ts';
import { checkpointPath, haMetadata, jobOfHaConfigMap } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { upgradeModeOf } from '../upgrade.ts';
import { isSession } from '../validate-change.ts';
import { manual } from './manual.ts';

/**
 * Nothing is recorded, and yet a job of this resource runs or the state of one is there: the status was lost, as after a
 * restore from a backup. A first start would take both away, so its user must say what the job goes on from.
 */
export const unrecorded: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record !== undefined || target?.desired !== 'running' || isSession(target.spec)) return undefined;
  const says =
    upgradeModeOf(target.spec) === 'stateless' || (target.spec.job?.initialSavepointPath ?? '').trim() !== '';
  const found = says ? [] : [...runningCluster(situation), ...checkpoints(situation, target)];
  return found.length === 0
    ? undefined
    : manual(`the status does not say what was started, but ${found.join(' and ')}`);
};

function runningCluster({ resource, observed: { jobManager } }: Situation): readonly string[] {
  const own = jobManager !== undefined && isOwnedBy(jobManager, resource.metadata.uid);
  return own ? [`its JobManager Deployment ${jobManager.metadata.name} is there`] : [];
}

function checkpoints({ resource, observed, defaults }: Situation, { spec }: Target): readonly string[] {
  const { name } = resource.metadata;
  const conf = effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
  return observed.haConfigMaps.flatMap((configMap) => {
    const job = jobOfHaConfigMap(configMap);
    const { newestCheckpoint } = haMetadata(observed.haConfigMaps, name, job);
    if (job === undefined || newestCheckpoint === undefined) return [];
    const path = checkpointPath(conf, job, newestCheckpoint);
    const where = path === undefined ? '' : ` (${path})`;
    return [`high-availability data of job ${job} points to checkpoint ${newestCheckpoint}${where}`];
  });
}
