import type { EventDraft } from '../core/plan.ts';
import { warning } from './events.ts';
import type { FlinkConf } from './flink-conf.ts';
import type { JobFacts } from './observed.ts';
import { jobOptions } from './options.ts';
import { excerpt } from './stack-trace.ts';

/**
 * The newest exception of a job as an event: its first lines and the innermost cause. The recorder keeps one for each job and
 * time, however often it is seen. `conf` is what holds for the job.
 */
export function exceptionEvents(job: JobFacts | undefined, conf: () => FlinkConf): readonly EventDraft[] {
  if (job?.exception === undefined) return [];
  const { most, stackLines } = jobOptions(conf()).exceptionEvents;
  if (most === 0) return [];
  const { stackTrace, taskName, timestamp } = job.exception;
  const where = taskName === undefined ? [] : [`in task ${taskName}`];
  const event = warning('JobException', [excerpt(stackTrace, stackLines), ...where].join('\n'), 'Job');
  return [{ ...event, dedupe: `${job.id}/${timestamp}`, once: true }];
}
