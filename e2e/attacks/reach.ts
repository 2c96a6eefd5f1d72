import {
  type Attack,
  at,
  connect,
  flink,
  options,
  properties,
  schedule,
  sessionJob,
  snapshot,
  spark,
} from './attack.ts';

const FLINK = 'flinkConfiguration';
const SPARK = 'sparkConf';

/** T1: the rights of a stronger service account. Which ones pods may use is said by the fields for that alone. */
const ACCOUNTS: readonly Attack[] = [
  flink('T1', 'the account of another operator', { serviceAccount: 'cluster-admin' }),
  flink('T1', 'an account by the pod template', {
    podTemplate: { spec: { serviceAccountName: 'cluster-admin', automountServiceAccountToken: true } },
  }),
  flink('T1', 'an account of another namespace', { serviceAccount: 'kube-system/default' }),
  spark('T1', 'the account of another operator', { driver: { serviceAccount: 'cluster-admin' } }),
  ...['driver', 'executor'].map((role) => {
    const key = `spark.kubernetes.authenticate.${role}.serviceAccountName`;
    return properties('T1', `an account of the ${role} beside the field`, { [key]: 'x' }, { refused: at(SPARK, key) });
  }),
  ...['oauthToken', 'oauthTokenFile', 'clientKeyFile', 'caCertFile'].map((name) => {
    const key = `spark.kubernetes.authenticate.submission.${name}`;
    return properties('T1', `credentials by ${name}`, { [key]: '/var/run/secrets/x' }, { refused: at(SPARK, key) });
  }),
];

const PRIVILEGED = { securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } } };
const HOST = { hostNetwork: true, hostPID: true, hostIPC: true };
const ROOT = [{ name: 'root', hostPath: { path: '/' } }];

/** T2: the node. The namespace enforces the restricted profile here, so none of these may come to a pod. */
const NODES: readonly Attack[] = [
  spark('T2', 'the network of the node', { driver: { hostNetwork: true } }),
  spark('T2', 'a privileged driver', { driver: PRIVILEGED }),
  spark('T2', 'the file system of the node', {
    volumes: ROOT,
    driver: { volumeMounts: [{ name: 'root', mountPath: '/node' }] },
  }),
  spark('T2', 'all namespaces of the node by a template', { driver: { template: { spec: HOST } } }),
  properties('T2', 'the file system of the node by properties', {
    'spark.kubernetes.driver.volumes.hostPath.root.mount.path': '/node',
    'spark.kubernetes.driver.volumes.hostPath.root.options.path': '/',
  }),
  spark('T2', 'a node chosen by name', { driver: { template: { spec: { nodeName: 'control-plane' } } } }),
  flink('T2', 'all namespaces of the node', { podTemplate: { spec: HOST } }),
  flink('T2', 'a privileged JobManager', {
    jobManager: {
      resource: { cpu: 1, memory: '2048m' },
      podTemplate: { spec: { containers: [{ name: 'flink-main-container', ...PRIVILEGED }] } },
    },
  }),
  flink('T2', 'the file system of the node', { podTemplate: { spec: { volumes: ROOT } } }),
  options('T2', 'the network of the node by an option', { 'kubernetes.hostnetwork.enabled': 'true' }),
];

/** T3: another namespace. */
const NAMESPACES: readonly Attack[] = [
  ...['kubernetes.namespace', 'kubernetes.cluster-id', 'high-availability.cluster-id'].map((key) =>
    options('T3', `${key} of another`, { [key]: 'kube-system' }, { refused: at(FLINK, key) }),
  ),
  options(
    'T3',
    'a namespace in nested options',
    { kubernetes: { namespace: 'kube-system' } },
    {
      refused: at(FLINK, 'kubernetes.namespace'),
    },
  ),
  ...[
    'kube-system',
    ' weir-bench',
    'weir-bench\nspark.kubernetes.namespace=kube-system',
    'weir-bench/../kube-system',
  ].map((value) =>
    properties(
      'T3',
      `namespace ${JSON.stringify(value)}`,
      { 'spark.kubernetes.namespace': value },
      {
        refused: at(SPARK, 'spark.kubernetes.namespace'),
      },
    ),
  ),
  schedule(
    'T3',
    'a namespace in the template',
    {
      template: {
        type: 'Scala',
        mode: 'cluster',
        sparkVersion: '3.5.9',
        image: 'spark:3.5.9',
        mainClass: 'A',
        mainApplicationFile: 'local:///a.jar',
        sparkConf: { 'spark.kubernetes.namespace': 'kube-system' },
      },
    },
    { refused: 'spec.template.sparkConf["spark.kubernetes.namespace"]' },
  ),
  connect(
    'T3',
    'a namespace',
    { sparkConf: { 'spark.kubernetes.namespace': 'kube-system' } },
    {
      refused: at(SPARK, 'spark.kubernetes.namespace'),
    },
  ),
  ...['victim/victim', '../victim', 'kube-system'].map((deploymentName) =>
    sessionJob(
      'T3',
      `session ${deploymentName}`,
      { deploymentName },
      {
        ...(deploymentName.includes('/') ? { refused: 'spec.deploymentName' } : {}),
      },
    ),
  ),
  snapshot('T3', 'a job of another namespace', {
    savepoint: {},
    jobReference: { kind: 'FlinkDeployment', name: 'victim/orders' },
  }),
  flink(
    'T3',
    'an owner that is somebody else',
    {},
    {
      metadata: {
        ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system', uid: 'not-a-uid-of-anything' }],
      },
    },
  ),
];

