import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { Reader } from '../core/ports.ts';
import { flinkAdmission } from './admission.ts';
import { CANARY_LABEL } from './canary.ts';
import { UNSEEN } from './observed.ts';
import { encodeSpec } from './record.ts';
import type { FlinkDeployment } from './schema.ts';
import { situationOf } from './situation.ts';
import { REFUSED_SPECS } from './testing/refused.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from './testing.ts';

const NOTHING_READ: Reader = { get: () => undefined, list: () => [] };

function judge(resource: FlinkDeployment, flinkConfiguration: Record<string, string> = {}) {
  const { issues, warnings } = flinkAdmission(() => ({ flinkConfiguration })).judge(resource, NOTHING_READ);
  return { issues: issues.map(describeIssue), warnings };
}

/** Deployed with the given spec, and then edited. */
function deployed(before: FlinkDeploymentOverrides['spec'], after: FlinkDeploymentOverrides['spec']): FlinkDeployment {
  const lastReconciledSpec = encodeSpec(aFlinkDeployment({ spec: before ?? {} }).spec, 'running', false);
  const status = { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } } as const;
  return aFlinkDeployment({ spec: after ?? {}, status });
}

describe('admission of FlinkDeployments', () => {
  it('has nothing against one that can be acted on', () => {
    expect(judge(aFlinkDeployment())).toEqual({ issues: [], warnings: [] });
  });

  it('finds what a pass refuses, in its words', () => {
    const job = { parallelism: -1, upgradeMode: 'savepoint' } as const;
    const resource = aFlinkDeployment({ spec: { serviceAccount: '', job } });
    const { refusal } = situationOf(resource, UNSEEN, new Date(0), { flinkConfiguration: {} });
    expect(judge(resource).issues).toHaveLength(4);
    expect(judge(resource).issues.join('; ')).toBe(refusal?.message);
  });

  it('looks into nothing that is refused or of a canary, whatever it holds', () => {
    const podTemplate = { spec: { containers: { name: 'a' }, volumes: 'x' } } as object;
    const spec = { image: '', podTemplate, flinkVersion: 'v1_18' } as const;
    const { issues, warnings } = judge(aFlinkDeployment({ spec }));
    expect(issues).toHaveLength(2);
    expect(warnings).toEqual(['spec.flinkVersion: v1_18 is deprecated, move to v1_19 or later']);
    const labels = { [CANARY_LABEL]: 'true' };
    expect(judge(aFlinkDeployment({ metadata: { labels }, spec }))).toEqual({ issues: [], warnings });
  });

  it.each(REFUSED_SPECS)('refuses %s', (_what, overrides, message) => {
    expect(judge(aFlinkDeployment(overrides as FlinkDeploymentOverrides)).issues.join('; ')).toContain(message);
  });

  it("goes by the operator's configuration", () => {
    const resource = aFlinkDeployment({ spec: { job: { upgradeMode: 'last-state' } } });
    expect(judge(resource).issues).toEqual([
      'spec.flinkConfiguration["execution.checkpointing.dir"]: is missing, it must name a folder for checkpoints (before Flink 1.20 by state.checkpoints.dir), since upgradeMode is last-state',
    ]);
    expect(judge(resource, { 'state.checkpoints.dir': 's3://bucket/checkpoints' }).issues).toEqual([]);
  });

  it('knows what was last acted on', () => {
    expect(judge(deployed({ mode: 'native' }, { mode: 'standalone' })).issues).toEqual([
      'spec.mode: "standalone" is not valid, it must stay native; delete the resource and create it again to change it',
    ]);
    expect(judge(aFlinkDeployment({ spec: { mode: 'standalone' } })).issues).toEqual([]);
  });

  it('lets a canary be as it is, and judges a job that is only labelled as one', () => {
    const labels = { [CANARY_LABEL]: 'true' };
    const canary = { ...aFlinkDeployment({ metadata: { labels } }), spec: {} };
    expect(judge(canary).issues).toEqual([]);
    const job = deployed({}, { mode: 'standalone' });
    expect(judge({ ...job, metadata: { ...job.metadata, labels } }).issues).toHaveLength(1);
  });

  it('says which image runs where nobody names one', () => {
    const image = (spec: FlinkDeploymentOverrides['spec']) =>
      judge(aFlinkDeployment({ spec: { flinkVersion: 'v2_1', image: ' ', ...spec } }));
    const warnings = ["spec.image is not set: flink:2.1 is used unless the operator's defaults name one"];
    expect(image({})).toEqual({ issues: [], warnings });
    const named = { issues: [], warnings: [] };
    expect(image({ flinkConfiguration: { 'kubernetes.container.image.ref': 'registry/jobs:1' } })).toEqual(named);
    const containers = [{ name: 'flink-main-container', image: 'registry/jobs:1' }];
    expect(image({ podTemplate: { spec: { containers } } })).toEqual(named);
  });

  it('points at fields that no pod has, in every template', () => {
    const containers = [{ name: 'flink-main-container', volumeMount: [{ name: 'data', mountPath: '/data' }] }];
    const spec = { podTemplate: { spec: { containers } }, taskManager: { podTemplate: { containers } } };
    const { issues, warnings } = judge(
      aFlinkDeployment({ spec: spec as NonNullable<FlinkDeploymentOverrides['spec']> }),
    );
    expect(issues).toEqual([]);
    const dropped = 'that Weir knows; what Kubernetes does not know either it drops';
    expect(warnings).toEqual([
      `spec.podTemplate.spec.containers[0].volumeMount: is no field of Container ${dropped}`,
      `spec.taskManager.podTemplate.containers: is no field of Pod ${dropped}`,
    ]);
  });

  it('says that the operator is told to keep off an ingress', () => {
    const ingress = aFlinkDeployment({ spec: { ingress: { template: '{{name}}.example.com' } } });
    expect(judge(ingress).warnings).toEqual([]);
    expect(judge(ingress, { 'kubernetes.operator.ingress.manage': 'false' }).warnings).toEqual([
      'spec.ingress has no effect, since kubernetes.operator.ingress.manage is false',
    ]);
  });

  it('says what of the autoscaler there is not, where it is switched on under either of its names', () => {
    const warned = (...options: readonly (readonly [string, string])[]): readonly string[] =>
      judge(aFlinkDeployment({ spec: { flinkConfiguration: Object.fromEntries(options) } })).warnings;
    const tuning = ['job.autoscaler.memory.tuning.enabled', 'true'] as const;
    const plugin = ['job.autoscaler.scaling.custom-executors', 'mine'] as const;
    const told = [
      'spec.flinkConfiguration switches the tuning of memory on, which there is not: TaskManagers keep their memory',
      'spec.flinkConfiguration names Java classes for the autoscaler, which are not loaded: job.autoscaler.scaling.custom-executors',
    ];
    expect(warned(['job.autoscaler.enabled', 'true'], tuning, plugin)).toEqual(told);
    expect(warned(['kubernetes.operator.job.autoscaler.enabled', ' TRUE '], tuning, plugin)).toEqual(told);
    expect(warned(['job.autoscaler.enabled', 'true'])).toEqual([]);
    expect(warned(tuning, plugin)).toEqual([]);
  });

  it('warns of values that the file of an older Flink cannot hold', () => {
    const spec = { flinkVersion: 'v1_20', job: { args: ['--tag', '#1'] } } as const;
    const cut =
      'spec.job.args: "--tag;#1" is not valid, it must not contain \'#\', with which Flink before 2.0 ends the value';
    expect(judge(aFlinkDeployment({ spec }))).toEqual({ issues: [], warnings: [cut] });
    expect(judge(aFlinkDeployment({ spec: { ...spec, flinkVersion: 'v2_0' } })).warnings).toEqual([]);
    expect(judge(aFlinkDeployment({ spec: { ...spec, mode: 'standalone' } })).warnings).toEqual([]);
  });

  it('warns of what is deprecated and of options without effect', () => {
    const flinkConfiguration = { 'kubernetes.operator.no.such': '1', 'kubernetes.operator.reconcile.parallelism': '3' };
    const spec = { flinkVersion: 'v1_17', job: { savepointTriggerNonce: 1 }, flinkConfiguration } as const;
    expect(judge(aFlinkDeployment({ spec })).warnings).toEqual([
      'spec.flinkVersion: v1_17 is deprecated, move to v1_19 or later',
      'spec.job.savepointTriggerNonce: is deprecated, create a FlinkStateSnapshot instead',
      'spec.flinkConfiguration has keys that name no option: kubernetes.operator.no.such',
      "spec.flinkConfiguration has keys that only the operator's own configuration can set: kubernetes.operator.reconcile.parallelism",
    ]);
  });
});
