import { describe, expect, it } from 'vitest';
import { unasked } from '../../core/fact.ts';
import type { Failure } from '../../core/failure.ts';
import type { Reader } from '../../core/ports.ts';
import { type Condition, findCondition } from '../../kube/conditions.ts';
import { type KubeObject, ownerReference } from '../../kube/object.ts';
import { CONNECT_ADMISSION } from './admission.ts';
import { type ConnectPlan, decideConnect, decideConnectFailed } from './decide.ts';
import { clientService } from './desired.ts';
import { observeConnect } from './observe.ts';
import { type ConnectObserved, UNSEEN } from './observed.ts';
import type { SparkConnectStatus } from './schema.ts';
import { type ConnectSituation, connectSituation } from './situation.ts';
import { aSparkConnect, type ConnectOverrides } from './testing.ts';

const NOW = new Date('2026-02-03T04:06:00Z');

interface Given extends ConnectOverrides {
  readonly observed?: Partial<ConnectObserved>;
}

function situation({ observed = {}, ...overrides }: Given): ConnectSituation {
  return connectSituation(aSparkConnect(overrides), { ...UNSEEN, ...observed }, NOW);
}

const plan = (given: Given): ConnectPlan => decideConnect(situation(given));

const condition = ({ status }: ConnectPlan, type: string) =>
  findCondition((status?.conditions ?? []) as readonly Condition[], type);

function actionsOf({ actions }: ConnectPlan): string[] {
  return actions.map((action) => {
    if (action.kind === 'apply' || action.kind === 'create') {
      return `${action.kind} ${action.object.kind} ${action.object.metadata.name}${action.beside ? ' (beside)' : ''}`;
    }
    return action.kind === 'delete' ? `delete ${action.ref.kind} ${action.ref.name}` : action.kind;
  });
}

/** The status after the first pass over `aSparkConnect`. */
function submitted(): SparkConnectStatus {
  return plan({}).status ?? {};
}

function pod(role: 'connect-server' | 'executor', name: string, status: object): KubeObject {
  const labels = {
    'sparkoperator.k8s.io/connect-name': 'query',
    'sparkoperator.k8s.io/submission-id': submitted().run?.submissionID ?? '',
    'spark-role': role,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      labels,
      ownerReferences: [ownerReference(aSparkConnect(), { controller: true })],
    },
    status,
  };
}

function server(phase: string, ready: boolean): KubeObject {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return pod('connect-server', 'query-server', { phase, podIP: '10.0.0.7', conditions });
}

const service = clientService(aSparkConnect(), aSparkConnect().spec);

describe('a new SparkConnect', () => {
  it('is recorded, then its Services and its server are made, and at last the properties that it cannot start without', () => {
    const decided = plan({});
    const unique = decided.status?.run?.submissionID?.replaceAll('-', '').slice(0, 16);
    expect(actionsOf(decided)).toEqual([
      'apply Service query-server',
      'create Pod query-server',
      `apply Service query-${unique}-driver-svc (beside)`,
      `apply ConfigMap spark-drv-${unique}-conf-map`,
    ]);
    expect(decided.status).toMatchObject({
      state: 'NotReady',
      server: { serviceName: 'query-server' },
      startTime: '2026-02-03T04:06:00Z',
      lastUpdateTime: '2026-02-03T04:06:00Z',
      restartAttempts: 0,
      observedGeneration: 1,
      run: { applicationState: { state: 'SUBMITTED' } },
    });
    expect(decided.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'SparkConnectSubmitted: SparkConnect query was submitted successfully',
    ]);
  });

  it('says in words of its own what cannot be acted on, at admission too', () => {
    const spec = { image: '', server: { memory: '12xb', cores: 0 }, executor: { instances: -1 } };
    const metadata = { name: 'x'.repeat(57) };
    const decided = plan({ spec, metadata });
    const message = condition(decided, 'Stalled')?.message.split('; ');
    expect(message).toEqual([
      `metadata.name: "${'x'.repeat(57)}" is not valid, it must be at most 56 lower-case letters, digits and '-', start with a letter and not end with '-'`,
      'spec.image: "" is not valid, it must name the image, here or in spec.server.template',
      'spec.image: "" is not valid, it must name the image, here or in spec.executor.template',
      'spec.executor.instances: -1 is not valid, it must be at least 0',
      'spec.server.cores: 0 is not valid, it must be a whole number of at least 1',
      'spec.server.memory: "12xb" is not valid, it must be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
    ]);
    expect(decided.actions).toEqual([]);
    expect(decided.status).toMatchObject({ state: 'Failed', server: {} });
    const reader = { get: () => undefined, list: () => [] };
    const { issues } = CONNECT_ADMISSION.judge(aSparkConnect({ spec, metadata }), reader);
    expect(issues).toHaveLength(message?.length ?? 0);
    expect(CONNECT_ADMISSION.judge(aSparkConnect(), reader)).toEqual({ issues: [], warnings: [] });
  });

  it('warns of what nothing is done with, at admission and as an event', () => {
    const template = { spec: { tolerations: [{ operatr: 'Exists' }] } } as object;
    const spec = { sparkConf: { 'hive.exec.parallel': 'true' }, server: { template } };
    const warnings = [
      'spec.sparkConf["hive.exec.parallel"]: nothing is done with it: Spark reads only keys that start with spark.; those of Hadoop go into spec.hadoopConf',
      'spec.server.template.spec.tolerations[0].operatr: is no field of Toleration that Weir knows; what Kubernetes does not know either it drops',
    ];
    const reader = { get: () => undefined, list: () => [] };
    expect(CONNECT_ADMISSION.judge(aSparkConnect({ spec }), reader)).toEqual({ issues: [], warnings });
    expect(plan({ spec }).events).toContainEqual(
      expect.objectContaining({ reason: 'FieldNotApplied', message: warnings.join('; ') }),
    );
  });

  it('names the field of the server where a property may not be set', () => {
    const refused = plan({ spec: { sparkConf: { 'spark.kubernetes.driver.podTemplateFile': '/x' } } });
    expect(condition(refused, 'Stalled')?.message).toBe(
      'spec.sparkConf["spark.kubernetes.driver.podTemplateFile"]: "/x" is not valid, it must not be set; use spec.server.template',
    );
    const wrong = { ...aSparkConnect(), spec: { sparkVersion: 4 } };
    expect(connectSituation(wrong, UNSEEN, NOW).refusal?.message).toBe(
      'spec.sparkVersion: 4 is not valid, it must be a text, in quotes',
    );
  });
});

