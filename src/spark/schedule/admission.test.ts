import { describe, expect, it } from 'vitest';
import { describeIssue } from '../../core/issue.ts';
import type { Reader } from '../../core/ports.ts';
import { SCHEDULE_ADMISSION } from './admission.ts';
import { aSchedule } from './testing.ts';

const NOTHING_READ: Reader = { get: () => undefined, list: () => [] };

describe('admission of ScheduledSparkApplications', () => {
  it('has nothing against one that can be acted on', () => {
    expect(SCHEDULE_ADMISSION.judge(aSchedule(), NOTHING_READ)).toEqual({ issues: [], warnings: [] });
  });

  it('finds what a pass refuses, in its words, and warns of what does nothing', () => {
    const resource = aSchedule({ spec: { schedule: 'soon', template: { mode: 'client' } } });
    const paths = SCHEDULE_ADMISSION.judge(resource, NOTHING_READ).issues.map(describeIssue);
    expect(paths).toEqual([
      'spec.schedule: "soon" is not valid, it must be a cron expression such as 0 3 * * *, @daily or @every 1h30m: 5 fields are needed, minutes first and the day of the week last, and there are 1',
      'spec.template.mode: "client" is not valid, it must be cluster, since in client mode the driver would run inside the operator',
    ]);
    const limited = aSchedule({ spec: { template: { executor: { memoryLimit: '2g' } } } });
    expect(SCHEDULE_ADMISSION.judge(limited, NOTHING_READ).warnings).toEqual([
      'spec.template.executor.memoryLimit: nothing is done with it: the driver makes executors with their request as limit; what they need outside the heap goes into spec.template.executor.memoryOverhead',
    ]);
  });

  it('warns of one name for the drivers of all runs', () => {
    const sparkConf = { 'spark.kubernetes.driver.pod.name': 'report-driver' };
    const because =
      'the drivers of all runs have this one name, so that a run waits until that of the run before is deleted; without it each has its own';
    const warningsOf = (template: object) => SCHEDULE_ADMISSION.judge(aSchedule({ spec: { template } }), NOTHING_READ);
    expect(warningsOf({ driver: { podName: 'report-driver' } }).warnings).toEqual([
      `spec.template.driver.podName: ${because}`,
    ]);
    expect(warningsOf({ sparkConf }).warnings).toEqual([
      `spec.template.sparkConf["spark.kubernetes.driver.pod.name"]: ${because}`,
    ]);
  });

  it('warns of runs that are never over', () => {
    const template = { restartPolicy: { type: 'Always' } } as const;
    const warningsOf = (concurrencyPolicy?: string) =>
      SCHEDULE_ADMISSION.judge(aSchedule({ spec: { template, concurrencyPolicy } }), NOTHING_READ).warnings;
    const endless = 'spec.template.restartPolicy.type: a run that is started again whenever it ends never is over: ';
    expect(warningsOf()).toEqual([`${endless}there is one more each time`]);
    expect(warningsOf('Forbid')).toEqual([`${endless}no other is started after the first`]);
    expect(warningsOf('Replace')).toEqual([]);
  });

  it('survives a spec that is none', () => {
    const resource = { ...aSchedule(), spec: 'nonsense' };
    expect(SCHEDULE_ADMISSION.judge(resource as never, NOTHING_READ).issues).not.toEqual([]);
  });
});
