import { describe, expect, it } from 'vitest';
import { countTests } from './vitest.ts';

function report(counts: { passed: number; failed: number; success: boolean }): string {
  return JSON.stringify({
    success: counts.success,
    numTotalTests: 9,
    numPassedTests: counts.passed,
    numFailedTests: counts.failed,
    numPendingTests: 1,
    numTodoTests: 2,
    testResults: [],
  });
}

describe('counting tests in a report', () => {
  it('takes the counts as they are', () => {
    const text = report({ passed: 7, failed: 2, success: false });
    expect(countTests(text, 1)).toEqual({ passed: 7, failed: 2, skipped: 3 });
  });

  it('finds no failure where there is none', () => {
    const text = report({ passed: 7, failed: 0, success: true });
    expect(countTests(text, 0)).toEqual({ passed: 7, failed: 0, skipped: 3 });
  });

  it.each([
    ['a test file that cannot be loaded', false, 1],
    ['an error after the last test', true, 1],
  ])('counts %s as one failure', (_what, success, exitCode) => {
    const text = report({ passed: 7, failed: 0, success });
    expect(countTests(text, exitCode).failed).toBe(1);
  });
});
