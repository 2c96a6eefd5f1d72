import type { Probe, Reader } from '../../core/ports.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { autoscalerMapOf } from '../observe.ts';
import type { JobManagerAnswer } from '../observed.ts';
import { dependantsFor, snapshotsOf } from '../snapshot/observe.ts';
import type { Observed } from './observed.ts';
import { readSessionJobRecord } from './record.ts';
import { type FlinkSessionJobStatus, SESSION_KIND, sessionNameOf } from './schema.ts';

/** Gathers every fact a decision about one FlinkSessionJob may use, from caches and the probe; no I/O of its own. */
export function observe(resource: KubeObject, read: Reader, probe: Probe<JobManagerAnswer>): Observed {
  return {
    session: sessionOf(resource, read),
    rest: probe.latest(keyOf(resource.metadata)),
    snapshots: snapshotsOf(resource, read),
    ...dependantsFor(resource, read),
    autoscalerMap: autoscalerMapOf(resource, read),
  };
}

/** The session a job was last submitted to, else the one its spec names; undefined while that does not exist. */
export function sessionOf(resource: KubeObject, read: Reader): KubeObject | undefined {
  const record = readSessionJobRecord(resource.status as FlinkSessionJobStatus | undefined);
  const name = record?.spec.deploymentName ?? sessionNameOf(resource);
  const { namespace = '' } = resource.metadata;
  return name === undefined ? undefined : read.get({ ...SESSION_KIND, namespace, name });
}
