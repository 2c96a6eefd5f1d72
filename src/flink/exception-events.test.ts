import { describe, expect, it } from 'vitest';
import { exceptionEvents } from './exception-events.ts';
import { effectiveConf } from './flink-conf.ts';
import type { JobException, JobFacts } from './observed.ts';
import { aFlinkDeployment } from './testing.ts';

const TRACE = 'a.Outer: no\n\tat one\n\tat two\nCaused by: b.Inner: disk full\n\tat three';

function eventsOf(options: Readonly<Record<string, string>>, exception?: Partial<JobException>) {
  const whole = { name: 'a.Outer', stackTrace: TRACE, timestamp: 7, endpoint: undefined, taskManagerId: undefined };
  const job: JobFacts = {
    id: 'a'.repeat(32),
    name: 'orders',
    state: 'RESTARTING',
    startTime: 1,
    lastModification: 1,
    tasks: { total: 1, active: 0 },
    vertices: [],
    exception: exception === undefined ? undefined : { ...whole, taskName: 'Map (1/2)', ...exception },
  };
  const flinkConfiguration = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [`kubernetes.operator.events.exceptions.${key}`, value]),
  );
  return exceptionEvents(job, () => effectiveConf(aFlinkDeployment(), { flinkConfiguration }));
}

describe('the newest exception of a job', () => {
  it('is an event with its task, kept once for its job and time', () => {
    expect(eventsOf({}, {})).toEqual([
      {
        type: 'Warning',
        reason: 'JobException',
        message: `${TRACE}\nin task Map (1/2)`,
        component: 'Job',
        dedupe: `${'a'.repeat(32)}/7`,
        once: true,
      },
    ]);
    expect(eventsOf({})).toEqual([]);
  });

  it.each([
    ['2', 'a.Outer: no\n\tat one\nCaused by: b.Inner: disk full'],
    ['0', 'a.Outer: no\nCaused by: b.Inner: disk full'],
  ])('is shown by %s lines where the operator is configured so, and the innermost cause', (lines, message) => {
    expect(eventsOf({ 'stacktrace-lines': lines }, { taskName: undefined })).toMatchObject([{ message }]);
  });

  it('is no event where there are to be none', () => {
    expect(eventsOf({ 'limit-per-reconciliation': '0' }, {})).toEqual([]);
  });
});
