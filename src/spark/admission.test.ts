import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { Reader } from '../core/ports.ts';
import { SPARK_ADMISSION } from './admission.ts';
import { UNSEEN } from './observed.ts';
import { situationOf } from './situation.ts';
import { aSparkApplication } from './testing.ts';

const NOTHING_READ: Reader = { get: () => undefined, list: () => [] };

describe('admission of SparkApplications', () => {
  it('has nothing against one that can be acted on', () => {
    expect(SPARK_ADMISSION.judge(aSparkApplication(), NOTHING_READ)).toEqual({ issues: [], warnings: [] });
  });

  it('finds what a pass refuses, in its words', () => {
    const spec = { mode: 'client', sparkVersion: '2.4', sparkConf: { 'spark.master': 'local' } } as const;
    const resource = aSparkApplication({ spec });
    const { refusal } = situationOf(resource, UNSEEN, new Date(0));
    const issues = SPARK_ADMISSION.judge(resource, NOTHING_READ).issues.map(describeIssue);
    expect(issues).toHaveLength(3);
    expect(issues.join('; ')).toBe(refusal?.message);
  });

  it('survives a spec that is none', () => {
    const resource = { ...aSparkApplication(), spec: 'nonsense' };
    expect(SPARK_ADMISSION.judge(resource as never, NOTHING_READ).issues).not.toEqual([]);
  });
});
