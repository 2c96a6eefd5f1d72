import { type DeepPartial, merged } from '../../core/testing/merged.ts';
import { type KubeObject, type ObjectMeta, ownerReference } from '../../kube/object.ts';
import { type ApplicationState, SPARK_APPLICATION_KIND } from '../schema.ts';
import { aSparkApplication } from '../testing.ts';
import {
  SCHEDULE_KIND,
  SCHEDULE_LABEL,
  type ScheduledSparkApplication,
  type ScheduledSparkApplicationSpec,
  type ScheduledSparkApplicationStatus,
} from './schema.ts';

/** What a test wants to be different from an ordinary ScheduledSparkApplication. */
export interface ScheduleOverrides {
  readonly metadata?: DeepPartial<ObjectMeta>;
  readonly spec?: DeepPartial<ScheduledSparkApplicationSpec>;
  readonly status?: ScheduledSparkApplicationStatus;
}

const METADATA: ObjectMeta = {
  name: 'report',
  namespace: 'default',
  uid: 'schedule-uid',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { team: 'a' },
};

/** A valid schedule named default/report, every two minutes in UTC, freshly created, with the given differences. */
export function aSchedule({ metadata, spec, status }: ScheduleOverrides = {}): ScheduledSparkApplication {
  const plain: ScheduledSparkApplicationSpec = {
    schedule: '*/2 * * * *',
    timeZone: 'UTC',
    template: aSparkApplication().spec,
  };
  return {
    ...SCHEDULE_KIND,
    metadata: merged<ObjectMeta>(METADATA, metadata),
    spec: merged<ScheduledSparkApplicationSpec>(plain, spec),
    ...(status === undefined ? {} : { status }),
  };
}

/** A run of `aSchedule` in a state. */
export function aRun(name: string, state: ApplicationState, metadata: Partial<ObjectMeta> = {}): KubeObject {
  return {
    ...SPARK_APPLICATION_KIND,
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { [SCHEDULE_LABEL]: 'report' },
      ownerReferences: [ownerReference(aSchedule(), { controller: true })],
      ...metadata,
    },
    status: { applicationState: { state } },
  };
}
