import { describe, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  type ContractServer,
  configMap,
  FORBIDDEN,
  messageOf,
  PODS,
  pod,
  Requests,
  refusalOf,
  SERVICES,
} from './contract-server.ts';

const QUOTAS = '/api/v1/namespaces/b/resourcequotas';
const PODS_OF_B = '/api/v1/namespaces/b/pods';
const FLINK = '/apis/flink.apache.org/v1beta1/namespaces/a/flinkdeployments';
const USER = 'system:serviceaccount:weir:weir';

function flinkDeployment(name: string): object {
  return { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment', metadata: { name }, spec: { image: 'a' } };
}

/** What the operator may do, and what nobody may do beyond a quota. */
export function rightsContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);
  const operator = (): Requests => new Requests(server().operator);

  describe('the rights of the operator', () => {
    it('cover what clusters consist of', async () => {
      const made = await operator().apply(`${CONFIG_MAPS}/ours`, configMap('ours', { a: '1' }));
      const { items } = await operator().list(CONFIG_MAPS, { fieldSelector: 'metadata.name=ours' });
      const managedFields = [expect.objectContaining({ operation: 'Apply' })];
      expect(items).toEqual([
        expect.objectContaining({ data: { a: '1' }, metadata: expect.objectContaining({ managedFields }) }),
      ]);
      expect(await operator().list(CONFIG_MAPS, { fieldSelector: 'metadata.name=none' })).toMatchObject({ items: [] });
      await operator().delete(`${CONFIG_MAPS}/ours`, { preconditions: { uid: made.metadata.uid } });
      expect((await operator().list(SERVICES)).kind).toBe('ServiceList');
    });

    it('let it patch resources and replace their status', async () => {
      await admin().create(FLINK, flinkDeployment('theirs'));
      await operator().patch(`${FLINK}/theirs`, { metadata: { finalizers: ['test/weir'] } });
      const found = (await operator().list(FLINK)).items.find(({ metadata }) => metadata.name === 'theirs');
      const told = await operator().replace(`${FLINK}/theirs/status`, {
        ...flinkDeployment('theirs'),
        metadata: found?.metadata,
        status: { error: 'none' },
      });
      expect(told.status).toMatchObject({ error: 'none' });
      await admin().patch(`${FLINK}/theirs`, { metadata: { finalizers: null } });
    });

    it('let it delete no resource and make none, not even by applying', async () => {
      await admin().create(FLINK, flinkDeployment('kept'));
      expect(await refusalOf(operator().delete(`${FLINK}/kept`))).toEqual(FORBIDDEN);
      expect(await refusalOf(operator().create(FLINK, flinkDeployment('made')))).toEqual(FORBIDDEN);
      expect(await refusalOf(operator().apply(`${FLINK}/made`, flinkDeployment('made')))).toEqual(FORBIDDEN);
    });

    it.each(['secrets', 'serviceaccounts'])('let it see no %s', async (plural) => {
      const path = `/api/v1/namespaces/a/${plural}`;
      expect(await refusalOf(operator().list(path))).toEqual(FORBIDDEN);
      expect(await messageOf(operator().list(path))).toContain(
        `${plural} is forbidden: User "${USER}" cannot list resource "${plural}" in API group "" in the namespace "a"`,
      );
      expect(await refusalOf(operator().get(`${path}/one`))).toEqual(FORBIDDEN);
      expect(await messageOf(operator().get(`${path}/one`))).toContain(
        `${plural} "one" is forbidden: User "${USER}" cannot get resource "${plural}" in API group "" in the namespace "a"`,
      );
    });

    it('let it make and delete pods, and change none', async () => {
      const made = await operator().create(PODS, pod('ours'));
      expect(await refusalOf(operator().patch(`${PODS}/ours`, {}))).toEqual(FORBIDDEN);
      await operator().delete(`${PODS}/ours`, { preconditions: { uid: made.metadata.uid } });
    });

    it('let it watch no secrets', async () => {
      expect(await refusalOf(operator().watch('/api/v1/secrets'))).toEqual(FORBIDDEN);
      expect(await messageOf(operator().watch('/api/v1/secrets'))).toContain(
        `secrets is forbidden: User "${USER}" cannot watch resource "secrets" in API group "" at the cluster scope`,
      );
    });

    it('are asked before it is looked whether something is there', async () => {
      expect(await refusalOf(operator().patch('/api/v1/namespaces/a/pods/nothing', {}))).toEqual(FORBIDDEN);
      expect(await refusalOf(operator().patch('/api/v1/namespaces/a/configmaps/nothing', {}))).toMatchObject({
        status: 404,
      });
    });
  });

  describe('a quota', () => {
    const small = { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } };
    const inB = (name: string, container: object = {}) => pod(name, { namespace: 'b' }, container);
    const greedy = { resources: { requests: { cpu: '100', memory: '1Gi' }, limits: { cpu: '100', memory: '100Gi' } } };
    /** Sets a quota and waits until it holds: its controller has counted, and the API server refuses a pod that is `beyond` it. */
    const set = async (name: string, hard: object, beyond: object): Promise<void> => {
      await admin().create(QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard } });
      await server().until(async () => {
        const taken = await refusalOf(admin().create(PODS_OF_B, inB('beyond', beyond)));
        if (taken === undefined) await admin().delete(`${PODS_OF_B}/beyond`);
        expect(taken).toEqual(FORBIDDEN);
      });
      const used = Object.fromEntries(Object.keys(hard).map((amount) => [amount, '0']));
      await server().until(async () => {
        expect((await admin().get(`${QUOTAS}/${name}`)).status).toMatchObject({ hard, used });
      });
    };
    const lift = (name: string): Promise<unknown> => admin().delete(`${QUOTAS}/${name}`);

    it('refuses a pod too many, and takes it once another has gone', async () => {
      await set('count', { pods: '1', 'requests.cpu': '50' }, greedy);
      await admin().create(PODS_OF_B, inB('first', small));
      const second = (): Promise<unknown> => admin().create(PODS_OF_B, inB('second', small));
      expect(await refusalOf(second())).toEqual(FORBIDDEN);
      expect(await messageOf(second())).toContain(
        'pods "second" is forbidden: exceeded quota: count, requested: pods=1, used: pods=1, limited: pods=1',
      );
      await admin().delete(`${PODS_OF_B}/first`);
      await server().until(second);
      await admin().delete(`${PODS_OF_B}/second`);
      await lift('count');
    });

    it('adds up what containers ask for', async () => {
      await set('amounts', { 'requests.cpu': '1500m', 'limits.memory': '3Gi' }, greedy);
      await admin().create(PODS_OF_B, inB('fits', small));
      expect(await messageOf(admin().create(PODS_OF_B, inB('beyond', small)))).toContain(
        'pods "beyond" is forbidden: exceeded quota: amounts, requested: requests.cpu=1, used: requests.cpu=1, limited: requests.cpu=1500m',
      );
      await admin().delete(`${PODS_OF_B}/fits`);
      await lift('amounts');
    });

    it('refuses pods that do not say what it counts', async () => {
      await set('silent', { 'limits.cpu': '4' }, {});
      const silent = admin().create(PODS_OF_B, inB('silent'));
      expect(await messageOf(silent)).toContain(
        'pods "silent" is forbidden: failed quota: silent: must specify limits.cpu for: main',
      );
      await lift('silent');
    });
  });
}
