import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../bench/control-plane.ts';
import { type FakeJobManagers, startFakeJobManagers } from '../bench/fake-job-manager.ts';
import { type OperatorProcess, startOperator } from '../bench/operator-process.ts';
import { triplesOf } from '../src/core/access.ts';
import type { Access } from '../src/core/reconciler.ts';
import { JOB_ID_ANNOTATION } from '../src/flink/desired/names.ts';
import { aSessionJob } from '../src/flink/session-job/testing.ts';
import { SNAPSHOT_KIND, SNAPSHOT_LABELS } from '../src/flink/snapshot/schema.ts';
import { aFlinkDeployment, aSessionCluster } from '../src/flink/testing.ts';
import { type KubeObject, type ObjectRef, refOf } from '../src/kube/object.ts';
import { certificateAccess, operatorAccess, SCOPE_ACCESS } from '../src/operator-access.ts';
import { aSparkConnect } from '../src/spark/connect/testing.ts';
import { POD_GROUPS } from '../src/spark/desired/pod-group.ts';
import { aSchedule } from '../src/spark/schedule/testing.ts';
import { aSparkApplication } from '../src/spark/testing.ts';
import { freePorts } from './cluster/ports.ts';
import { createOperatorAccount, type OperatorAccount, operatorUser } from './kit/operator-account.ts';
import { type Look, until as untilLong } from './kit/until.ts';
import { webhookConfiguration } from './kit/webhook.ts';

const CERTIFICATES = { secret: 'weir-webhook', configuration: 'weir' };
const { own, cluster } = certificateAccess(CERTIFICATES);
const ALL: readonly Access[] = [...operatorAccess(), ...SCOPE_ACCESS, ...own, ...cluster];

/**
 * What no request shows: the admission plugin OwnerReferencesPermissionEnforcement asks for it itself before it lets
 * somebody make an object that blocks the deletion of its owner.
 */
const ASKED_BY_THE_SERVER = triplesOf(ALL).filter((triple) => triple.endsWith('/finalizers/update'));

/**
 * What is asked only when something else has the name of what is to be made (src/runtime/writer.test.ts, attacks by taken
 * names) or when TaskManagers are scaled in place (src/flink/scale.test.ts, the scenario scaling).
 */
const RARELY_ASKED = [
  '/configmaps/patch',
  '/services/patch',
  'apps/deployments/patch',
  'networking.k8s.io/ingresses/patch',
];

const NOT_SEEN = [...ASKED_BY_THE_SERVER, ...RARELY_ASKED];

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE } as const;
const POD = { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE } as const;
const POD_SPEC = { containers: [{ name: 'main', image: 'localhost/none:1' }] };

const until = <T>(what: string, look: () => Promise<Look<T>>): Promise<T> =>
  untilLong(what, look, { timeoutMs: 60_000 });

/** As a user would send it. */
function sent({ apiVersion, kind, metadata, spec }: KubeObject, name: string, labels = metadata.labels): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: NAMESPACE, ...(labels === undefined ? {} : { labels }) },
    spec,
  };
}

