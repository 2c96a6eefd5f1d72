import { describe, expect, it } from 'vitest';
import { type ContractServer, DEPLOYMENTS, deployment, isGone, PODS, Requests } from './contract-server.ts';

/** What the controllers of Deployments make, replace and end. */
export function deploymentsContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);
  const until = <T>(check: () => Promise<T>): Promise<T> => server().until(check);

  describe('a Deployment', () => {
    const pods = async (name: string) => (await admin().list(PODS, { labelSelector: `app=${name}` })).items;

    it('makes a ReplicaSet, and that the pods, each owned by its maker', async () => {
      const { metadata } = await admin().create(DEPLOYMENTS, deployment('made'));
      await until(async () => expect(await pods('made')).toHaveLength(1));
      const [made] = await pods('made');
      const hash = made?.metadata.labels?.['pod-template-hash'];
      expect(hash).toMatch(/^[a-z0-9]+$/);
      expect(made?.metadata.name).toMatch(new RegExp(`^made-${hash}-[a-z0-9]{5}$`));
      expect(made?.metadata.ownerReferences).toMatchObject([
        { kind: 'ReplicaSet', name: `made-${hash}`, controller: true, blockOwnerDeletion: true },
      ]);
      const set = await admin().get(`/apis/apps/v1/namespaces/a/replicasets/made-${hash}`);
      expect(set.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', uid: metadata.uid, controller: true }]);
    });

    it('makes a lost pod anew', async () => {
      await admin().create(DEPLOYMENTS, deployment('lost'));
      await until(async () => expect(await pods('lost')).toHaveLength(1));
      const [first] = await pods('lost');
      await admin().delete(`${PODS}/${first?.metadata.name}`);
      await until(async () => {
        const now = await pods('lost');
        expect(now).toHaveLength(1);
        expect(now[0]?.metadata.uid).not.toBe(first?.metadata.uid);
      });
    });

    it('that recreates ends old pods before it makes new ones', async () => {
      await admin().create(DEPLOYMENTS, deployment('recreated', {}, { strategy: { type: 'Recreate' } }));
      await until(async () => expect(await pods('recreated')).toHaveLength(1));
      const [old] = await pods('recreated');
      await admin().patch(`${PODS}/${old?.metadata.name}`, { metadata: { finalizers: ['test/slow'] } });
      const image = { spec: { template: { spec: { containers: [{ name: 'main', image: 'new' }] } } } };
      await admin().patch(`${DEPLOYMENTS}/recreated`, image);
      await until(async () => expect((await pods('recreated'))[0]?.metadata.deletionTimestamp).toBeDefined());
      expect(await pods('recreated')).toHaveLength(1);
      await admin().patch(`${PODS}/${old?.metadata.name}`, { metadata: { finalizers: null } });
      await until(async () => {
        const [now] = await pods('recreated');
        expect(now?.spec).toMatchObject({ containers: [{ image: 'new' }] });
      });
    });

    it('deleted in the foreground is there as long as its pods are', async () => {
      await admin().create(DEPLOYMENTS, deployment('waiting'));
      await until(async () => expect(await pods('waiting')).toHaveLength(1));
      const [last] = await pods('waiting');
      await admin().patch(`${PODS}/${last?.metadata.name}`, { metadata: { finalizers: ['test/slow'] } });
      await admin().delete(`${DEPLOYMENTS}/waiting`, { propagationPolicy: 'Foreground' });
      await until(async () => expect((await pods('waiting'))[0]?.metadata.deletionTimestamp).toBeDefined());
      expect((await admin().get(`${DEPLOYMENTS}/waiting`)).metadata.deletionTimestamp).toBeDefined();
      await admin().patch(`${PODS}/${last?.metadata.name}`, { metadata: { finalizers: null } });
      await until(() => isGone(admin(), `${DEPLOYMENTS}/waiting`));
      expect(await pods('waiting')).toEqual([]);
    });

    it('says which generation it has seen', async () => {
      await admin().create(DEPLOYMENTS, deployment('seen', {}, { replicas: 0 }));
      await until(async () => {
        const { status } = await admin().get(`${DEPLOYMENTS}/seen`);
        expect((status as { observedGeneration?: number }).observedGeneration).toBe(1);
      });
    });
  });
}
