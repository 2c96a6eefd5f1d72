import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { Reader } from '../core/ports.ts';
import { type Condition, findCondition } from '../kube/conditions.ts';
import { SPARK_ADMISSION } from './admission.ts';
import { UNSEEN } from './observed.ts';
import { situationOf } from './situation.ts';
import { plan } from './testing/pass.ts';
import { REFUSED_AROUND, REFUSED_SPECS } from './testing/refused.ts';
import { aSparkApplication } from './testing.ts';

const NOTHING_READ: Reader = { get: () => undefined, list: () => [] };

describe('admission of SparkApplications', () => {
  it('has nothing against one that can be acted on', () => {
    expect(SPARK_ADMISSION.judge(aSparkApplication(), NOTHING_READ)).toEqual({ issues: [], warnings: [] });
  });

  it('points at fields of a template that no pod has', () => {
    const template = { spec: { tolerations: [{ key: 'a', operatr: 'Exists' }] } } as object;
    const resource = aSparkApplication({ spec: { driver: { template } } });
    expect(SPARK_ADMISSION.judge(resource, NOTHING_READ)).toEqual({
      issues: [],
      warnings: [
        'spec.driver.template.spec.tolerations[0].operatr: is no field of Toleration that Weir knows; what Kubernetes does not know either it drops',
      ],
    });
  });

  it('points at properties that Spark does not read', () => {
    const sparkConf = { 'hive.exec.parallel': 'true', 'spark.ui.enabled': 'false', sparkle: 'x' };
    const { issues, warnings = [] } = SPARK_ADMISSION.judge(aSparkApplication({ spec: { sparkConf } }), NOTHING_READ);
    const because =
      'nothing is done with it: Spark reads only keys that start with spark.; those of Hadoop go into spec.hadoopConf';
    expect(issues).toEqual([]);
    expect(warnings).toEqual([
      `spec.sparkConf["hive.exec.parallel"]: ${because}`,
      `spec.sparkConf.sparkle: ${because}`,
    ]);
  });

  it('finds what a pass refuses, in its words', () => {
    const spec = { mode: 'client', sparkVersion: '2.4', sparkConf: { 'spark.master': 'local' } } as const;
    const resource = aSparkApplication({ spec });
    const { refusal } = situationOf(resource, UNSEEN, new Date(0));
    const issues = SPARK_ADMISSION.judge(resource, NOTHING_READ).issues.map(describeIssue);
    expect(issues).toHaveLength(3);
    expect(issues.join('; ')).toBe(refusal?.message);
  });

  it.each([...REFUSED_SPECS, ...REFUSED_AROUND])(
    '%s is told alike at admission, in status and event',
    (_what, spec, text) => {
      const { issues } = SPARK_ADMISSION.judge(aSparkApplication({ spec }), NOTHING_READ);
      const { status, events } = plan({ state: '', spec });
      const conditions = (status?.conditions ?? []) as readonly Condition[];
      expect({
        admission: issues.map(describeIssue),
        error: status?.applicationState,
        condition: findCondition(conditions, 'Stalled')?.message,
        events: events.filter(({ reason }) => reason === 'ValidationError').map(({ message }) => message),
      }).toEqual({
        admission: [text],
        error: { state: 'FAILED', errorMessage: text },
        condition: text,
        events: [text],
      });
    },
  );

  it('survives a spec that is none', () => {
    const resource = { ...aSparkApplication(), spec: 'nonsense' };
    expect(SPARK_ADMISSION.judge(resource as never, NOTHING_READ).issues).not.toEqual([]);
  });
});
