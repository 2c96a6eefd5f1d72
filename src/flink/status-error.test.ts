import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import { errorText, jobErrorText } from './status-error.ts';
import { answer, job } from './testing/pass.ts';

const KEY = 'kubernetes.operator.exception.label.mapper';
const TRACE = [
  'org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy',
  '\tat org.apache.flink.A.one(A.java:1)',
  'Caused by: java.io.IOException: Disk full on node 7',
  '\tat dev.weir.Job.map(Job.java:7)',
].join('\n');
const FAILED = { type: 'JobFailed', message: 'the job has failed: java.io.IOException: Disk full on node 7' };

/** An error as the status has it, with these labels by pattern. */
function told(mapper: string, error = FAILED, { trace = TRACE, before }: { trace?: string; before?: string } = {}) {
  const exception = { name: 'x', stackTrace: trace, timestamp: 1, taskName: undefined, endpoint: undefined };
  const facts = job({ state: 'FAILED', exception: { ...exception, taskManagerId: undefined } });
  const rest = trace === '' ? unknown('gone') : answer(facts);
  const defaults = { flinkConfiguration: { [KEY]: mapper } };
  return JSON.parse(jobErrorText(error, { defaults, status: { error: before }, observed: { rest } }));
}

describe('the error in a status', () => {
  it('is type and message where no label is given', () => {
    expect(told('')).toEqual(FAILED);
    expect(told('OutOfMemory:memory')).toEqual(FAILED);
  });

  it.each([
    ['a pattern found in its message', 'IOException. Disk:storage', ['storage']],
    ['found in an exception behind it', 'suppressed by No.*Strategy:gave up', ['gave up']],
    ['several, in their order', '(?i)DISK FULL:storage,^Recovery:gave up,heap:memory', ['storage', 'gave up']],
    ['one that has a colon in it', "'java.io.IOException: Disk':storage", ['storage']],
  ])('has the labels of %s', (_name, mapper, labels) => {
    expect(told(mapper)).toEqual({ ...FAILED, additionalMetadata: { labels } });
  });

  it('has none of what only names of classes and calls hold', () => {
    expect(told('dev.weir.Job|JobException:mine')).toEqual(FAILED);
  });

  it('has none of exceptions of a job when it is about something else', () => {
    const error = { type: 'ManualRestoreRequired', message: 'nothing is known' };
    expect(told('Recovery:gave up', error)).toEqual(error);
    expect(told('nothing:state', error)).toEqual({ ...error, additionalMetadata: { labels: ['state'] } });
  });

  it('keeps its labels when it is told again and its exceptions cannot be asked for', () => {
    const before = JSON.stringify(told('Recovery:gave up'));
    expect(told('Recovery:gave up', FAILED, { trace: '', before })).toEqual(JSON.parse(before));
    const other = { ...FAILED, message: 'the job has failed' };
    expect(told('Recovery:gave up', other, { trace: '', before })).toEqual(other);
  });

  it('of a resource without a job goes by the message alone', () => {
    const defaults = { flinkConfiguration: { [KEY]: 'declined:busy' } };
    const error = { type: 'SavepointError', message: 'Checkpoint was declined' };
    expect(errorText(error, { defaults, status: undefined })).toBe(
      '{"type":"SavepointError","message":"Checkpoint was declined","additionalMetadata":{"labels":["busy"]}}',
    );
  });
});
