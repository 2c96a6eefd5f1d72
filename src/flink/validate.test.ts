import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { parseFlinkDeployment } from './schema.ts';
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

const VERSIONS = 'v1_15, v1_16, v1_17, v1_18, v1_19, v1_20, v2_0, v2_1, v2_2, v2_3, v2_4';
const MEMORY = 'it must be a memory size above 0, such as 2048m, 2g or 2Gi';
const NAME = "be at most 45 lower-case letters, digits and '-', start with a letter and not end with '-'";
const HA = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/ha' };

describe('validateSpec', () => {
  it('accepts an application and a session cluster', () => {
    expect(told(aFlinkDeployment())).toBe('');
    expect(told(aSessionCluster())).toBe('');
  });

  it.each([
    [
      'negative parallelism',
      { spec: { job: { parallelism: -1 } } },
      'spec.job.parallelism: -1 is not valid, it must be at least 1',
    ],
    [
      'zero parallelism',
      { spec: { job: { parallelism: 0 } } },
      'spec.job.parallelism: 0 is not valid, it must be at least 1',
    ],
    [
      'parallelism beyond Flink',
      { spec: { job: { parallelism: 32_769 } } },
      'spec.job.parallelism: 32769 is not valid, it must be at most 32768, the highest parallelism Flink can run',
    ],
    [
      'an unknown flinkVersion',
      { spec: { flinkVersion: 'v9_9' } },
      `spec.flinkVersion: "v9_9" is not valid, it must be one of ${VERSIONS}`,
    ],
    [
      'a flinkVersion that is too old',
      { spec: { flinkVersion: 'v1_14' } },
      `spec.flinkVersion: "v1_14" is not valid, it must be one of ${VERSIONS}`,
    ],
    [
      'a missing flinkVersion',
      { spec: { flinkVersion: undefined } },
      `spec.flinkVersion: is missing, it must be one of ${VERSIONS}`,
    ],
    [
      'a missing image',
      { spec: { image: undefined } },
      'spec.image: is missing, it must name the image with Flink and the job',
    ],
    [
      'a blank image',
      { spec: { image: ' ' } },
      'spec.image: " " is not valid, it must name the image with Flink and the job',
    ],
    [
      'a missing service account',
      { spec: { serviceAccount: undefined } },
      'spec.serviceAccount: is missing, it must name the service account of the pods',
    ],
    [
      'an unknown pull policy',
      { spec: { imagePullPolicy: 'Sometimes' } },
      'spec.imagePullPolicy: "Sometimes" is not valid, it must be one of Always, IfNotPresent, Never',
    ],
    [
      'memory 12xb',
      { spec: { taskManager: { resource: { memory: '12xb' } } } },
      `spec.taskManager.resource.memory: "12xb" is not valid, ${MEMORY}`,
    ],
    [
      'memory -1g',
      { spec: { jobManager: { resource: { memory: '-1g' } } } },
      `spec.jobManager.resource.memory: "-1g" is not valid, ${MEMORY}`,
    ],
    [
      'memory 0',
      { spec: { jobManager: { resource: { memory: '0' } } } },
      `spec.jobManager.resource.memory: "0" is not valid, ${MEMORY}`,
    ],
    [
      'missing memory',
      { spec: { taskManager: { resource: { memory: undefined } } } },
      'spec.taskManager.resource.memory: is missing, it must be a memory size above 0, such as 2048m, 2g or 2Gi',
    ],
    [
      'memory in resources missing, which win',
      { spec: { taskManager: { resources: { requests: { cpu: 1 } } } } },
      'spec.taskManager.resources.requests.memory: is missing, it must be a memory size above 0, such as 2048m, 2g or 2Gi',
    ],
    [
      'no cores',
      { spec: { jobManager: { resource: { cpu: 0 } } } },
      'spec.jobManager.resource.cpu: 0 is not valid, it must be above 0',
    ],
    [
      'ephemeral storage that is no quantity',
      { spec: { jobManager: { resource: { ephemeralStorage: 'much' } } } },
      'spec.jobManager.resource.ephemeralStorage: "much" is not valid, it must be a quantity, such as 500m, 2 or 1Gi',
    ],
    [
      'requests above limits',
      {
        spec: {
          taskManager: { resources: { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: 1, memory: '3g' } } },
        },
      },
      'spec.taskManager.resources.requests.cpu: "2" is not valid, it must be at most the limit, 1; ' +
        'spec.taskManager.resources.requests.memory: "4Gi" is not valid, it must be at most the limit, "3g"',
    ],
    [
      'quantities that are none',
      { spec: { jobManager: { resources: { limits: { memory: '12xb', cpu: 'x', 'nvidia.com/gpu': -1 } } } } },
      `spec.jobManager.resources.limits.memory: "12xb" is not valid, ${MEMORY}; ` +
        `spec.jobManager.resources.limits.cpu: "x" is not valid, it must be a quantity, such as 500m, 2 or 1Gi; ` +
        `spec.jobManager.resources.limits["nvidia.com/gpu"]: -1 is not valid, it must be at least 0`,
    ],
    [
      'a pod template that is a text',
      { spec: { podTemplate: 'x' } },
      'spec.podTemplate: "x" is not valid, it must be an object like a pod',
    ],
    [
      'pod templates with wrong parts',
      { spec: { podTemplate: { spec: { containers: [{ image: 'x' }] } }, taskManager: { podTemplate: { spec: 1 } } } },
      "spec.podTemplate.spec.containers[0].name: is missing, it must be a name of at most 63 lower-case letters, digits and '-'; " +
        'spec.taskManager.podTemplate.spec: 1 is not valid, it must be an object',
    ],
    [
      'no jar',
      { spec: { job: { jarURI: undefined } } },
      "spec.job.jarURI: is missing, it must name the job's jar in the image (local:///opt/flink/usrlib/job.jar), unless entryClass names a class on its class path",
    ],
    [
      'forbidden options, flat and nested',
      {
        spec: {
          flinkConfiguration: {
            kubernetes: { 'cluster-id': 'other', namespace: 'kube-system' },
            'high-availability.cluster-id': 'other',
          },
        },
      },
      [
        'spec.flinkConfiguration["kubernetes.namespace"]: "kube-system"',
        'spec.flinkConfiguration["kubernetes.cluster-id"]: "other"',
        'spec.flinkConfiguration["high-availability.cluster-id"]: "other"',
      ]
        .map(
          (start) =>
            `${start} is not valid, it must not be set, since Weir derives it from the resource's name and namespace`,
        )
        .join('; '),
    ],
    [
      'a long name',
      { metadata: { name: 'a'.repeat(300) } },
      `metadata.name: "${'a'.repeat(76)}... is not valid, it must ${NAME}`,
    ],
    [
      'a name that is no cluster id',
      { metadata: { name: '2orders' } },
      `metadata.name: "2orders" is not valid, it must ${NAME}`,
    ],
    [
      'a 900 kB configuration',
      { spec: { flinkConfiguration: { 'some.key': 'x'.repeat(900_000) } } },
      'spec.flinkConfiguration: 878.92 KiB is not valid, it must be small enough that the spec has at most 384 KiB as JSON; it has 879.21 KiB',
    ],
    [
      'slots that are no count',
      { spec: { flinkConfiguration: { taskmanager: { numberOfTaskSlots: 0 } } } },
      'spec.flinkConfiguration["taskmanager.numberOfTaskSlots"]: "0" is not valid, it must be a whole number of at least 1',
    ],
    [
      'a default parallelism that is no count and is needed',
      { spec: { flinkConfiguration: { 'parallelism.default': 'many' }, job: { parallelism: undefined } } },
      'spec.flinkConfiguration["parallelism.default"]: "many" is not valid, it must be a whole number of at least 1, unless spec.job.parallelism is set',
    ],
    [
      'no TaskManagers',
      { spec: { taskManager: { replicas: 0 } } },
      'spec.taskManager.replicas: 0 is not valid, it must be at least 1',
    ],
    [
      'standby JobManagers without high availability',
      { spec: { jobManager: { replicas: 2 } } },
      'spec.jobManager.replicas: 2 is not valid, it must be 1 unless high-availability.type is set in spec.flinkConfiguration',
    ],
    [
      'a memory option that is no size',
      { spec: { flinkConfiguration: { 'taskmanager.memory.process.size': '12xb' } } },
      `spec.flinkConfiguration["taskmanager.memory.process.size"]: "12xb" is not valid, ${MEMORY}`,
    ],
    [
      'upgrade modes without folders',
      { spec: { job: { upgradeMode: 'savepoint' } } },
      'spec.flinkConfiguration["state.checkpoints.dir"]: is missing, it must name a folder for checkpoints, since upgradeMode is savepoint; ' +
        'spec.flinkConfiguration["state.savepoints.dir"]: is missing, it must name a folder for savepoints, since upgradeMode is savepoint',
    ],
    [
      'last-state without a folder',
      { spec: { job: { upgradeMode: 'last-state' } } },
      'spec.flinkConfiguration["state.checkpoints.dir"]: is missing, it must name a folder for checkpoints, since upgradeMode is last-state',
    ],
    [
      'periodic savepoints without a folder',
      { spec: { flinkConfiguration: { 'kubernetes.operator.periodic.savepoint.interval': '1h' } } },
      'spec.flinkConfiguration["state.savepoints.dir"]: is missing, it must name a folder for savepoints, since kubernetes.operator.periodic.savepoint.interval is set',
    ],
    [
      'a health check without recovery',
      {
        spec: {
          flinkConfiguration: {
            'kubernetes.operator.cluster.health-check.enabled': 'true',
            'kubernetes.operator.jm-deployment-recovery.enabled': 'FALSE',
          },
        },
      },
      'spec.flinkConfiguration["kubernetes.operator.jm-deployment-recovery.enabled"]: "false" is not valid, it must not be false while kubernetes.operator.cluster.health-check.enabled is true',
    ],
    [
      'an ingress without a template',
      { spec: { ingress: { className: 'nginx' } } },
      'spec.ingress.template: is missing, it must be a host with or without a path, such as {{name}}.example.com',
    ],
    [
      'an ingress template that is no host',
      { spec: { ingress: { template: 'a b' } } },
      'spec.ingress.template: "a b" is not valid, it must be a host with or without a path, such as {{name}}.example.com',
    ],
    [
      'an unknown log file',
      { spec: { logConfiguration: { 'log4j.properties': 'x' } } },
      'spec.logConfiguration: "log4j.properties" is not valid, it must hold only log4j-console.properties and logback-console.xml',
    ],
  ])('refuses %s', (_, overrides, message) => {
    expect(toldOf(overrides)).toBe(message);
  });

  it.each([
    ['an absent parallelism', { spec: { job: { parallelism: undefined } } }],
    [
      'parallelism.default as a number',
      { spec: { flinkConfiguration: { 'parallelism.default': 4 }, job: { parallelism: undefined } } },
    ],
    ['zero parallelism beside replicas', { spec: { job: { parallelism: 0 }, taskManager: { replicas: 2 } } }],
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

  it('reports everything at once', () => {
    const object = { ...aFlinkDeployment(), metadata: { name: 'X' }, spec: {} };
    expect(validateSpec('X', object.spec).map((issue) => issue.path)).toEqual([
      'metadata.name',
      'spec.image',
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