describe('a server', () => {
  const observed = { services: [service], drivers: [server('Running', false)] };

  it('that runs is ready once its pod is', () => {
    const starting = plan({ status: submitted(), observed });
    expect(starting.status).toMatchObject({
      state: 'NotReady',
      server: { podName: 'query-server', podIp: '10.0.0.7', serviceName: 'query-server' },
    });
    expect(condition(starting, 'Ready')).toMatchObject({ status: 'False', reason: 'ServerPodNotReady' });
    expect(condition(starting, 'ServerPodReady')).toMatchObject({ status: 'False', reason: 'ServerPodNotReady' });
    const executors = [
      pod('executor', 'e-1', { phase: 'Running' }),
      pod('executor', 'e-2', { phase: 'Running' }),
      pod('executor', 'e-3', { phase: 'Pending' }),
    ];
    const ready = plan({
      status: starting.status ?? {},
      observed: { services: [service], drivers: [server('Running', true)], executors },
    });
    expect(ready.status).toMatchObject({ state: 'Ready', executors: { running: 2, pending: 1 } });
    expect(condition(ready, 'Ready')?.status).toBe('True');
    expect(condition(ready, 'Reconciling')).toBeUndefined();
    expect(condition(ready, 'ServerPodReady')).toMatchObject({ status: 'True', reason: 'ServerPodReady' });
    expect(ready.actions).toEqual([]);
  });

  it('at rest writes nothing: the time of the last update stays', () => {
    const rested = { services: [service], drivers: [server('Running', true)] };
    const first = plan({ status: submitted(), observed: rested }).status ?? {};
    const later = new Date(NOW.getTime() + 3_600_000);
    const connect = aSparkConnect({ status: first });
    const second = decideConnect(connectSituation(connect, { ...UNSEEN, ...rested }, later));
    expect(second.status).toEqual(first);
    expect(second.events).toEqual([]);
  });

  it('is replaced for another spec, and not for another Service', () => {
    const status = plan({ status: submitted(), observed }).status ?? {};
    const other = plan({ status, observed, spec: { sparkConf: { 'spark.sql.shuffle.partitions': '8' } } });
    expect(actionsOf(other)).toEqual(['delete Pod query-server']);
    expect(other.because).toBe('SpecChanged');
    const renamed = plan({ status, observed, spec: { server: { service: { metadata: { name: 'sql' } } } } });
    expect(actionsOf(renamed)).toEqual(['apply Service sql', 'delete Service query-server']);
    expect(renamed.status?.server?.serviceName).toBe('sql');
    const open = plan({ status, observed, spec: { server: { service: { spec: { type: 'NodePort' } } } } });
    expect(actionsOf(open)).toEqual(['apply Service query-server']);
  });

  it('goes on while a new spec is refused, and says so', () => {
    const status = plan({ status: submitted(), observed }).status ?? {};
    const refused = plan({ status, observed, spec: { executor: { memory: '12xb' } } });
    expect(refused.actions).toEqual([]);
    expect(condition(refused, 'Stalled')).toMatchObject({ reason: 'ValidationError' });
    expect(refused.status?.run?.applicationState?.state).toBe('RUNNING');
  });

  it('is started again when it is gone, and counted', () => {
    const status = plan({ status: submitted(), observed }).status ?? {};
    const lost = { ...UNSEEN, services: [service] };
    const at = (seconds: number, before: SparkConnectStatus): ConnectPlan =>
      decideConnect(
        connectSituation(aSparkConnect({ status: before }), lost, new Date(NOW.getTime() + seconds * 1000)),
      );
    const waiting = at(1, status);
    expect(waiting.status?.state).toBe('NotReady');
    expect(waiting.actions).toEqual([]);
    const pending = at(6, waiting.status ?? {});
    const again = at(7, pending.status ?? {});
    expect(actionsOf(again)).toContain('create Pod query-server');
    expect(again.status).toMatchObject({ restartAttempts: 1, lastRestartTime: '2026-02-03T04:06:07Z' });
    expect(again.status?.run?.submissionID).not.toBe(status.run?.submissionID);
  });
});

