import { knownValue } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { type Condition, findCondition } from '../../kube/conditions.ts';
import { warning } from '../events.ts';
import { effectiveConf } from '../flink-conf.ts';
import type { JobFacts } from '../observed.ts';
import { jobOptions } from '../options.ts';
import { runs } from '../record.ts';
import { describeRestore } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { isWhole } from '../stability.ts';
import { recoverable } from './recover.ts';
import { firstStep, startRecord } from './start.ts';

/** A TaskManager holds the classes of a job under the names that another JobManager gave them (Flink 2.3, BlobLibraryCacheManager). */
const STALE_CLASSES = /references a different set of library BLOBs than previous registrations/;

/** How long Flink may take to come out of it by itself, as it does once a TaskManager gives its slots back. */
const PATIENCE_MS = 60_000;

/**
 * A JobManager came while TaskManagers still held the slots, and with them the classes, of the one before: Flink restarts the
 * job without end. After a while the cluster is started anew, where its state is safe.
 */
export const restartStale: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed, resource, defaults } = situation;
  if (record === undefined || !runs(record) || target === undefined) return undefined;
  if (!holdsStale(knownValue(observed.rest)?.job) || !isLong(situation, record)) return undefined;
  const conf = effectiveConf({ ...resource, spec: target.spec } as FlinkDeployment, defaults);
  if (!jobOptions(conf).jmDeploymentRecoveryEnabled) return undefined;
  const why = 'its TaskManagers hold the classes of the JobManager before';
  const restore = recoverable(situation, record, target, why);
  if (restore === undefined) return undefined;
  const change = startRecord(situation, record.spec, { ...record, firstDeployment: false, restore });
  const message = `The job restarts without end, since ${why}; starting the cluster anew ${describeRestore(restore)}`;
  return firstStep(situation, change, [warning('RecoverDeployment', message, 'Job')]);
};

function holdsStale(job: JobFacts | undefined): boolean {
  return job !== undefined && !isWhole(job) && STALE_CLASSES.test(job.exception?.stackTrace ?? '');
}

/** Neither this start nor a time in which the job was well is of late. */
function isLong({ now, status }: Situation, { timestamp }: { readonly timestamp: number }): boolean {
  const ready = findCondition((status?.conditions ?? []) as readonly Condition[], 'Ready');
  const since = ready?.status === 'False' ? Date.parse(ready.lastTransitionTime) : Number.NaN;
  return now.getTime() - Math.max(since, timestamp) >= PATIENCE_MS;
}
