import { describe, expect, it } from 'vitest';
import { describeIssue } from '../../core/issue.ts';
import type { KubeObject } from '../../kube/object.ts';
import { CANARY_LABEL } from '../canary.ts';
import { encodeSpec } from '../record.ts';
import { aFlinkDeployment, aSessionCluster } from '../testing.ts';
import { sessionJobAdmission } from './admission.ts';
import { UNSEEN } from './observed.ts';
import { situationOf } from './situation.ts';
import { aSessionJob, type SessionJobOverrides } from './testing.ts';

const DEFAULTS = { flinkConfiguration: {} };

function judge(overrides: SessionJobOverrides, ...there: readonly KubeObject[]) {
  const read = {
    get: ({ kind, name }: { kind: string; name: string }) =>
      there.find((object) => object.kind === kind && object.metadata.name === name),
    list: () => [],
  };
  const { issues, warnings } = sessionJobAdmission(() => DEFAULTS).judge(aSessionJob(overrides), read);
  return { issues: issues.map(describeIssue), warnings };
}

describe('admission of FlinkSessionJobs', () => {
  it('has nothing against one whose session is not there yet', () => {
    expect(judge({})).toEqual({ issues: [], warnings: [] });
  });

  it('finds what a pass refuses, in its words', () => {
    const overrides = { spec: { deploymentName: 'Not_A_Name', job: { jarURI: 'ftp://jars.example.com/a.jar' } } };
    const { refusal } = situationOf(aSessionJob(overrides), UNSEEN, new Date(0), DEFAULTS);
    expect(judge(overrides).issues).toHaveLength(2);
    expect(judge(overrides).issues.join('; ')).toBe(refusal?.message);
  });

  it('refuses an application cluster as session', () => {
    expect(judge({}, aFlinkDeployment()).issues).toEqual([
      'spec.deploymentName: "orders" is not valid, it must name a session cluster; FlinkDeployment orders has spec.job, so it is an application cluster',
    ]);
  });

  it('knows what was last acted on', () => {
    const lastReconciledSpec = encodeSpec(aSessionJob().spec, 'running', false);
    const status = { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } } as const;
    expect(judge({ spec: { deploymentName: 'other' }, status }).issues).toEqual([
      'spec.deploymentName: "other" is not valid, it must stay orders; delete the session job and create it again to move it',
    ]);
  });

  it('lets a canary be as it is', () => {
    const spec = { deploymentName: 'Not_A_Name' };
    expect(judge({ metadata: { labels: { [CANARY_LABEL]: 'true' } }, spec }).issues).toEqual([]);
  });

  it('warns of what is deprecated', () => {
    expect(judge({ spec: { job: { savepointTriggerNonce: 1 } } }).warnings).toEqual([
      'spec.job.savepointTriggerNonce: is deprecated, create a FlinkStateSnapshot instead',
    ]);
  });

  const warned = (spec: SessionJobOverrides['spec'], ...there: readonly KubeObject[]) =>
    judge(spec === undefined ? {} : { spec }, ...there).warnings;

  it('warns of options that only the session can have, and of a parallelism given twice', () => {
    const flinkConfiguration = {
      'taskmanager.memory.process.size': '4g',
      'taskmanager.memory.managed.consumer-weights': 'OPERATOR:1',
      'high-availability.type': 'kubernetes',
      'kubernetes.operator.jm-deployment.shutdown-ttl': '1 h',
      'kubernetes.operator.job.restart.failed': 'true',
      'parallelism.default': '7',
    };
    expect(warned({ flinkConfiguration })).toEqual([
      'spec.flinkConfiguration has keys that have an effect only in FlinkDeployment orders, which is the session: ' +
        'taskmanager.memory.process.size, high-availability.type, kubernetes.operator.jm-deployment.shutdown-ttl',
      'spec.flinkConfiguration["parallelism.default"] has no effect: spec.job.parallelism wins over it',
    ]);
    expect(warned({ flinkConfiguration: { 'parallelism.default': '2' } })).toEqual([]);
  });

  it('warns of what its session does not read, or loses', () => {
    const job = { upgradeMode: 'savepoint' } as const;
    const flinkConfiguration = {
      'state.checkpoints.dir': 's3://b/checkpoints',
      'state.savepoints.dir': 'file:///tmp/savepoints',
      'kubernetes.operator.job.restart.failed': 'true',
    };
    const own = { job, flinkConfiguration };
    const lost =
      "spec.flinkConfiguration.state.savepoints.dir: file:///tmp/savepoints is on the pods' own disks and goes with them, and upgradeMode is savepoint; mount a volume there or name a folder in a storage";
    expect(warned(own)).toEqual([]);
    expect(warned(own, aSessionCluster())).toEqual([lost]);
    const template = {
      spec: {
        containers: [{ name: 'flink-main-container', volumeMounts: [{ name: 'state', mountPath: '/tmp/savepoints' }] }],
        volumes: [{ name: 'state', persistentVolumeClaim: { claimName: 'state' } }],
      },
    };
    expect(warned(own, aSessionCluster({ spec: { podTemplate: template } }))).toEqual([]);
    expect(
      warned({ flinkConfiguration }, aSessionCluster({ spec: { flinkVersion: 'v1_16', image: 'flink:1.16' } })),
    ).toEqual([
      'spec.flinkConfiguration has no effect but for kubernetes.operator.*: sessions take options of a job from Flink 1.17 on, and this one is v1_16',
    ]);
    expect(
      warned(own, aSessionCluster({ spec: { podTemplate: { spec: 'x' } as object, serviceAccount: '' } })),
    ).toEqual([]);
  });
});
