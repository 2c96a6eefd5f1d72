import { type Attack, flink, options, sessionJob, snapshot, spark } from './attack.ts';

const JOB = '0123456789abcdef0123456789abcdef';

/** A record as Weir writes it, of a spec that nobody deployed. */
function recorded(spec: unknown): Readonly<Record<string, unknown>> {
  const text = JSON.stringify({ spec, resource_metadata: { apiVersion: 'flink.apache.org/v1beta1' } });
  return { state: 'DEPLOYED', reconciliationTimestamp: 1, lastReconciledSpec: text };
}

function status(lastReconciledSpec: string, more: object = {}): unknown {
  return { reconciliationStatus: { state: 'DEPLOYED', reconciliationTimestamp: 1, lastReconciledSpec }, ...more };
}

/** T9: a status that its author wrote. */
const STATUSES: readonly Attack[] = [
  flink('T9', 'a record that is no JSON', {}, { status: status('{{') }),
  flink(
    'T9',
    'a record of other kinds',
    {},
    {
      status: {
        reconciliationStatus: recorded({ job: 'x', image: { a: 1 }, flinkConfiguration: [1], podTemplate: 5 }),
      },
    },
  ),
  flink('T9', 'a record of half a megabyte', {}, { status: status('x'.repeat(500_000)) }),
  flink(
    'T9',
    'a record nested without end',
    {},
    {
      status: status(`{"spec":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)},"resource_metadata":{}}`),
    },
  ),
  flink(
    'T9',
    'a record with a prototype',
    {},
    {
      status: status('{"spec":{"__proto__":{"job":{}}},"resource_metadata":{}}'),
    },
  ),
  flink(
    'T9',
    'a job id that leads to another path',
    {},
    {
      status: status('{}', {
        jobStatus: { jobId: '../../../api/v1/namespaces/kube-system/secrets', state: 'RUNNING' },
      }),
    },
  ),
  options(
    'T9',
    'the savepoint of another job',
    { 'state.savepoints.dir': 's3://own' },
    {
      status: status('{}', { jobStatus: { jobId: JOB, upgradeSavepointPath: 's3://victim/savepoint-1' } }),
    },
  ),
  sessionJob(
    'T9',
    'a job of another session',
    {},
    {
      status: status('{}', { jobStatus: { jobId: JOB, state: 'RUNNING' } }),
    },
  ),
  spark(
    'T9',
    'a driver of another application',
    {},
    {
      status: {
        applicationState: { state: 'RUNNING' },
        submissionID: 'victim',
        sparkApplicationId: 'victim',
        driverInfo: { podName: 'victim-pod' },
      },
    },
  ),
  spark(
    'T9',
    'executors without number',
    {},
    {
      status: {
        applicationState: { state: 'RUNNING' },
        submissionID: 'forged',
        executorState: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`exec-${index}`, 'RUNNING'])),
      },
    },
  ),
  spark('T9', 'a state that is none', {}, { status: { applicationState: { state: '__proto__' } } }),
];

const ONCE = 'weir.dev/once-args';

/** T9: annotations by which users ask for something. */
const ANNOTATIONS: readonly Attack[] = [
  ...['{"a":1}', '[1,2]', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, `["${'a","'.repeat(50_000)}a"]`].map((args) =>
    flink('T9', `arguments for once: ${args.slice(0, 10)}`, {}, { ...once(args), refused: ONCE }),
  ),
];

function once(args: string): Pick<Attack, 'metadata'> {
  return { metadata: { annotations: { [ONCE]: args, 'weir.dev/stateless-once': 'a' } } };
}

/** T11: secrets where messages could show them; CANARY is looked for in everything the operator says. */
export const CANARY = 'canary-5f1d0c';

