import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { parseFlinkDeployment } from './schema.ts';
import { REFUSED_SPECS } from './testing/refused.ts';
import { aFlinkDeployment, aSessionCluster, type FlinkDeploymentOverrides } from './testing.ts';
import { deprecations, validateChange, validateSpec } from './validate.ts';

/** What a user is told about an object: schema first, and rules once it fits the schema. */
function told(object: KubeObject, defaults: Record<string, string> = {}): string {
  const parsed = parseFlinkDeployment(object);
  return describeIssues(parsed.ok ? validateSpec(object.metadata.name, parsed.value.spec, defaults) : parsed.error);
}

function toldOf(overrides: unknown, defaults: Record<string, string> = {}): string {
  return told(aFlinkDeployment(overrides as FlinkDeploymentOverrides), defaults);
}

const HA = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/ha' };

describe('validateSpec', () => {
  it('accepts an application and a session cluster', () => {
    expect(told(aFlinkDeployment())).toBe('');
    expect(told(aSessionCluster())).toBe('');
  });

  it.each(REFUSED_SPECS)('refuses %s', (_, overrides, message) => {
    expect(toldOf(overrides)).toBe(message);
  });

  it.each([
    ['an absent parallelism', { spec: { job: { parallelism: undefined } } }],
    [
      'parallelism.default as a number',
      { spec: { flinkConfiguration: { 'parallelism.default': 4 }, job: { parallelism: undefined } } },
    ],
    ['zero parallelism beside replicas', { spec: { job: { parallelism: 0 }, taskManager: { replicas: 2 } } }],
    ['an image that an option or a pod template may name', { spec: { image: undefined } }],
    [
      'a jar that an option names',
      { spec: { flinkConfiguration: { 'pipeline.jars': 'local:///a.jar' }, job: { jarURI: undefined } } },
    ],
    [
      'a job in the usrlib folder of a standalone cluster',
      { spec: { mode: 'standalone', job: { jarURI: undefined } } },
    ],
    ['an entry class without a jar', { spec: { job: { jarURI: undefined, entryClass: 'a.B' } } }],
    ['memory in Kubernetes units', { spec: { jobManager: { resource: { memory: '1.5Gi' } } } }],
    ['memory with a blank', { spec: { jobManager: { resource: { memory: '2 GB' } } } }],
    [
      'memory in limits only',
      { spec: { jobManager: { resource: undefined, resources: { limits: { memory: '2Gi' } } } } },
    ],
    [
      'memory by options',
      {
        spec: {
          flinkConfiguration: {
            'jobmanager.memory.process.size': '1600m',
            'taskmanager.memory.task.heap.size': '1g',
            'taskmanager.memory.managed.size': '1g',
          },
          jobManager: undefined,
          taskManager: undefined,
        },
      },
    ],
    ['standby JobManagers with high availability', { spec: { flinkConfiguration: HA, jobManager: { replicas: 2 } } }],
    [
      'folders in the newer spelling',
      {
        spec: {
          flinkConfiguration: {
            execution: { checkpointing: { dir: 's3://b/c', 'savepoint-dir': 's3://b/s' } },
          },
          job: { upgradeMode: 'savepoint' },
        },
      },
    ],
    ['an ingress for a path', { spec: { ingress: { template: '/{{namespace}}/{{name}}(/|$)(.*)' } } }],
    ['an ingress for a host with scheme', { spec: { ingress: { template: 'https://{{Name}}.example.com:8443/ui' } } }],
    ['slots as a text', { spec: { flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '4' } } }],
    ['a 350 KiB configuration', { spec: { flinkConfiguration: { 'some.key': 'x'.repeat(350 * 1024) } } }],
  ])('accepts %s', (_, overrides) => {
    expect(toldOf(overrides)).toBe('');
  });

  it('looks at the defaults where the spec says nothing', () => {
    const overrides = { spec: { job: { upgradeMode: 'last-state' }, jobManager: { replicas: 2 } } };
    expect(toldOf(overrides, { ...HA, 'state.checkpoints.dir': 's3://b/c' })).toBe('');
  });

  it('looks at options of the autoscaler where that is on, by the resource or the defaults', () => {
    const spec = { flinkConfiguration: { 'job.autoscaler.utilization.target': '7' } };
    const on = { 'job.autoscaler.enabled': 'true' };
    expect(toldOf({ spec })).toBe('');
    expect(toldOf({ spec }, on)).toBe(
      'spec.flinkConfiguration["job.autoscaler.utilization.target"]: "7" is not valid, it must be a number from 0 to 1',
    );
    expect(told(aSessionCluster({ spec }), on)).toBe('');
  });

  it('reports everything at once', () => {
    const object = { ...aFlinkDeployment(), metadata: { name: 'X' }, spec: {} };
    expect(validateSpec('X', object.spec).map((issue) => issue.path)).toEqual([
      'metadata.name',
      'spec.serviceAccount',
      'spec.flinkVersion',
      'spec.jobManager.resource.memory',
      'spec.taskManager.resource.memory',
    ]);
  });

  it('is not misled by __proto__', () => {
    const text = JSON.stringify(aFlinkDeployment()).replace(
      '"image"',
      '"flinkConfiguration":{"__proto__":{"kubernetes.cluster-id":"x"},"constructor":"y"},' +
        '"podTemplate":{"__proto__":{"spec":1},"metadata":{"labels":{"__proto__":1}}},"image"',
    );
    expect(told(JSON.parse(text) as KubeObject)).toBe('');
    expect(({} as Record<string, unknown>)['kubernetes.cluster-id']).toBeUndefined();
  });
});