/** A kind that batch schedulers bring along. */
function podGroupCrd({ apiVersion }: { readonly apiVersion: string }): KubeObject {
  const [group = '', version = ''] = apiVersion.split('/');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `podgroups.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in' },
    },
    spec: {
      group,
      names: { kind: 'PodGroup', plural: 'podgroups', singular: 'podgroup', listKind: 'PodGroupList' },
      scope: 'Namespaced',
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

/** The operator under nothing but the rights it declares, with every option on, on a server that writes down what it asks. */
describe('rights of the operator on an API server', () => {
  let plane: ControlPlane;
  let account: OperatorAccount;
  let jobManagers: FakeJobManagers;
  let operator: OperatorProcess | undefined;
  beforeAll(async () => {
    [plane, jobManagers] = await Promise.all([
      startControlPlane(['garbage-collector-controller'], {
        auditedUser: operatorUser(NAMESPACE),
        flags: ['--enable-admission-plugins', 'OwnerReferencesPermissionEnforcement'],
      }),
      startFakeJobManagers(),
    ]);
    account = await createOperatorAccount(plane, ALL);
    for (const kind of Object.values(POD_GROUPS)) await plane.api.create(podGroupCrd(kind));
    const [port = 0] = await freePorts(1);
    const metadata = { name: CERTIFICATES.secret, namespace: NAMESPACE };
    await plane.api.create({ apiVersion: 'v1', kind: 'Secret', metadata });
    const urls = { 'validate.weir.dev': `https://127.0.0.1:${port}/validate` };
    await plane.api.create(webhookConfiguration(CERTIFICATES.configuration, urls, 'Ignore'));
    operator = await startOperator({
      kubeconfigPath: account.kubeconfigPath,
      flags: {
        'leader-election': 'true',
        'lease-namespace': NAMESPACE,
        'watch-namespace-selector': `kubernetes.io/metadata.name=${NAMESPACE}`,
        'webhook-port': String(port),
        'webhook-hosts': '127.0.0.1',
        'webhook-secret': CERTIFICATES.secret,
        'webhook-configuration': CERTIFICATES.configuration,
        'enable-batch-scheduler': 'true',
        'kube-scheduler-names': 'gang',
        'ingress-url-format': '{{$appName}}.example.org',
      },
    });
  }, 900_000);
  afterAll(async () => {
    await operator?.stop();
    await jobManagers?.close();
    await plane?.stop();
  });

  /** Waits until an object is there and, unless told otherwise, whatever it is like. */
  const found = (ref: ObjectRef, isSo: (object: KubeObject) => boolean = () => true): Promise<KubeObject> =>
    until(`${ref.kind} ${ref.name}`, async () => {
      const object = await plane.api.get(ref);
      return isSo(object) ? { done: object } : { not: JSON.stringify(object.status ?? object.metadata) };
    });
  const gone = (ref: ObjectRef): Promise<boolean> =>
    until(`${ref.kind} ${ref.name} to be gone`, async () => {
      const object = await plane.api.get(ref).catch(() => undefined);
      return object === undefined ? { done: true } : { not: JSON.stringify(object.metadata) };
    });

  /** A cluster of which a pod without owner and one of a ReplicaSet are left, so that the operator has to remove both. */
  async function leavePods(app: string): Promise<readonly ObjectRef[]> {
    const hash = '5f7c';
    const labels = { app, type: 'flink-native-kubernetes', component: 'jobmanager', 'pod-template-hash': hash };
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-${hash}` };
    const { metadata } = await plane.api.create({
      ...{ apiVersion: set.apiVersion, kind: set.kind, metadata: { name: set.name, namespace: NAMESPACE } },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: POD_SPEC } },
    });
    const owner = { ...set, uid: metadata.uid ?? '', controller: true };
    for (const [pod, ownerReferences] of Object.entries({ owned: [owner], alone: [] })) {
      const made = { name: `${app}-${pod}`, namespace: NAMESPACE, labels, ownerReferences };
      await plane.api.create({ ...POD, metadata: made, spec: POD_SPEC });
    }
    return ['owned', 'alone'].map((pod) => ({ ...POD, name: `${app}-${pod}` }));
  }

  async function liveFlink(): Promise<void> {
    const { api } = plane;
    const left = sent(aFlinkDeployment(), 'left');
    await api.create(left);
    await found(refOf(left), ({ metadata }) => metadata.finalizers !== undefined);
    const orphans = await leavePods('left');
    await api.delete(refOf(left));

    const session = sent(aSessionCluster(), 'sessions');
    const job = sent(aSessionJob({ spec: { deploymentName: 'sessions' } }), 'clicks', {});
    await api.create(session);
    await api.create(job);
    const flinkConfiguration = {
      'rest.port': String(jobManagers.port),
      'state.savepoints.dir': 'file:///savepoints',
      'kubernetes.operator.snapshot.resource.enabled': 'true',
      'kubernetes.operator.savepoint.history.max.count': '1',
    };
    const ingress = { template: '{{name}}.example.org' };
    const orders = sent(aFlinkDeployment({ spec: { flinkConfiguration, ingress } }), 'orders');
    const jobReference = { kind: 'FlinkDeployment', name: 'orders' };
    const labels = { [SNAPSHOT_LABELS.jobKind]: 'FlinkDeployment', [SNAPSHOT_LABELS.jobName]: 'orders' };
    const periodic = { ...labels, [SNAPSHOT_LABELS.type]: 'SAVEPOINT', [SNAPSHOT_LABELS.trigger]: 'PERIODIC' };
    const snapshot = (name: string, more: Readonly<Record<string, string>>, savepoint: object): KubeObject => {
      const spec = { jobReference, savepoint: { disposeOnDelete: false, ...savepoint } };
      return sent({ ...SNAPSHOT_KIND, metadata: { name, labels: more }, spec }, name);
    };
    for (const name of ['old', 'older', 'oldest'])
      await api.create(snapshot(name, periodic, { alreadyExists: true, path: `file:///savepoints/${name}` }));
    await api.create(snapshot('asked-for', {}, {}));
    await api.create(orders);
    const jobManager = await found({ ...DEPLOYMENT, name: 'orders' });
    jobManagers.answer('orders', jobManager.metadata.annotations?.[JOB_ID_ANNOTATION] ?? '', 'RUNNING');
    const status = { replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1, observedGeneration: 1 };
    await api.patch({ ...DEPLOYMENT, name: 'orders' }, { status }, 'status');
    await found(refOf(orders), ({ status: now }) => JSON.stringify(now).includes('"STABLE"'));
    await api.patch(refOf(orders), { spec: { job: { savepointTriggerNonce: 7 } } });
    await until('a snapshot to be made and one to be deleted', async () => {
      const names = (await api.list(SNAPSHOT_KIND)).map(({ metadata }) => metadata.name);
      const isMade = names.some((name) => name.startsWith('orders-savepoint-manual'));
      const done = isMade && names.filter((name) => name.startsWith('old')).length < 3;
      return done ? { done } : { not: names.join() };
    });
    const reactive = { mode: 'standalone', flinkConfiguration: { 'scheduler-mode': 'reactive' } } as const;
    const scaled = sent(aFlinkDeployment({ spec: { ...reactive, taskManager: { replicas: 1 } } }), 'scaled');
    await api.create(scaled);
    const sized = (replicas: number) => (object: KubeObject) =>
      (object.spec as { readonly replicas?: number }).replicas === replicas;
    await found({ ...DEPLOYMENT, name: 'scaled-taskmanager' }, sized(1));
    await api.patch(refOf(scaled), { spec: { taskManager: { replicas: 2 } } });
    await found({ ...DEPLOYMENT, name: 'scaled-taskmanager' }, sized(2));
    await api.delete(refOf(job));
    await api.delete(refOf(orders));
    await gone(refOf(orders));
    for (const ref of orphans) await gone(ref);
    await gone(refOf(left));
  }

  async function liveSpark(): Promise<void> {
    const { api } = plane;
    const around = { driverPodDisruptionBudget: true } as const;
    const applications = ['volcano', 'gang'].map((batchScheduler) =>
      sent(aSparkApplication({ spec: { ...around, batchScheduler } }), `pi-${batchScheduler}`),
    );
    for (const application of applications) await api.create(application);
    const connect = sent(aSparkConnect(), 'query');
    await api.create(connect);
    await api.create(sent(aSchedule({ spec: { schedule: '@every 1s', concurrencyPolicy: 'Replace' } }), 'report'));
    for (const { metadata } of applications) await found({ ...POD, name: `${metadata.name}-driver` });
    for (const application of applications) await api.patch(refOf(application), { spec: { arguments: ['2'] } });
  }

  async function unusedRights(): Promise<readonly string[]> {
    const used = await account.used();
    return triplesOf(ALL).filter((triple) => !used.includes(triple) && !NOT_SEEN.includes(triple));
  }

  it('are all used, and nothing else is asked', { timeout: 200_000 }, async () => {
    await Promise.all([liveFlink(), liveSpark()]);
    await until('every right to be used', async () => {
      const unused = await unusedRights();
      return unused.length === 0 ? { done: true } : { not: unused.join() };
    });
    const used = await account.used();
    const granted = triplesOf(ALL);
    expect(await account.denied()).toEqual([]);
    expect(used.filter((triple) => !granted.includes(triple))).toEqual([]);
    const unused = granted.filter((triple) => !used.includes(triple));
    expect(unused.filter((triple) => !NOT_SEEN.includes(triple))).toEqual([]);
    expect(NOT_SEEN.filter((triple) => !granted.includes(triple))).toEqual([]);
  });

  it('that a ClusterRole alone can give are missed by nothing but the survey of the cluster', async () => {
    await operator?.stop();
    await account.confine();
    const flags = { 'watch-namespaces': NAMESPACE };
    operator = await startOperator({ kubeconfigPath: account.kubeconfigPath, flags });
    await plane.api.create(sent(aFlinkDeployment(), 'confined'));
    await plane.api.create(sent(aSparkApplication(), 'confined'));
    await found({ ...DEPLOYMENT, name: 'confined' });
    await found({ ...POD, name: 'confined-driver' });
    const asked = (await account.denied()).map((refusal) => refusal.split(': ')[0]);
    expect(asked.sort()).toEqual([
      'list /api/v1/namespaces/kube-system/configmaps',
      'list /api/v1/nodes',
      'list /api/v1/pods',
      'list /apis/karpenter.sh/v1/nodepools',
    ]);
  });
});
