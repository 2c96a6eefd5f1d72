import { type KubeObject, ownerReference } from '../../../kube/object.ts';
import { SPARK_LABELS } from '../../../spark/conf/submission.ts';
import { decideConnect } from '../../../spark/connect/decide.ts';
import { clientService } from '../../../spark/connect/desired.ts';
import { type ConnectObserved, UNSEEN } from '../../../spark/connect/observed.ts';
import { CONNECT_STATES, type SparkConnectSpec, type SparkConnectStatus } from '../../../spark/connect/schema.ts';
import { connectSituation } from '../../../spark/connect/situation.ts';
import { aSparkConnect } from '../../../spark/connect/testing.ts';
import { GENERATION, type Line, rowsOf, type Table, written } from './standing.ts';

const NOW = new Date('2026-02-03T04:06:00Z');
const metadata = { generation: GENERATION };

interface Pass {
  readonly spec?: SparkConnectSpec;
  /** Whether its server was submitted before, as by the spec of `aSparkConnect` with `restartPolicy`. */
  readonly submitted?: SparkConnectStatus;
  /** The server pod; absent: there is none. */
  readonly server?: Readonly<Record<string, unknown>>;
  readonly deleting?: true;
}

function pass({ spec = {}, submitted, server, deleting }: Pass): KubeObject {
  const deletion = deleting === true ? { deletionTimestamp: '2026-02-03T04:05:59Z' } : {};
  const status = submitted === undefined ? {} : { status: submitted };
  const connect = aSparkConnect({ metadata: { ...metadata, ...deletion }, spec, ...status });
  const drivers = server === undefined || submitted === undefined ? [] : [podOf(submitted, server)];
  return written(connect, planOf(connect, { drivers, services: [clientService(connect, aSparkConnect().spec)] }));
}

function planOf(connect: KubeObject, observed: Partial<ConnectObserved>): SparkConnectStatus | undefined {
  return decideConnect(connectSituation(connect, { ...UNSEEN, ...observed }, NOW)).status;
}

/** The status after the first pass, and after one that saw the server run. */
function submittedBy(spec: SparkConnectSpec): SparkConnectStatus {
  const begun = planOf(aSparkConnect({ metadata, spec }), {}) ?? {};
  const seen = aSparkConnect({ metadata, spec, status: begun });
  return planOf(seen, { drivers: [podOf(begun, runs(true))] }) ?? {};
}

function podOf({ run }: SparkConnectStatus, status: object): KubeObject {
  const labels = {
    'sparkoperator.k8s.io/connect-name': 'query',
    [SPARK_LABELS.submissionId]: run?.submissionID ?? '',
    'spark-role': 'connect-server',
  };
  const ownerReferences = [ownerReference(aSparkConnect(), { controller: true })];
  const identity = { name: 'query-server', namespace: 'default', uid: 'uid-query-server' };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...identity, labels, ownerReferences }, status };
}

function runs(ready: boolean): Readonly<Record<string, unknown>> {
  return { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] };
}

const ended = (phase: string, exitCode: number): Readonly<Record<string, unknown>> => ({
  phase,
  containerStatuses: [{ name: 'spark-kubernetes-driver', state: { terminated: { exitCode } } }],
});
const never: SparkConnectSpec = { restartPolicy: { restartPolicyType: 'Never' } };
const restartedAt = { 'kubectl.kubernetes.io/restartedAt': '2026-02-03T04:05:00Z' };
const restarted: SparkConnectSpec = { server: { template: { metadata: { annotations: restartedAt } } } };
const refused: SparkConnectSpec = { executor: { memory: '12xb' } };
const submitted = submittedBy({});
const once = submittedBy(never);

const LINES: readonly Line<Pass>[] = [
  ['new', {}, 'InProgress', 'Progressing'],
  [
    'whose server is pending',
    { submitted: planOf(aSparkConnect({ metadata }), {}) ?? {}, server: { phase: 'Pending' } },
    'InProgress',
    'Progressing',
  ],
  ['whose server takes no connections', { submitted, server: runs(false) }, 'InProgress', 'Progressing'],
  ['whose server takes connections', { submitted, server: runs(true) }, 'Current', 'Healthy'],
  ['whose server has crashed', { submitted, server: ended('Failed', 1) }, 'InProgress', 'Progressing'],
  ['whose server is gone', { submitted }, 'InProgress', 'Progressing'],
  [
    'whose server has ended, to be started again',
    { submitted, server: ended('Succeeded', 0) },
    'InProgress',
    'Progressing',
  ],
  [
    'whose server has ended for good',
    { spec: never, submitted: once, server: ended('Succeeded', 0) },
    'Current',
    'Healthy',
  ],
  [
    'whose server has failed for good',
    { spec: never, submitted: once, server: ended('Failed', 1) },
    'Failed',
    'Degraded',
  ],
  [
    'with another spec',
    { spec: { sparkConf: { a: 'b' } }, submitted, server: runs(true) },
    'InProgress',
    'Progressing',
  ],
  ['to be restarted', { spec: restarted, submitted, server: runs(true) }, 'InProgress', 'Progressing'],
  ['refused', { spec: refused }, 'Failed', 'Degraded'],
  ['refused while its server runs on', { spec: refused, submitted, server: runs(true) }, 'Failed', 'Degraded'],
  ['being deleted', { submitted, server: runs(true), deleting: true }, 'Terminating', 'Progressing'],
];

/** SparkConnects. */
export const CONNECTS: Table = {
  kind: 'SparkConnect',
  stateOf: ({ status }) => (status as SparkConnectStatus).state,
  states: CONNECT_STATES,
  never: { '': 'the first status says more' },
  rows: rowsOf(LINES, pass),
};