describe('validateChange', () => {
  const application = aFlinkDeployment().spec;
  const session = aSessionCluster().spec;
  const standalone = { ...application, mode: 'standalone' } as const;
  const redeploy = aFlinkDeployment({ spec: { job: { savepointRedeployNonce: 2 } } }).spec;
  const suspended = aFlinkDeployment({ spec: { job: { state: 'suspended', upgradeMode: 'last-state' } } }).spec;
  const resumed = aFlinkDeployment({ spec: { flinkVersion: 'v2_1', job: { upgradeMode: 'last-state' } } }).spec;

  it.each([
    [
      'native to standalone',
      application,
      standalone,
      'spec.mode: "standalone" is not valid, it must stay native; delete the resource and create it again to change it',
    ],
    [
      'standalone to native',
      standalone,
      application,
      'spec.mode: is missing, it must stay standalone; delete the resource and create it again to change it',
    ],
    [
      'application to session',
      application,
      session,
      'spec.job: is missing, it must stay set, since an application cluster cannot become a session cluster',
    ],
    [
      'a new redeploy nonce without a path',
      application,
      redeploy,
      'spec.job.initialSavepointPath: is missing, it must name the savepoint to start from, since savepointRedeployNonce changed',
    ],
    [
      'another version after a last-state suspend',
      suspended,
      resumed,
      'spec.flinkVersion: "v2_1" is not valid, it must stay v2_0 until the job runs again, since it was suspended with last-state',
    ],
  ])('refuses %s', (_, before, after, message) => {
    expect(describeIssues(validateChange(before, after))).toBe(message);
  });

  it('refuses session to application', () => {
    expect(describeIssues(validateChange(session, application))).toMatch(
      /^spec\.job: \{"jarURI".* is not valid, it must stay unset, since a session cluster cannot become an application cluster$/,
    );
  });

  it('takes nulls of a record for absent fields', () => {
    const record = (spec: object) => ({ ...spec, mode: null, ingress: null }) as unknown as typeof application;
    expect(validateChange(record({ ...session, job: null }), session)).toEqual([]);
    expect(validateChange(record({ ...application, job: { savepointRedeployNonce: null } }), application)).toEqual([]);
    expect(validateChange(record({ ...session, job: null }), redeploy).map((issue) => issue.path)).toEqual([
      'spec.job',
    ]);
  });

  it('accepts an explicit native, an unchanged nonce and ordinary changes', () => {
    expect(validateChange(application, { ...application, mode: 'native', image: 'flink:2.1' })).toEqual([]);
    expect(validateChange(redeploy, redeploy)).toEqual([]);
    expect(validateChange(session, { ...session, restartNonce: 1 })).toEqual([]);
  });
});

describe('deprecations', () => {
  it('names old versions and nonces', () => {
    const { spec } = aFlinkDeployment({ spec: { flinkVersion: 'v1_18', job: { savepointTriggerNonce: 1 } } });
    expect(deprecations(spec)).toEqual([
      'spec.flinkVersion: v1_18 is deprecated, move to v1_19 or later',
      'spec.job.savepointTriggerNonce: is deprecated, create a FlinkStateSnapshot instead',
    ]);
    expect(deprecations(aFlinkDeployment().spec)).toEqual([]);
  });
});