describe('a server that ends well', () => {
  it('is started again after a pause', () => {
    const observed = { services: [service], drivers: [server('Running', true)] };
    const status = plan({ status: submitted(), observed }).status ?? {};
    const ended = plan({ status, observed: { services: [service], drivers: [server('Succeeded', false)] } });
    expect(ended.because).toBe('Retrying');
    expect(ended.actions).toEqual([]);
    expect(ended.requeueAfterMs).toBe(5000);
    expect(ended.status?.state).toBe('NotReady');
  });
});

describe('weir.dev/capacity-gate', () => {
  const gated = (value: string) => ({ annotations: { 'weir.dev/capacity-gate': value } });

  it('keeps a server from being started until it is known to fit', () => {
    const decided = plan({ metadata: gated('wait'), observed: { capacity: unasked } });
    expect(decided.because).toBe('WaitingForCapacity');
    expect(actionsOf(decided)).toEqual(['apply Service query-server']);
    expect(decided.surveyNewerThan).toBeDefined();
    expect(condition(decided, 'Reconciling')).toMatchObject({ reason: 'WaitingForCapacity' });
  });

  it('says wait, or nothing', () => {
    expect(condition(plan({ metadata: gated('please') }), 'Stalled')?.message).toBe(
      'metadata.annotations["weir.dev/capacity-gate"]: "please" is not valid, it must be "wait", or not be there',
    );
  });
});

describe('a server that the incumbent left', () => {
  const owned = { ownerReferences: [ownerReference(aSparkConnect(), { controller: true })], namespace: 'default' };
  const role = (name: string) => ({ 'sparkoperator.k8s.io/connect-name': 'query', 'spark-role': name });
  const left: readonly KubeObject[] = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...owned, name: 'query-server', uid: 'pod-uid', labels: role('connect-server') },
      status: { phase: 'Running', podIP: '10.0.0.7', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'query-exec-1',
        namespace: 'default',
        uid: 'e-1',
        labels: role('executor'),
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'query-server', uid: 'pod-uid', controller: true }],
      },
      status: { phase: 'Running' },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...owned, name: 'query-server', labels: { 'sparkoperator.k8s.io/connect-name': 'query' } },
    },
  ];
  const read: Reader = {
    get: () => undefined,
    list: (kind, _namespace, labels) =>
      left
        .filter((object) => object.kind === kind.kind)
        .filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)),
  };
  const pass = (status: SparkConnectStatus): ConnectPlan => {
    const connect = aSparkConnect({ status });
    return decideConnect(connectSituation(connect, observeConnect(connect, read), NOW));
  };

  it('goes on, its Service taken over with what it selects by', () => {
    const first = pass({ state: 'Ready', server: { podName: 'query-server' } });
    expect(actionsOf(first)).toEqual(['apply Service query-server']);
    expect(first.actions[0]).toMatchObject({
      object: {
        spec: {
          selector: {
            'sparkoperator.k8s.io/launched-by-spark-operator': 'true',
            'sparkoperator.k8s.io/connect-name': 'query',
            'spark-role': 'connect-server',
            'spark-version': '4.0.1',
          },
        },
      },
    });
    const second = pass(first.status ?? {});
    expect(actionsOf(second)).toEqual(['apply Service query-server']);
    expect(second.status).toMatchObject({
      state: 'Ready',
      server: { podName: 'query-server', podIp: '10.0.0.7' },
      executors: { running: 1 },
      restartAttempts: 0,
    });
    expect(condition(second, 'Ready')?.status).toBe('True');
  });
});

describe('the end', () => {
  it('takes the server along where a finalizer of somebody else keeps the resource', () => {
    const decided = plan({
      metadata: { deletionTimestamp: '2026-02-03T04:05:59Z' },
      status: submitted(),
      observed: { drivers: [server('Running', true)], services: [service] },
    });
    expect(decided.status).toBeUndefined();
    expect(actionsOf(decided)).toEqual(['delete Pod query-server']);
  });

  it('of a pass that failed is told in the conditions', () => {
    const failure: Failure = { kind: 'waiting', reason: 'QuotaExceeded', message: 'no room', retryAfterMs: 1000 };
    const decided = decideConnectFailed(situation({ status: submitted() }), failure);
    expect(decided).toMatchObject({ because: 'QuotaExceeded', actions: [] });
    expect(decided && condition(decided, 'Ready')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
    expect(decideConnectFailed(situation({}), { kind: 'conflict', message: 'newer' })).toBeUndefined();
  });
});
