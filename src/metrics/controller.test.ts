import { describe, expect, it } from 'vitest';
import { answerAges } from './controller.ts';
import { readRegistry } from './testing.ts';

describe('ages of answers', () => {
  it('name those that have been silent for more than a minute, and no more than is allowed', async () => {
    const { registry, lines, value } = readRegistry();
    const ages = [30, 61, 400, 90].map(
      (seconds, index) => [{ namespace: 'a', name: `job-${index}` }, seconds] as const,
    );
    answerAges([registry], 2)('flinkdeployment', () => ages);
    expect(await lines('weir_job_last_answer_age_seconds{')).toEqual([
      'weir_job_last_answer_age_seconds{controller="flinkdeployment",namespace="a",name="job-1"} 61',
      'weir_job_last_answer_age_seconds{controller="flinkdeployment",namespace="a",name="job-2"} 400',
    ]);
    expect(await value('weir_job_oldest_answer_age_seconds{controller="flinkdeployment"}')).toBe(400);
  });

  it('are not there where nobody is asked', async () => {
    const { registry, lines } = readRegistry();
    answerAges([registry], 2)('sparkapplication', () => []);
    expect(await lines('weir_job_')).toEqual([]);
  });
});
