import { describe, expect, vi } from 'vitest';
import { startApiServer } from '../../../e2e/cluster/api-server.ts';
import type { Access } from '../../core/reconciler.ts';
import { flinkDeploymentCrd } from '../../flink/crd.ts';
import { operatorAccess } from '../../operator-access.ts';
import type { KubeConfig } from '../../runtime/kube-config.ts';
import { loadKubeConfig } from '../../runtime/kube-config.ts';
import { createTestClient } from '../../runtime/testing/client.ts';
import { type ContractServer, Requests, THINGS } from './testing/contract-server.ts';
import { serverContract } from './testing/server.contract.ts';

const CONTROLLERS = [
  'garbage-collector-controller',
  'namespace-controller',
  'resourcequota-controller',
  'deployment-controller',
  'replicaset-controller',
];
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

const THING_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.test.weir.dev' },
  spec: {
    group: 'test.weir.dev',
    names: { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

async function start(): Promise<ContractServer> {
  const server = await startApiServer({ controllers: CONTROLLERS, flags: ['--etcd-compaction-interval=4s'] });
  const config = loadKubeConfig({ path: server.kubeconfigPath });
  const admin = createTestClient(config);
  const requests = new Requests(admin);
  for (const name of ['a', 'b', 'weir']) {
    await requests.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const definition of [THING_CRD, flinkDeploymentCrd()]) await requests.create(definitions, definition);
  const until = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 60_000, interval: 50 });
  await until(() => requests.list(THINGS));
  await until(() => requests.list('/apis/flink.apache.org/v1beta1/flinkdeployments'));
  const operator = createTestClient(await operatorConfig(requests, config, operatorAccess()));
  return {
    admin,
    operator,
    until,
    forget: () => undefined, // it does so every few seconds, and its watches begin with its own start
    async stop() {
      await Promise.all([admin.close(), operator.close()]);
      await server.stop();
    },
  };
}

/** The configuration of a service account with the given rights in all namespaces. */
async function operatorConfig(admin: Requests, config: KubeConfig, access: readonly Access[]): Promise<KubeConfig> {
  const accounts = '/api/v1/namespaces/weir/serviceaccounts';
  await admin.create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'weir' } });
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rules = access.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }));
  await admin.create(`${RBAC}/clusterroles`, { apiVersion, kind: 'ClusterRole', metadata: { name: 'weir' }, rules });
  await admin.create(`${RBAC}/clusterrolebindings`, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'weir' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'weir' },
    subjects: [{ kind: 'ServiceAccount', name: 'weir', namespace: 'weir' }],
  });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = await admin.create(`${accounts}/weir/token`, request);
  const { token } = status as { token: string };
  expect(token).toBeTruthy();
  return { ...config, user: { name: 'weir', token } };
}

describe('a real API server', () => {
  serverContract(start);
});
