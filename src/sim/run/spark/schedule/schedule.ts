import type { KubeObject } from '../../../../kube/object.ts';
import { SCHEDULE_KIND } from '../../../../spark/schedule/schema.ts';
import { sparkApplication } from '../application.ts';

/** Every ten minutes, named default/report, of a small application; `spec` is laid over it, `template` over that of its runs. */
export function sparkSchedule(
  spec: Readonly<Record<string, unknown>> = {},
  template: Readonly<Record<string, unknown>> = {},
): KubeObject {
  return {
    ...SCHEDULE_KIND,
    metadata: { name: 'report', namespace: 'default' },
    spec: { schedule: '*/10 * * * *', timeZone: 'UTC', template: sparkApplication(template).spec, ...spec },
  };
}
