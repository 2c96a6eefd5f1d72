import type { Admission } from '../../core/admission.ts';
import type { KubeObject } from '../../kube/object.ts';
import { scheduleWarnings } from './notices.ts';
import { UNSEEN } from './observed.ts';
import { parseScheduleSpec, SCHEDULE_KIND } from './schema.ts';
import { DEFAULT_SCHEDULE_SETTINGS } from './settings.ts';
import { scheduleSituation } from './situation.ts';

/** The rules for ScheduledSparkApplications. What Local stands for decides nothing about them. */
export const SCHEDULE_ADMISSION: Admission = {
  kind: { ...SCHEDULE_KIND, plural: 'scheduledsparkapplications' },
  judge: (resource) => ({ issues: issuesOf(resource), warnings: warningsOf(resource) }),
};

function issuesOf(resource: KubeObject) {
  return scheduleSituation(resource, UNSEEN, DEFAULT_SCHEDULE_SETTINGS, new Date(0)).refusal?.issues ?? [];
}

function warningsOf(resource: KubeObject): readonly string[] {
  const parsed = parseScheduleSpec(resource.spec);
  return parsed.ok ? scheduleWarnings(parsed.value) : [];
}
