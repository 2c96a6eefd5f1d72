import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../bench/control-plane.ts';
import { type OperatorProcess, startOperator } from '../bench/operator-process.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { operatorAccess } from '../src/operator-access.ts';
import { SPARK_LABELS } from '../src/spark/conf/submission.ts';
import { KINDS } from '../src/spark/observe.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationStatus } from '../src/spark/schema.ts';
import { aSparkApplication } from '../src/spark/testing.ts';
import { createOperatorAccount, type OperatorAccount, operatorUser } from './kit/operator-account.ts';
import { until } from './kit/until.ts';

const names = Array.from({ length: 30 }, (_, index) => `pi-${index + 1}`);

/** As when an operator loses its lease without noticing: each takes itself for the only one. */
describe('two operators that begin at the same time', () => {
  let plane: ControlPlane;
  let account: OperatorAccount;
  let watch: { stop(): void } | undefined;
  const operators: OperatorProcess[] = [];
  /** Every driver pod there ever was, by uid. */
  const drivers = new Map<string, KubeObject>();
  beforeAll(async () => {
    plane = await startControlPlane([], { auditedUser: operatorUser(NAMESPACE) });
    account = await createOperatorAccount(plane, operatorAccess());
    const { spec } = aSparkApplication();
    for (const name of names) {
      await plane.api.create({ ...SPARK_APPLICATION_KIND, metadata: { name, namespace: NAMESPACE }, spec });
    }
    watch = await plane.api.watch(KINDS.pod, ({ object }) => drivers.set(object.metadata.uid ?? '', object));
    const started = [1, 2].map(() => startOperator({ kubeconfigPath: account.kubeconfigPath }));
    operators.push(...(await Promise.all(started)));
  }, 900_000);
  afterAll(async () => {
    watch?.stop();
    await Promise.all(operators.map((operator) => operator.stop()));
    await plane?.stop();
  });

  it('never make two drivers of an application', { timeout: 120_000 }, async () => {
    const statuses = await until('every driver to have what it starts with, which is made last', async () => {
      const applications = await plane.api.list(SPARK_APPLICATION_KIND);
      const found = applications.map(({ status }) => (status ?? {}) as SparkApplicationStatus);
      const maps = await plane.api.list(KINDS.configMap);
      const complete = found.filter(({ submissionID }) =>
        maps.some(({ metadata }) => metadata.labels?.[SPARK_LABELS.submissionId] === submissionID),
      );
      return complete.length === names.length ? { done: found } : { not: `${complete.length} of ${names.length}` };
    });
    const made = [...drivers.values()].map(({ metadata }) => metadata.labels?.[SPARK_LABELS.submissionId]);
    expect(made.toSorted()).toEqual(statuses.map(({ submissionID }) => submissionID).toSorted());
    expect(await account.denied()).toEqual([]);
  });
});
