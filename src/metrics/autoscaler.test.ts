import { describe, expect, it } from 'vitest';
import { type AutoscaledJob, createAutoscalerMetrics } from './autoscaler.ts';
import { readRegistry } from './testing.ts';

const operator = { host: 'weir-0', namespace: 'weir-system', name: 'weir' };
const JOB: AutoscaledJob = {
  kind: 'FlinkDeployment',
  namespace: 'jobs',
  name: 'orders',
  at: 1,
  result: 'scaled',
  vertices: [{ id: 'v1', name: 'Source', parallelism: 1, recommended: 2, trueRate: Number.POSITIVE_INFINITY }],
};

describe('metrics of the autoscaler', () => {
  const made = (theirs: boolean) => {
    const read = readRegistry();
    const tell = createAutoscalerMetrics({
      registry: read.registry,
      maxResources: 2,
      operator: theirs ? operator : undefined,
    });
    return { tell, text: () => read.registry.metrics() };
  };

  it('show what was found of each vertex, under both names, and count looks once', async () => {
    const { tell, text } = made(true);
    tell('k', JOB);
    tell('k', JOB);
    const shown = await text();
    const vertex = 'kind="FlinkDeployment",namespace="jobs",name="orders",vertex="v1",vertex_name="Source"';
    expect(shown).toContain(`weir_flink_autoscaler_recommended_parallelism{${vertex}} 2`);
    expect(shown).toContain(`weir_flink_autoscaler_true_rate{${vertex}} +Inf`);
    const theirs =
      'host="weir-0",namespace="weir-system",name="weir",resourcens="jobs",resourcename="orders",resourcetype="FlinkDeployment"';
    const prefix = 'flink_k8soperator_namespace_resource_AutoScaler_';
    expect(shown).toContain(`${prefix}jobVertexID_PARALLELISM_Current{${theirs},jobVertexID="v1"} 1`);
    expect(shown).toContain(`${prefix}scalings{${theirs}} 1`);
    expect(shown).toContain(`${prefix}errors{${theirs}} 0`);
    expect(shown).toMatch(/weir_flink_autoscaler_looks_total\{[^}]*result="scaled"\} 1/);
  });

  it('keep what was found while a job cannot be read, and go with the resource', async () => {
    const { tell, text } = made(true);
    tell('k', JOB);
    tell('k', { ...JOB, at: 2, result: 'failed', vertices: undefined });
    expect(await text()).toMatch(/weir_flink_autoscaler_parallelism\{.*"orders"/);
    tell('k', undefined);
    expect(await text()).not.toContain('orders');
  });

  it('are only our own where the others are not wanted', async () => {
    const { tell, text } = made(false);
    tell('k', JOB);
    expect(await text()).not.toContain('flink_k8soperator');
  });
});
