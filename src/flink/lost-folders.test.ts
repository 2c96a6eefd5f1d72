import { describe, expect, it } from 'vitest';
import { effectiveConf } from './flink-conf.ts';
import { lostFolderWarnings } from './lost-folders.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from './testing.ts';

type Spec = NonNullable<FlinkDeploymentOverrides['spec']>;

const ON_DISK = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 'file:///data/savepoints' };

function told(spec: Spec, defaults: Record<string, string> = {}): readonly string[] {
  const deployment = aFlinkDeployment({
    spec: { flinkConfiguration: ON_DISK, ...spec, job: { upgradeMode: 'savepoint', ...spec.job } },
  });
  return lostFolderWarnings(deployment.spec, effectiveConf(deployment, { flinkConfiguration: defaults }));
}

/** A template that mounts a volume of this kind at /data/. */
function mounting(volume: object): NonNullable<Spec['podTemplate']> {
  const volumeMounts = [{ name: 'data', mountPath: '/data/' }];
  return {
    spec: { volumes: [{ name: 'data', ...volume }], containers: [{ name: 'flink-main-container', volumeMounts }] },
  };
}

const CLAIM = mounting({ persistentVolumeClaim: { claimName: 'flink' } });
const LOST =
  "spec.flinkConfiguration.state.savepoints.dir: file:///data/savepoints is on the pods' own disks and goes with them, and upgradeMode is savepoint; " +
  'mount a volume there or name a folder in a storage';

describe('lostFolderWarnings', () => {
  it.each<[string, Spec]>([
    ['no volume', {}],
    ['a volume that goes with the pod', { podTemplate: mounting({ emptyDir: {} }) }],
    ['a volume of JobManagers only', { jobManager: { podTemplate: CLAIM } }],
    ['a volume elsewhere', { flinkConfiguration: { ...ON_DISK, 'kubernetes.persistent-volume-claims': 'flink:/dat' } }],
  ])('names a folder with %s', (_what, spec) => {
    expect(told(spec)).toEqual([LOST]);
  });

  it.each<[string, Spec]>([
    ['a claim', { podTemplate: CLAIM }],
    ['a claim by option', { flinkConfiguration: { ...ON_DISK, 'kubernetes.persistent-volume-claims': 'flink:/data' } }],
    ['no state to keep', { job: { upgradeMode: 'stateless' } }],
  ])('has nothing against one with %s', (_what, spec) => {
    expect(told(spec)).toEqual([]);
  });

  it("looks at high-availability data and at the operator's defaults", () => {
    const storage = { 'high-availability.storageDir': 'file:///ha' };
    expect(told({ podTemplate: CLAIM }, storage)).toEqual([]);
    const [first, ...others] = told({ podTemplate: CLAIM }, { ...storage, 'high-availability.type': 'kubernetes' });
    expect(first).toMatch(/^operator configuration high-availability.storageDir: file:\/\/\/ha is on/);
    expect(others).toEqual([]);
  });
});
