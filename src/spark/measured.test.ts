import { describe, expect, it } from 'vitest';
import { measuredApplication, measuredExecutor } from './measured.ts';
import { driver, podOf, resourceOf, SUBMISSION } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';

describe('what metrics read', () => {
  it('of an application is in its status and metadata', () => {
    const status = { terminationTime: '2026-02-03T04:07:00Z' };
    expect(measuredApplication(resourceOf({ state: 'COMPLETED', status }))).toEqual({
      namespace: 'default',
      labels: {},
      state: 'COMPLETED',
      submission: SUBMISSION.submissionId,
      runs: 1,
      submissions: 1,
      createdAt: Date.parse('2026-01-01T00:00:00Z'),
      submittedAt: Date.parse('2026-02-03T04:05:00Z'),
      endedAt: Date.parse('2026-02-03T04:07:00Z'),
    });
    expect(measuredApplication(aSparkApplication())).toMatchObject({ state: '', submission: undefined, runs: 0 });
  });

  it('of pods is of executors only', () => {
    expect(measuredExecutor(driver('Running'))).toBeUndefined();
    expect(measuredExecutor(podOf('executor', 'pi-exec-1', { phase: 'Failed' }))).toMatchObject({
      namespace: 'default',
      phase: 'Failed',
    });
    expect(measuredExecutor(podOf('executor', 'pi-exec-1', {}))?.phase).toBe('Pending');
  });
});
