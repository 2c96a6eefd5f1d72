const VERSIONS = 'v1_15, v1_16, v1_17, v1_18, v1_19, v1_20, v2_0, v2_1, v2_2, v2_3, v2_4';
const MEMORY = 'it must be a memory size above 0, such as 2048m, 2g or 2Gi';
const NAME = "be at most 45 lower-case letters, digits and '-', start with a letter and not end with '-'";

/** What is wrong with a FlinkDeployment, how it differs from an ordinary one, and what its author is told. */
export const REFUSED_SPECS: readonly (readonly [what: string, overrides: unknown, message: string])[] = [
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
    'a missing service account',
    { spec: { serviceAccount: undefined } },
    'spec.serviceAccount: is missing, it must name the service account of the pods',
  ],
  [
    'less memory than the JVM needs beside Flink',
    { spec: { taskManager: { resource: { memory: '300m' } } } },
    'spec.taskManager.resource.memory: "300m" is not valid, it must be at least 448m, which the JVM needs beside Flink\'s own memory (taskmanager.memory.jvm-metaspace.size and taskmanager.memory.jvm-overhead.min)',
  ],
  [
    'high availability without a folder',
    { spec: { flinkConfiguration: { 'high-availability.type': 'kubernetes' } } },
    'spec.flinkConfiguration["high-availability.storageDir"]: is missing, it must name a folder, since high availability is kubernetes',
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
    'spec.flinkConfiguration["execution.checkpointing.dir"]: is missing, it must name a folder for checkpoints (before Flink 1.20 by state.checkpoints.dir), since upgradeMode is savepoint; ' +
      'spec.flinkConfiguration["execution.checkpointing.savepoint-dir"]: is missing, it must name a folder for savepoints (before Flink 1.20 by state.savepoints.dir), since upgradeMode is savepoint',
  ],
  [
    'last-state without a folder',
    { spec: { job: { upgradeMode: 'last-state' } } },
    'spec.flinkConfiguration["execution.checkpointing.dir"]: is missing, it must name a folder for checkpoints (before Flink 1.20 by state.checkpoints.dir), since upgradeMode is last-state',
  ],
  [
    'periodic savepoints without a folder',
    { spec: { flinkConfiguration: { 'kubernetes.operator.periodic.savepoint.interval': '1h' } } },
    'spec.flinkConfiguration["execution.checkpointing.savepoint-dir"]: is missing, it must name a folder for savepoints (before Flink 1.20 by state.savepoints.dir), since kubernetes.operator.periodic.savepoint.interval is set',
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
];
