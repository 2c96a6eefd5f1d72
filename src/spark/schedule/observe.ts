import type { Reader } from '../../core/ports.ts';
import { isOwnedBy, type KubeObject } from '../../kube/object.ts';
import { SPARK_APPLICATION_KIND } from '../schema.ts';
import type { ScheduleObserved } from './observed.ts';
import { SCHEDULE_LABEL, type ScheduledSparkApplicationStatus } from './schema.ts';

/** Gathers every fact a decision about one ScheduledSparkApplication may use, from caches; no I/O of its own. */
export function observeSchedule(resource: KubeObject, read: Reader): ScheduleObserved {
  const { name, namespace = '', uid } = resource.metadata;
  const { lastRunName = '' } = (resource.status ?? {}) as ScheduledSparkApplicationStatus;
  return {
    runs: read.list(SPARK_APPLICATION_KIND, namespace, { [SCHEDULE_LABEL]: name }).filter((run) => isOwnedBy(run, uid)),
    last: lastRunName === '' ? undefined : read.get({ ...SPARK_APPLICATION_KIND, namespace, name: lastRunName }),
  };
}