const SECRETS: readonly Attack[] = [
  options(
    'T11',
    'secrets beside a mistake',
    {
      's3.secret-key': `${CANARY}-1`,
      's3.access-key': `${CANARY}-2`,
      'security.ssl.rest.keystore-password': `${CANARY}-3`,
      'fs.azure.account.key.team.blob.core.windows.net': `${CANARY}-4`,
      'taskmanager.numberOfTaskSlots': 'none',
    },
    { refused: 'spec.flinkConfiguration["taskmanager.numberOfTaskSlots"]' },
  ),
  options(
    'T11',
    'a secret that ends a line',
    { 's3.secret-key': `${CANARY}-5\n#` },
    { spec: { flinkVersion: 'v1_18' } },
  ),
  options('T11', 'secrets that are taken', { 's3.secret-key': `${CANARY}-6`, 'a.password': `${CANARY}-7` }),
  flink('T11', 'variables', {
    podTemplate: {
      spec: {
        containers: [{ name: 'flink-main-container', env: [{ name: 'DB_PASSWORD', value: `${CANARY}-8` }] }],
      },
    },
  }),
  flink(
    'T11',
    'variables beside a mistake',
    {
      podTemplate: {
        spec: { containers: [{ env: [{ name: 'DB_PASSWORD', value: `${CANARY}-9` }] }] },
      },
    },
    { refused: 'spec.podTemplate.spec.containers[0].name' },
  ),
  spark(
    'T11',
    'tokens that are refused',
    {
      sparkConf: {
        'spark.kubernetes.authenticate.oauthToken': `${CANARY}-10`,
        'spark.kubernetes.authenticate.driver.oauthToken': `${CANARY}-11`,
      },
    },
    { refused: 'spec.sparkConf["spark.kubernetes.authenticate.oauthToken"]' },
  ),
  spark('T11', 'keys that are taken', {
    sparkConf: { 'spark.authenticate.secret': `${CANARY}-12` },
    hadoopConf: { 'fs.s3a.secret.key': `${CANARY}-13` },
    driver: { env: [{ name: 'TOKEN', value: `${CANARY}-14` }] },
  }),
  sessionJob(
    'T11',
    'a password in an address',
    { job: { jarURI: `https://u:${CANARY}-15@10.0.0.1/a.jar` } },
    {
      refused: 'spec.job.jarURI',
    },
  ),
  sessionJob(
    'T11',
    'a signature in an address',
    {
      job: { jarURI: `http://jars.example.com/a.jar?X-Amz-Signature=${CANARY}-16` },
    },
    { refused: 'spec.job.jarURI' },
  ),
];

/** T15: what was made under a name before. The objects themselves are in the test. */
export const SQUATTED = ['squat-a', 'squat-b'] as const;

const NAMES: readonly Attack[] = [
  flink('T15', 'the Services and ConfigMaps of a user', {}, { metadata: { name: SQUATTED[0] } }),
  spark('T15', 'the Service and driver of a user', {}, { metadata: { name: SQUATTED[1] } }),
  flink('T15', 'the name of a service of the cluster', {}, { metadata: { name: 'kubernetes' } }),
  flink('T15', 'a name that is too long', {}, { metadata: { name: 'a'.repeat(46) }, refused: 'metadata.name' }),
  spark('T15', 'a name with a dot', {}, { metadata: { name: 'a.b' }, refused: 'metadata.name' }),
];

/** T16: finalizers of somebody else. T17: snapshots of somebody else. */
const LIFE: readonly Attack[] = [
  ...['Flink', 'Spark'].map((engine) =>
    (engine === 'Flink' ? flink : spark)(
      'T16',
      `a finalizer that nobody removes, ${engine}`,
      {},
      {
        metadata: { finalizers: ['example.com/never'] },
      },
    ),
  ),
  flink(
    'T16',
    "the operator's finalizer from the beginning",
    {},
    {
      metadata: { finalizers: ['flinkdeployments.flink.apache.org/finalizer'] },
    },
  ),
  sessionJob(
    'T16',
    'a session that never comes',
    {},
    {
      metadata: { finalizers: ['flinksessionjobs.flink.apache.org/finalizer'] },
    },
  ),
  snapshot(
    'T16',
    'a job that never comes',
    {
      savepoint: {},
      jobReference: { kind: 'FlinkDeployment', name: 'no-such-job' },
    },
    { metadata: { finalizers: ['flinkstatesnapshots.flink.apache.org/finalizer'] } },
  ),
  ...['s3://victim/savepoint-1', 'file:///etc', '../..', 'https://169.254.169.254/'].map((path) =>
    snapshot('T17', `a savepoint at ${path}`, { savepoint: { path, alreadyExists: true, disposeOnDelete: true } }),
  ),
  snapshot('T17', 'a savepoint and a checkpoint', { savepoint: {}, checkpoint: {} }, { refused: 'spec' }),
];

/** Attacks by what is beside the spec, and by secrets in it. */
export const ASIDE: readonly Attack[] = [...STATUSES, ...ANNOTATIONS, ...SECRETS, ...NAMES, ...LIFE];
