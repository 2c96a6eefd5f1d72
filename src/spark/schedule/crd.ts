import { customResource } from '../../kube/crd.ts';
import type { KubeObject } from '../../kube/object.ts';
import { API_APPROVED, CONDITION_COLUMNS } from '../crd.ts';
import { SPARK_GROUP } from '../schema.ts';
import { ScheduledSparkApplicationSpec, ScheduledSparkApplicationStatus } from './schema.ts';

/** The CRD of ScheduledSparkApplication: names, columns and subresources as the incumbent has them, further columns behind. */
export function scheduledSparkApplicationCrd(): KubeObject {
  return customResource({
    group: SPARK_GROUP,
    version: 'v1beta2',
    kind: 'ScheduledSparkApplication',
    plural: 'scheduledsparkapplications',
    shortNames: ['scheduledsparkapp'],
    description: 'SparkApplications that are run by the clock.',
    annotations: API_APPROVED,
    spec: ScheduledSparkApplicationSpec.meta({ description: 'What is wanted.' }),
    status: ScheduledSparkApplicationStatus.meta({ description: 'What there is; written by the operator.' }),
    columns: [
      { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' },
      { name: 'Suspend', type: 'string', jsonPath: '.spec.suspend' },
      { name: 'Last Run', type: 'date', jsonPath: '.status.lastRun' },
      { name: 'Last Run Name', type: 'string', jsonPath: '.status.lastRunName' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ...CONDITION_COLUMNS,
      { name: 'Time Zone', type: 'string', jsonPath: '.spec.timeZone', wide: true },
      { name: 'Next Run', type: 'string', jsonPath: '.status.nextRun', wide: true },
    ],
  });
}
