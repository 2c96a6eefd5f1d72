import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../bench/control-plane.ts';
import { type FakeJobManagers, startFakeJobManagers } from '../bench/fake-job-manager.ts';
import { flinkRef } from '../bench/objects.ts';
import { type OperatorProcess, startOperator } from '../bench/operator-process.ts';
import { flinkDeploymentCrd } from '../src/flink/crd.ts';
import { LEFT_JOB, LEFT_UID, leftResource, STATEFUL } from '../src/flink/testing/incumbent.ts';
import { leftCluster } from '../src/flink/testing/incumbent-cluster.ts';
import type { KubeObject, ObjectRef } from '../src/kube/object.ts';
import { isRecord } from '../src/lib/json.ts';
import { operatorAccess } from '../src/operator-access.ts';
import { createOperatorAccount, type OperatorAccount, operatorUser } from './kit/operator-account.ts';
import { until } from './kit/until.ts';

/** What an API server wants of objects whose content does not matter here. */
const BODIES: Readonly<Record<string, object>> = {
  Service: { spec: { ports: [{ port: 8081 }], selector: { app: 'orders' } } },
};

describe('a job of the incumbent on an API server', () => {
  let plane: ControlPlane;
  let account: OperatorAccount;
  let jobManagers: FakeJobManagers;
  let operator: OperatorProcess | undefined;
  let made: readonly KubeObject[] = [];
  beforeAll(async () => {
    [plane, jobManagers] = await Promise.all([
      startControlPlane(['garbage-collector-controller'], { auditedUser: operatorUser(NAMESPACE) }),
      startFakeJobManagers(),
    ]);
    made = await leave(jobManagers.port);
    jobManagers.answer('orders', LEFT_JOB, 'RUNNING');
    account = await createOperatorAccount(plane, operatorAccess());
    operator = await startOperator({ kubeconfigPath: account.kubeconfigPath });
  }, 900_000);
  afterAll(async () => {
    await operator?.stop();
    await jobManagers?.close();
    await plane?.stop();
  });

  /** Makes what the incumbent leaves of a running job, the resource first. */
  async function leave(restPort: number): Promise<readonly KubeObject[]> {
    const flinkConfiguration = { ...STATEFUL, 'rest.port': String(restPort) };
    const spec = { job: { upgradeMode: 'last-state' }, flinkConfiguration } as const;
    const resource = leftResource({ spec, recordedJob: { upgradeMode: 'stateless' }, generation: 1 });
    const { finalizers = [] } = resource.metadata;
    const { status, ...wanted } = resource;
    const stored = await plane.api.create({
      ...wanted,
      metadata: { name: 'orders', namespace: NAMESPACE, finalizers },
    });
    await plane.api.patch(flinkRef('orders'), { status: { ...(status as object), observedGeneration: 1 } }, 'status');
    const uids = new Map([[LEFT_UID, stored.metadata.uid ?? '']]);
    const objects: KubeObject[] = [];
    for (const object of leftCluster({ checkpoint: 7, generation: 1, pods: 'none' })) {
      const created = await plane.api.create(storable(object, uids));
      uids.set(object.metadata.uid ?? '', created.metadata.uid ?? '');
      objects.push(object.kind === 'Deployment' ? await available(created, object) : created);
    }
    return objects;
  }

  function storable(object: KubeObject, uids: ReadonlyMap<string, string>): KubeObject {
    const { uid: _uid, creationTimestamp: _created, ...metadata } = object.metadata;
    const ownerReferences = (metadata.ownerReferences ?? []).map((owner) => ({
      ...owner,
      uid: uids.get(owner.uid) ?? '',
    }));
    const { status: _status, ...body } = withContainers(object);
    return { ...body, ...BODIES[object.kind], metadata: { ...metadata, namespace: NAMESPACE, ownerReferences } };
  }

  function withContainers(object: KubeObject): KubeObject {
    if (object.kind !== 'Deployment') return object;
    const spec = object.spec as { template: object };
    const containers = [{ name: 'flink-main-container', image: 'flink:2.0' }];
    return { ...object, spec: { ...spec, template: { ...spec.template, spec: { containers } } } };
  }

  function available(created: KubeObject, { status }: KubeObject): Promise<KubeObject> {
    return plane.api.patch(refIn(created), { status }, 'status');
  }

  function refIn({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
    return { apiVersion, kind, namespace: NAMESPACE, name: metadata.name };
  }

  function isReady({ status }: KubeObject): boolean {
    const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
    return conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  }

  const ready = (): Promise<KubeObject> =>
    until(
      'orders to be Ready',
      async () => {
        const found = await plane.api.get(flinkRef('orders'));
        return isReady(found) ? { done: found } : { not: JSON.stringify(found.status) };
      },
      { timeoutMs: 60_000 },
    );

  it('is taken over without a write to anything but its status', async () => {
    const found = await ready();
    expect(found.metadata).toMatchObject({
      generation: 1,
      finalizers: ['flinkdeployments.flink.apache.org/finalizer'],
    });
    expect(found.status).toMatchObject({ lifecycleState: 'STABLE', jobStatus: { jobId: LEFT_JOB, state: 'RUNNING' } });
    const now = await Promise.all(made.map((object) => plane.api.get(refIn(object))));
    expect(now.map(({ metadata }) => [metadata.name, metadata.resourceVersion])).toEqual(
      made.map(({ metadata }) => [metadata.name, metadata.resourceVersion]),
    );
  });

  it('is upgraded from its high-availability data, under its job id', async () => {
    await ready();
    await plane.api.patch(flinkRef('orders'), { spec: { job: { parallelism: 3 } } });
    const [old] = made;
    const conf: ObjectRef = { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: 'flink-config-orders' };
    const started = await until(
      'the cluster to be made anew',
      async () => {
        const [deployment, map] = await Promise.allSettled([
          plane.api.get({ ...conf, apiVersion: 'apps/v1', kind: 'Deployment', name: 'orders' }),
          plane.api.get(conf),
        ]);
        const isNew = deployment.status === 'fulfilled' && deployment.value.metadata.uid !== old?.metadata.uid;
        if (isNew && map.status === 'fulfilled' && map.value.data !== undefined) return { done: map.value };
        return { not: JSON.stringify(deployment) };
      },
      { timeoutMs: 60_000 },
    );
    expect(JSON.stringify(started.data)).toContain('KUBERNETES_OPERATOR_LAST_STATE');
    expect(JSON.stringify(started.data)).toContain(LEFT_JOB);
    const kept = made.find(({ metadata }) => metadata.name === `orders-${LEFT_JOB}-config-map`);
    const now = await plane.api.get({ ...conf, name: kept?.metadata.name ?? '' });
    expect([now.metadata.uid, now.data]).toEqual([kept?.metadata.uid, kept?.data]);
  });

  it('shows the incumbent nothing it does not know once its CRD is back', async () => {
    expect((await ready()).status).toHaveProperty('restore');
    const crd = flinkDeploymentCrd() as unknown as { spec: { versions: [{ schema: { openAPIV3Schema: Schema } }] } };
    delete crd.spec.versions[0].schema.openAPIV3Schema.properties.status.properties.restore;
    const name = 'flinkdeployments.flink.apache.org';
    await plane.api.patch({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name }, crd);
    const found = await until(
      'the CRD to hold',
      async () => {
        const object = await plane.api.get(flinkRef('orders'));
        return isRecord(object.status) && !('restore' in object.status) ? { done: object } : { not: 'still there' };
      },
      { timeoutMs: 60_000 },
    );
    expect(found.status).toMatchObject({ jobStatus: { jobId: LEFT_JOB }, reconciliationStatus: { state: 'DEPLOYED' } });
    expect(await account.denied()).toEqual([]);
  });
});

interface Schema {
  readonly properties: { readonly status: { readonly properties: Record<string, unknown> } };
}
