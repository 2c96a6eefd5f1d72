import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import { CONFLICT, type ContractServer, NOT_FOUND, Requests, refusalOf, THINGS, thing } from './contract-server.ts';

/** Statuses, in part and whole. */
export function statusContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);

  describe('status', () => {
    it('is written through its own path, and nothing else is', async () => {
      const made = await admin().create(THINGS, thing('status', { a: 1 }));
      const body = { spec: { a: 2 }, metadata: { labels: { x: 'y' } }, status: { state: 'one' } };
      const written = await admin().patch(`${THINGS}/status/status`, body);
      expect(written.spec).toEqual({ a: 1 });
      expect(written.status).toEqual({ state: 'one' });
      expect(written.metadata.generation).toBe(1);
      expect(written.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
      expect(written.metadata.labels).toBeUndefined();
    });

    it('is not written through the path of the object', async () => {
      await admin().create(THINGS, thing('quiet'));
      const written = await admin().patch(`${THINGS}/quiet`, { status: { state: 'one' } });
      expect(written.status).toBeUndefined();
      expect(written.metadata.generation).toBe(1);
    });

    it('has the version of the whole object as its precondition', async () => {
      const made = await admin().create(THINGS, thing('racing'));
      await admin().patch(`${THINGS}/racing`, { metadata: { labels: { a: 'b' } } });
      const { resourceVersion } = made.metadata;
      const late = admin().patch(`${THINGS}/racing/status`, {
        metadata: { resourceVersion },
        status: { state: 'late' },
      });
      expect(await refusalOf(late)).toEqual(CONFLICT);
    });

    it('of something that is not there is refused', async () => {
      expect(await refusalOf(admin().patch(`${THINGS}/nothing/status`, { status: {} }))).toEqual(NOT_FOUND);
    });

    it('cannot be removed by a null in the object', async () => {
      await admin().create(THINGS, thing('kept'));
      await admin().patch(`${THINGS}/kept/status`, { status: { state: 'one' } });
      expect((await admin().patch(`${THINGS}/kept`, { status: null })).status).toEqual({ state: 'one' });
      expect((await admin().patch(`${THINGS}/kept/status`, { status: { state: null } })).status).toEqual({});
    });
  });

  describe('a status that is replaced', () => {
    const path = (name: string): string => `${THINGS}/${name}/status`;

    it('is taken whole, and nothing else of the object', async () => {
      const made = await admin().create(THINGS, thing('replaced', { a: 1 }, { labels: { b: 'c' } }));
      const before = await admin().replace(path('replaced'), { ...made, status: { state: 'one', count: 1 } });
      const {
        managedFields: _managed,
        labels: _labels,
        ...metadata
      } = before.metadata as KubeObject['metadata'] & {
        readonly managedFields?: unknown;
      };
      const after = await admin().replace(path('replaced'), {
        ...before,
        metadata,
        spec: {},
        status: { state: 'two' },
      });
      expect(after).toMatchObject({ spec: { a: 1 }, metadata: { labels: { b: 'c' }, generation: 1 } });
      expect(after.status).toEqual({ state: 'two' });
    });

    it('leaves what others own theirs, though the request does not name them', async () => {
      await admin().apply(`${THINGS}/owned`, thing('owned', { a: 1, b: 2 }, { labels: { c: 'd' } }));
      const found = await admin().get(`${THINGS}/owned`);
      const { managedFields: _managed, ...metadata } = found.metadata as KubeObject['metadata'] & {
        readonly managedFields?: unknown;
      };
      await admin().replace(path('owned'), { ...found, metadata, status: { state: 'one' } });
      const applied = await admin().apply(`${THINGS}/owned`, thing('owned', { a: 1 }));
      expect(applied).toMatchObject({ spec: { a: 1 }, status: { state: 'one' } });
      expect(applied.spec).not.toHaveProperty('b');
      expect(applied.metadata.labels).toBeUndefined();
    });

    it('must be that of the version and the very object that were read', async () => {
      const made = await admin().create(THINGS, thing('read'));
      await admin().patch(`${THINGS}/read`, { metadata: { labels: { a: 'b' } } });
      expect(await refusalOf(admin().replace(path('read'), { ...made, status: {} }))).toEqual(CONFLICT);
      const { metadata, ...rest } = await admin().get(`${THINGS}/read`);
      const uid = '00000000-0000-0000-0000-000000000000';
      const another = admin().replace(path('read'), { ...rest, metadata: { ...metadata, uid }, status: {} });
      expect(await refusalOf(another)).toEqual(CONFLICT);
    });

    it('of something that is gone is refused', async () => {
      const made = await admin().create(THINGS, thing('gone'));
      await admin().delete(`${THINGS}/gone`);
      expect(await refusalOf(admin().replace(path('gone'), { ...made, status: {} }))).toEqual(NOT_FOUND);
    });

    it('with nothing new makes no version', async () => {
      const made = await admin().create(THINGS, thing('same'));
      const once = await admin().replace(path('same'), { ...made, status: { state: 'one' } });
      const twice = await admin().replace(path('same'), once);
      expect(twice.metadata.resourceVersion).toBe(once.metadata.resourceVersion);
    });
  });
}
