import { describe, expect, it } from 'vitest';
import { targetOf } from './wait-command.ts';

describe('what weir wait is given', () => {
  it.each([
    ['flinkdeployment/orders', 'FlinkDeployment'],
    ['flinkdep/orders', 'FlinkDeployment'],
    ['FlinkDeployments/orders', 'FlinkDeployment'],
    ['flinkdeployment.flink.apache.org/orders', 'FlinkDeployment'],
    ['sparkapplications.sparkoperator.k8s.io/orders', 'SparkApplication'],
    ['sparkapp/orders', 'SparkApplication'],
  ])('takes %s', (text, kind) => {
    expect(targetOf(text)).toMatchObject({ kind, name: 'orders' });
  });

  it.each(['orders', 'pod/orders', 'flinkdep/', 'flinkdep/a/b', 'flinkdep.apps/orders'])('names %s', (text) => {
    expect(() => targetOf(text)).toThrow(`"${text}" is not valid, it must be KIND/NAME with a kind of flinkdeployment`);
  });
});
