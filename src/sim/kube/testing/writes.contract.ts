import { describe, expect, it } from 'vitest';
import {
  BAD_REQUEST,
  CONFIG_MAPS,
  CONFLICT,
  type ContractServer,
  configMap,
  DEPLOYMENTS,
  deployment,
  INVALID,
  messageOf,
  NOT_FOUND,
  PODS,
  pod,
  Requests,
  refusalOf,
  SERVICES,
  THINGS,
  thing,
} from './contract-server.ts';

/** Creating and patching. */
export function writesContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);

  describe('creating', () => {
    it('gives an object its uid, version, time and first generation', async () => {
      const made = await admin().create(THINGS, thing('born', { a: 1 }));
      expect(made.metadata).toMatchObject({ name: 'born', namespace: 'a', generation: 1 });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(made.spec).toEqual({ a: 1 });
    });

    it('gives ConfigMaps, Services and pods no generation, or one', async () => {
      const map = await admin().create(CONFIG_MAPS, configMap('ungenerated'));
      expect(map.metadata.generation).toBeUndefined();
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'ungenerated' },
        spec: { ports: [{ port: 80 }] },
      };
      expect((await admin().create(SERVICES, service)).metadata.generation).toBeUndefined();
    });

    it('makes up a name where only its beginning is given', async () => {
      const made = await admin().create(CONFIG_MAPS, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName: 'made-up-' },
      });
      expect(made.metadata.name).toMatch(/^made-up-[a-z0-9]{5}$/);
    });

    it('takes no status where that has a path of its own', async () => {
      const made = await admin().create(THINGS, { ...thing('stateless'), status: { state: 'early' } });
      expect(made.status).toBeUndefined();
    });

    it('refuses a name that is taken', async () => {
      await admin().create(THINGS, thing('taken'));
      expect(await refusalOf(admin().create(THINGS, thing('taken')))).toEqual({ status: 409, reason: 'AlreadyExists' });
      expect(await messageOf(admin().create(THINGS, thing('taken')))).toContain(
        'things.test.weir.dev "taken" already exists',
      );
    });

    it.each(['Upper', 'under_score', '-dash', 'dot.', 'a'.repeat(254)])('refuses the name %s', async (name) => {
      expect(await refusalOf(admin().create(THINGS, thing(name)))).toEqual(INVALID);
      expect(await refusalOf(admin().create(CONFIG_MAPS, configMap(name)))).toEqual(INVALID);
    });

    it('refuses an object without a name', async () => {
      expect(await refusalOf(admin().create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap' }))).toEqual(INVALID);
    });

    it('refuses an object that has a version already', async () => {
      const made = thing('versioned', {}, { resourceVersion: '1' });
      expect(await refusalOf(admin().create(THINGS, made))).toMatchObject({ status: 500 });
    });

    it('refuses a namespace that is not there', async () => {
      const path = '/api/v1/namespaces/nowhere/configmaps';
      const lost = configMap('lost', {}, { namespace: 'nowhere' });
      expect(await refusalOf(admin().create(path, lost))).toEqual(NOT_FOUND);
    });

    it('refuses a body of another namespace, kind or version', async () => {
      expect(await refusalOf(admin().create(THINGS, thing('elsewhere', {}, { namespace: 'b' })))).toEqual(BAD_REQUEST);
      expect(await refusalOf(admin().create(THINGS, { ...thing('other'), kind: 'Other' }))).toEqual(INVALID);
      expect(await refusalOf(admin().create(CONFIG_MAPS, thing('misplaced')))).toEqual(BAD_REQUEST);
      expect(await refusalOf(admin().create(CONFIG_MAPS, { ...configMap('other'), kind: 'Secret' }))).toEqual(
        BAD_REQUEST,
      );
    });

    it('refuses kinds that are not served', async () => {
      expect(await refusalOf(admin().list('/apis/test.weir.dev/v1/namespaces/a/others'))).toMatchObject({
        status: 404,
      });
    });

    it('refuses pods without containers and workloads that would not own their pods', async () => {
      expect(await refusalOf(admin().create(PODS, { ...pod('empty'), spec: { containers: [] } }))).toEqual(INVALID);
      const strangers = {
        template: { metadata: { labels: { app: 'else' } }, spec: { containers: [{ name: 'm', image: 'i' }] } },
      };
      expect(await refusalOf(admin().create(DEPLOYMENTS, deployment('stray', {}, strangers)))).toEqual(INVALID);
    });
  });

  describe('a merge patch', () => {
    it('sets fields, removes those that are null, and replaces lists', async () => {
      await admin().create(THINGS, thing('merged', { keep: 1, drop: 2, list: [1, 2], deep: { a: 1, b: 2 } }));
      const patched = await admin().patch(`${THINGS}/merged`, { spec: { drop: null, list: [3], deep: { b: 3 } } });
      expect(patched.spec).toEqual({ keep: 1, list: [3], deep: { a: 1, b: 3 } });
    });

    it('is carried out for the version it names only', async () => {
      const made = await admin().create(THINGS, thing('versions'));
      const { resourceVersion } = made.metadata;
      const next = await admin().patch(`${THINGS}/versions`, { metadata: { resourceVersion }, spec: { a: 1 } });
      expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
      const late = admin().patch(`${THINGS}/versions`, { metadata: { resourceVersion }, spec: { a: 2 } });
      expect(await refusalOf(late)).toEqual(CONFLICT);
      expect((await admin().get(`${THINGS}/versions`)).spec).toEqual({ a: 1 });
    });

    it('says that the object has been modified', async () => {
      const { metadata } = await admin().create(CONFIG_MAPS, configMap('said'));
      await admin().patch(`${CONFIG_MAPS}/said`, { data: { a: '1' } });
      const late = admin().patch(`${CONFIG_MAPS}/said`, { metadata: { resourceVersion: metadata.resourceVersion } });
      expect(await messageOf(late)).toContain(
        'Operation cannot be fulfilled on configmaps "said": the object has been modified',
      );
    });

    it('is carried out for the uid it names only', async () => {
      await admin().create(THINGS, thing('identity'));
      const uid = '00000000-0000-0000-0000-000000000000';
      expect(await refusalOf(admin().patch(`${THINGS}/identity`, { metadata: { uid }, spec: { a: 1 } }))).toEqual(
        INVALID,
      );
      expect((await admin().get(`${THINGS}/identity`)).spec).toEqual({});
    });

    it('that changes nothing makes no version', async () => {
      const made = await admin().create(THINGS, thing('idle', { a: 1 }));
      const same = await admin().patch(`${THINGS}/idle`, { spec: { a: 1 } });
      expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });

    it('of something that is not there is refused', async () => {
      expect(await refusalOf(admin().patch(`${THINGS}/nothing`, { spec: {} }))).toEqual(NOT_FOUND);
    });

    it('leaves alone what belongs to the server', async () => {
      const made = await admin().create(THINGS, thing('system'));
      const metadata = { generation: 9, creationTimestamp: '2020-01-01T00:00:00Z' };
      const patched = await admin().patch(`${THINGS}/system`, { metadata });
      expect(patched.metadata).toMatchObject({ generation: 1, creationTimestamp: made.metadata.creationTimestamp });
    });

    it('deletes nothing by setting the time of a deletion', async () => {
      await admin().create(THINGS, thing('alive'));
      const metadata = { deletionTimestamp: '2020-01-01T00:00:00Z' };
      expect(await refusalOf(admin().patch(`${THINGS}/alive`, { metadata }))).toEqual(INVALID);
      expect((await admin().get(`${THINGS}/alive`)).metadata.deletionTimestamp).toBeUndefined();
    });

    it('of nothing but metadata starts no new generation, of the spec it does', async () => {
      await admin().create(THINGS, thing('generations'));
      const labelled = await admin().patch(`${THINGS}/generations`, {
        metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
      });
      expect(labelled.metadata.generation).toBe(1);
      const changed = await admin().patch(`${THINGS}/generations`, { spec: { a: 1 } });
      expect(changed.metadata.generation).toBe(2);
    });

    it('of annotations starts a new generation of a Deployment', async () => {
      await admin().create(DEPLOYMENTS, deployment('annotated', {}, { replicas: 0 }));
      const path = `${DEPLOYMENTS}/annotated`;
      const labelled = await admin().patch(path, { metadata: { labels: { a: 'b' } } });
      const annotated = await admin().patch(path, { metadata: { annotations: { a: 'b' } } });
      expect([labelled.metadata.generation, annotated.metadata.generation]).toEqual([1, 2]);
    });

    it('cannot move the selector of a Deployment or the containers of a pod', async () => {
      await admin().create(DEPLOYMENTS, deployment('fixed', {}, { replicas: 0 }));
      const labels = { app: 'moved' };
      const moved = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
      expect(await refusalOf(admin().patch(`${DEPLOYMENTS}/fixed`, moved))).toEqual(INVALID);
      await admin().create(PODS, pod('fixed'));
      const other = { spec: { containers: [{ name: 'main', image: 'none', args: ['x'] }] } };
      expect(await refusalOf(admin().patch(`${PODS}/fixed`, other))).toEqual(INVALID);
    });
  });
}
