import { aSchedule } from '../../src/spark/schedule/testing.ts';
import { type Attack, at, connect, schedule } from './attack.ts';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const PRIVILEGED = { securityContext: { privileged: true } };
const EXECUTOR_ACCOUNT = 'spark.kubernetes.authenticate.executor.serviceAccountName';

function run(over: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { template: { ...aSchedule().spec.template, ...over } };
}

/** ScheduledSparkApplications: what its runs would do, and which runs it takes for its own. */
const SCHEDULES: readonly Attack[] = [
  schedule('T1', 'an account of the executors beside the field', run({ sparkConf: { [EXECUTOR_ACCOUNT]: 'x' } }), {
    refused: at('template.sparkConf', EXECUTOR_ACCOUNT),
  }),
  schedule('T4', 'a main file of the operator', run({ mainApplicationFile: 'file:///app/weir.mjs' }), {
    refused: 'spec.template.mainApplicationFile',
  }),
  schedule('T4', 'a driver inside the operator', run({ mode: 'client' }), { refused: 'spec.template.mode' }),
  schedule(
    'T9',
    'runs of somebody else',
    { successfulRunHistoryLimit: 0, failedRunHistoryLimit: 0 },
    {
      status: {
        lastRunName: 'bystander',
        pastSuccessfulRunNames: ['bystander', '../victim', 'victim'],
        pastFailedRunNames: ['bystander'],
        scheduleState: 'Scheduled',
      },
    },
  ),
  schedule(
    'T9',
    'a next run long ago',
    {},
    {
      status: { nextRun: '0001-01-01T00:00:00Z', lastRun: '9999-12-31T23:59:59Z', observedSchedule: '\u0000' },
    },
  ),
  schedule('T10', 'a history below nothing', { failedRunHistoryLimit: -1 }, { refused: 'spec.failedRunHistoryLimit' }),
  schedule('T12', 'labels that runs are told by', run({ driver: { labels: { 'spark-role': 'executor' } } }), {
    refused: 'spec.template.driver.labels.spark-role',
  }),
  schedule('T12', 'lines in a time zone', { timeZone: 'UTC\nTZ=Local' }, { refused: 'spec.timeZone' }),
  schedule('T14', 'files of the operator', run({ deps: { files: [`file://${TOKEN}`] } }), {
    refused: 'spec.template.deps.files[0]',
  }),
  schedule('T15', 'a name with a dot', {}, { metadata: { name: 'a.b' }, refused: 'metadata.name' }),
];

/** SparkConnects: what their servers would do, and the Service that clients trust. */
const SERVERS: readonly Attack[] = [
  connect(
    'T1',
    'an account of the executors beside the field',
    { sparkConf: { [EXECUTOR_ACCOUNT]: 'x' } },
    {
      refused: at('sparkConf', EXECUTOR_ACCOUNT),
    },
  ),
  connect('T2', 'a privileged server', {
    server: { template: { spec: { containers: [{ name: 'spark-kubernetes-driver', ...PRIVILEGED }] } } },
  }),
  connect(
    'T4',
    'a template of the operator',
    { sparkConf: { 'spark.kubernetes.driver.podTemplateFile': TOKEN } },
    {
      refused: at('sparkConf', 'spark.kubernetes.driver.podTemplateFile'),
    },
  ),
  connect(
    'T9',
    'a server of somebody else',
    {},
    {
      status: {
        state: 'Ready',
        server: { podName: 'victim-pod', serviceName: 'squat-a-rest' },
        run: {
          applicationState: { state: 'RUNNING' },
          submissionID: 'victim',
          driverInfo: { podName: 'victim-pod' },
          driverSeen: 'victim',
        },
      },
    },
  ),
  connect(
    'T12',
    'the name of a Service as a path',
    { server: { service: { metadata: { name: '../../kube-system' } } } },
    {
      refused: 'spec.server.service.metadata.name',
    },
  ),
  connect('T13', 'a prototype in a template', {
    server: {
      template: JSON.parse('{"__proto__":{"spec":{"hostNetwork":true}},"metadata":{"labels":{"__proto__":"x"}}}'),
    },
  }),
  connect(
    'T14',
    'another master',
    { sparkConf: { 'spark.master': 'local[*]' } },
    {
      refused: at('sparkConf', 'spark.master'),
    },
  ),
  connect('T15', 'the Service of a user', { server: { service: { metadata: { name: 'squat-a' } } } }),
  connect('T15', 'a name that is too long', {}, { metadata: { name: 'a'.repeat(57) }, refused: 'metadata.name' }),
];

/** Attacks by the kinds that make applications, or what is like one. */
export const DERIVED: readonly Attack[] = [...SCHEDULES, ...SERVERS];
