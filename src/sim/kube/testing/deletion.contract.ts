import { describe, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  CONFLICT,
  type ContractServer,
  configMap,
  FORBIDDEN,
  INVALID,
  isGone,
  messageOf,
  NOT_FOUND,
  owned,
  PODS,
  pod,
  Requests,
  refusalOf,
  SERVICES,
  THINGS,
  thing,
} from './contract-server.ts';

const NAMESPACES = '/api/v1/namespaces';

/** Deleting, finalizers, and what becomes of dependents. */
export function deletionContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);
  const until = <T>(check: () => Promise<T>): Promise<T> => server().until(check);

  describe('deleting', () => {
    it('removes what nothing keeps, and says so', async () => {
      const made = await admin().create(CONFIG_MAPS, configMap('doomed'));
      const answer = (await admin().delete(`${CONFIG_MAPS}/doomed`)) as unknown as Record<string, unknown>;
      expect(answer).toMatchObject({ kind: 'Status', status: 'Success' });
      expect(answer.details).toMatchObject({ name: 'doomed', kind: 'configmaps', uid: made.metadata.uid });
      await isGone(admin(), `${CONFIG_MAPS}/doomed`);
    });

    it('answers with the object of some kinds', async () => {
      await admin().create(PODS, pod('doomed'));
      expect(await admin().delete(`${PODS}/doomed`)).toMatchObject({ kind: 'Pod', metadata: { name: 'doomed' } });
      await isGone(admin(), `${PODS}/doomed`); // never scheduled, so nothing has to end
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'doomed' },
        spec: { ports: [{ port: 80 }] },
      };
      await admin().create(SERVICES, service);
      expect(await admin().delete(`${SERVICES}/doomed`)).toMatchObject({
        kind: 'Service',
        metadata: { name: 'doomed' },
      });
    });

    it('of something that is not there is refused', async () => {
      expect(await refusalOf(admin().delete(`${THINGS}/nothing`))).toEqual(NOT_FOUND);
    });

    it('takes only the object that is meant', async () => {
      const { metadata } = await admin().create(THINGS, thing('meant'));
      const uid = '00000000-0000-0000-0000-000000000000';
      expect(await refusalOf(admin().delete(`${THINGS}/meant`, { preconditions: { uid } }))).toEqual(CONFLICT);
      expect(await messageOf(admin().delete(`${THINGS}/meant`, { preconditions: { uid } }))).toContain(
        `"meant": the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid})`,
      );
      await admin().delete(`${THINGS}/meant`, { preconditions: { uid: metadata.uid } });
      await isGone(admin(), `${THINGS}/meant`);
    });

    it('takes only the version that is meant', async () => {
      const { metadata } = await admin().create(THINGS, thing('version'));
      const { resourceVersion } = metadata;
      await admin().patch(`${THINGS}/version`, { spec: { a: 1 } });
      const late = admin().delete(`${THINGS}/version`, { preconditions: { resourceVersion } });
      expect(await refusalOf(late)).toEqual(CONFLICT);
      expect((await admin().get(`${THINGS}/version`)).metadata.deletionTimestamp).toBeUndefined();
    });

    it('lets a name be taken again, by another object', async () => {
      const first = await admin().create(THINGS, thing('again'));
      await admin().delete(`${THINGS}/again`);
      const second = await admin().create(THINGS, thing('again'));
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
      expect(second.metadata.generation).toBe(1);
    });
  });

  describe('finalizers', () => {
    const held = (name: string, ...finalizers: readonly string[]) =>
      admin().create(THINGS, thing(name, {}, { finalizers }));

    it('keep an object that is being deleted, and show that it is', async () => {
      await held('held', 'test/one');
      const answer = await admin().delete(`${THINGS}/held`);
      expect(answer).toMatchObject({ kind: 'Thing', metadata: { finalizers: ['test/one'], generation: 2 } });
      const kept = await admin().get(`${THINGS}/held`);
      expect(kept.metadata.deletionTimestamp).toMatch(/Z$/);
      expect(kept.metadata.deletionGracePeriodSeconds).toBe(0);
    });

    it('keep it at the time of the first deletion', async () => {
      await held('twice', 'test/one');
      const first = await admin().delete(`${THINGS}/twice`);
      const second = await admin().delete(`${THINGS}/twice`);
      expect(second.metadata.deletionTimestamp).toBe(first.metadata.deletionTimestamp);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('let it go when the last is taken off', async () => {
      await held('released', 'test/one', 'test/two');
      await admin().delete(`${THINGS}/released`);
      const left = await admin().patch(`${THINGS}/released`, { metadata: { finalizers: ['test/two'] } });
      expect(left.metadata.finalizers).toEqual(['test/two']);
      await admin().patch(`${THINGS}/released`, { metadata: { finalizers: null } });
      await isGone(admin(), `${THINGS}/released`);
    });

    it('cannot be added any more', async () => {
      await held('late', 'test/one');
      await admin().delete(`${THINGS}/late`);
      const late = admin().patch(`${THINGS}/late`, { metadata: { finalizers: ['test/one', 'test/late'] } });
      expect(await refusalOf(late)).toEqual(INVALID);
      expect(await messageOf(admin().patch(`${THINGS}/late`, { metadata: { finalizers: ['test/other'] } }))).toContain(
        'no new finalizers can be added if the object is being deleted',
      );
    });

    it('still let spec and status be written', async () => {
      await held('writable', 'test/one');
      await admin().delete(`${THINGS}/writable`);
      await admin().patch(`${THINGS}/writable`, { spec: { a: 1 } });
      const told = await admin().patch(`${THINGS}/writable/status`, { status: { state: 'ending' } });
      expect([told.spec, told.status]).toEqual([{ a: 1 }, { state: 'ending' }]);
    });

    it('keep the name from being taken', async () => {
      await held('named', 'test/one');
      await admin().delete(`${THINGS}/named`);
      expect(await refusalOf(admin().create(THINGS, thing('named')))).toMatchObject({ reason: 'AlreadyExists' });
    });
  });

  describe('dependents', () => {
    it('go after their owner by default', async () => {
      const owner = await admin().create(CONFIG_MAPS, configMap('owner-1'));
      await admin().create(CONFIG_MAPS, configMap('child-1', {}, owned(owner)));
      await until(() => admin().get(`${CONFIG_MAPS}/child-1`));
      await admin().delete(`${CONFIG_MAPS}/owner-1`);
      await isGone(admin(), `${CONFIG_MAPS}/owner-1`);
      await until(() => isGone(admin(), `${CONFIG_MAPS}/child-1`));
    });

    it('go before their owner when it is deleted in the foreground', async () => {
      const owner = await admin().create(CONFIG_MAPS, configMap('owner-2'));
      await admin().create(CONFIG_MAPS, configMap('child-2', {}, { ...owned(owner), finalizers: ['test/slow'] }));
      const answer = await admin().delete(`${CONFIG_MAPS}/owner-2`, { propagationPolicy: 'Foreground' });
      expect(answer.metadata.finalizers).toEqual(['foregroundDeletion']);
      await until(async () => {
        expect((await admin().get(`${CONFIG_MAPS}/child-2`)).metadata.deletionTimestamp).toBeDefined();
      });
      expect((await admin().get(`${CONFIG_MAPS}/owner-2`)).metadata.deletionTimestamp).toBeDefined();
      await admin().patch(`${CONFIG_MAPS}/child-2`, { metadata: { finalizers: null } });
      await until(() => isGone(admin(), `${CONFIG_MAPS}/owner-2`));
      await isGone(admin(), `${CONFIG_MAPS}/child-2`);
    });

    it('that do not block their owner are not waited for', async () => {
      const owner = await admin().create(CONFIG_MAPS, configMap('owner-3'));
      await admin().create(
        CONFIG_MAPS,
        configMap('child-3', {}, { ...owned(owner, false), finalizers: ['test/slow'] }),
      );
      await admin().delete(`${CONFIG_MAPS}/owner-3`, { propagationPolicy: 'Foreground' });
      await until(() => isGone(admin(), `${CONFIG_MAPS}/owner-3`));
      await until(async () => {
        expect((await admin().get(`${CONFIG_MAPS}/child-3`)).metadata.deletionTimestamp).toBeDefined();
      });
      await admin().patch(`${CONFIG_MAPS}/child-3`, { metadata: { finalizers: null } });
    });

    it('stay without owner when they are orphaned', async () => {
      const owner = await admin().create(CONFIG_MAPS, configMap('owner-4'));
      await admin().create(CONFIG_MAPS, configMap('child-4', {}, owned(owner)));
      const answer = await admin().delete(`${CONFIG_MAPS}/owner-4`, { propagationPolicy: 'Orphan' });
      expect(answer.metadata.finalizers).toEqual(['orphan']);
      await until(() => isGone(admin(), `${CONFIG_MAPS}/owner-4`));
      await until(async () => {
        expect((await admin().get(`${CONFIG_MAPS}/child-4`)).metadata.ownerReferences ?? []).toEqual([]);
      });
    });

    it('of an owner that never was, or has another uid, go', async () => {
      const owner = await admin().create(CONFIG_MAPS, configMap('owner-5'));
      const other = { ...owner, metadata: { ...owner.metadata, uid: '11111111-1111-1111-1111-111111111111' } };
      await admin().create(CONFIG_MAPS, configMap('child-5', {}, owned(other)));
      await until(() => isGone(admin(), `${CONFIG_MAPS}/child-5`));
    });

    it('of several owners stay until the last has gone', async () => {
      const one = await admin().create(CONFIG_MAPS, configMap('owner-6a'));
      const two = await admin().create(CONFIG_MAPS, configMap('owner-6b'));
      const references = [one, two].flatMap((owner) => (owned(owner) as { ownerReferences: object[] }).ownerReferences);
      await admin().create(CONFIG_MAPS, configMap('child-6', {}, { ownerReferences: references }));
      await admin().delete(`${CONFIG_MAPS}/owner-6a`);
      await until(async () => {
        const { metadata } = await admin().get(`${CONFIG_MAPS}/child-6`);
        expect(metadata.ownerReferences?.map(({ name }) => name)).toEqual(['owner-6b']);
      });
      await admin().delete(`${CONFIG_MAPS}/owner-6b`);
      await until(() => isGone(admin(), `${CONFIG_MAPS}/child-6`));
    });
  });

  describe('a namespace', () => {
    it('that is deleted takes everything in it along, and takes in nothing new', async () => {
      await admin().create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ending' } });
      const inside = { namespace: 'ending' };
      const maps = `${NAMESPACES}/ending/configmaps`;
      await admin().create(maps, configMap('kept', {}, { ...inside, finalizers: ['test/slow'] }));
      await admin().create(maps, configMap('free', {}, inside));
      const answer = await admin().delete(`${NAMESPACES}/ending`);
      expect(answer).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
      const late = () => admin().create(maps, configMap('late', {}, inside));
      expect(await refusalOf(late())).toEqual(FORBIDDEN);
      expect(await messageOf(late())).toContain(
        'unable to create new content in namespace ending because it is being terminated',
      );
      await until(() => isGone(admin(), `${maps}/free`));
      await admin().patch(`${maps}/kept`, { metadata: { finalizers: null } });
      await until(() => isGone(admin(), `${NAMESPACES}/ending`));
    });
  });
}