/** T4: what the operator itself reads. */
const OPERATOR: readonly Attack[] = [
  options('T4', 'a kubeconfig of the author', { 'kubernetes.config.file': '/etc/kubernetes/admin.conf' }),
  options('T4', 'another REST address', { 'rest.address': '169.254.169.254', 'rest.port': '80' }),
  options('T4', 'a keytab of the operator', {
    'security.kerberos.login.keytab': '/var/run/secrets/kubernetes.io/serviceaccount/token',
  }),
  options('T4', "the operator's own options", {
    'kubernetes.operator.leader-election.enabled': 'false',
    'kubernetes.operator.watched.namespaces': 'kube-system',
  }),
  options('T4', 'a template of the operator', {
    'kubernetes.pod-template-file.default': '/var/run/secrets/kubernetes.io/serviceaccount/token',
  }),
  ...['spark.kubernetes.driver.podTemplateFile', 'spark.kubernetes.executor.podTemplateFile'].map((key) =>
    properties(
      'T4',
      key,
      { [key]: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
      { refused: at(SPARK, key) },
    ),
  ),
  properties(
    'T4',
    'files of the machine that submits',
    {
      'spark.kerberos.keytab': '/var/run/secrets/kubernetes.io/serviceaccount/token',
    },
    { refused: at(SPARK, 'spark.kerberos.keytab') },
  ),
  spark(
    'T4',
    'a main file of the operator',
    { mainApplicationFile: 'file:///app/weir.mjs' },
    {
      refused: 'spec.mainApplicationFile',
    },
  ),
  spark('T4', 'a driver inside the operator', { mode: 'client' }, { refused: 'spec.mode' }),
];

/** Addresses that only the operator can reach, in the spellings that URL parsers take. */
const INSIDE = [
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/latest/',
  'https://0xA9FEA9FE/latest/',
  'https://0251.0376.0251.0376/latest/',
  'https://169.254.43518/latest/',
  'https://[::ffff:169.254.169.254]/latest/',
  'https://[::ffff:a9fe:a9fe]/latest/',
  'https://[fd00:ec2::254]/latest/',
  'https://127.1/x.jar',
  'https://[::1]/x.jar',
  'https://0/x.jar',
  'https://10.0.0.1/x.jar',
  'https://１２７.０.０.１/x.jar',
  'https://①②⑦.⓪.⓪.①/x.jar',
  'https://user:pw@10.0.0.1/x.jar',
  'http://jars.example.com/x.jar',
  'file:///var/run/secrets/kubernetes.io/serviceaccount/token',
  'gopher://10.0.0.1/x.jar',
  'jar:https://10.0.0.1/x.jar!/',
  's3://10.0.0.1:9000/bucket/x.jar',
  's3://user:pw@bucket/x.jar',
  's3a://bucket/../other/x.jar',
] as const;

/** T5: requests by the operator to where its users cannot reach. Redirects and names: src/runtime/artifact-source.test.ts. */
const REQUESTS: readonly Attack[] = INSIDE.map((jarURI) =>
  sessionJob('T5', jarURI, { job: { jarURI, parallelism: 1 } }, { refused: 'spec.job.jarURI' }),
);

/** T6: addresses and rules of a shared ingress controller. */
const INGRESSES: readonly Attack[] = [
  flink('T6', 'a template without a host', { ingress: { template: '/*' } }),
  flink(
    'T6',
    'lines in a template',
    { ingress: { template: 'a.example.org\nserver_name b' } },
    {
      refused: 'spec.ingress.template',
    },
  ),
  flink(
    'T6',
    'another kind of variable',
    { ingress: { template: '{{name}}.{{.Values.host}}.$host' } },
    {
      refused: 'spec.ingress.template',
    },
  ),
  spark(
    'T6',
    'a host of white space',
    {
      driverIngressOptions: [{ servicePort: 80, ingressURLFormat: 'a b.example.org' }],
    },
    { refused: 'spec.driverIngressOptions[0].ingressURLFormat' },
  ),
  spark(
    'T6',
    'a Service that leads elsewhere',
    { sparkUIOptions: { serviceType: 'ExternalName' } },
    {
      refused: 'spec.sparkUIOptions.serviceType',
    },
  ),
  spark(
    'T6',
    'one address twice',
    {
      driverIngressOptions: [
        { servicePort: 80, ingressURLFormat: 'a.example.org' },
        { servicePort: 81, ingressURLFormat: 'a.example.org' },
      ],
    },
    { refused: 'spec.driverIngressOptions[1].ingressURLFormat' },
  ),
];

/** Attacks on what lies outside the namespace of their author. */
export const REACH: readonly Attack[] = [...ACCOUNTS, ...NODES, ...NAMESPACES, ...OPERATOR, ...REQUESTS, ...INGRESSES];
