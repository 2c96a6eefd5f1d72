import { describe, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  type ContractServer,
  configMap,
  isGone,
  NOT_FOUND,
  Requests,
  refusalOf,
  THINGS,
  thing,
  type Watching,
} from './contract-server.ts';

/** Getting, listing and watching. */
export function readsContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);
  const until = <T>(check: () => Promise<T>): Promise<T> => server().until(check);
  const told = ({ lines }: Watching): readonly string[] =>
    lines.map(({ type, object }) => `${type} ${object.metadata.name}`);
  const typesOf = ({ lines }: Watching): readonly string[] => [...new Set(lines.map(({ type }) => type))];
  const seen = (watching: Watching, expected: readonly string[]): Promise<void> =>
    until(async () => expect(told(watching)).toEqual(expected));

  describe('getting', () => {
    it('what is not there is refused', async () => {
      expect(await refusalOf(admin().get(`${THINGS}/nothing`))).toEqual(NOT_FOUND);
    });

    it('gives what was stored last', async () => {
      await admin().create(THINGS, thing('got', { a: 1 }));
      const patched = await admin().patch(`${THINGS}/got`, { spec: { a: 2 } });
      const got = await admin().get(`${THINGS}/got`);
      expect([got.spec, got.metadata.resourceVersion]).toEqual([{ a: 2 }, patched.metadata.resourceVersion]);
    });
  });

  describe('listing', () => {
    const labelled = async (group: string, ...names: readonly string[]): Promise<void> => {
      for (const name of names) await admin().create(THINGS, thing(name, {}, { labels: { group } }));
    };
    const selected = async (labelSelector: string): Promise<readonly string[]> =>
      (await admin().list(THINGS, { labelSelector })).items.map(({ metadata }) => metadata.name);

    it('gives pages of one moment, in order', async () => {
      await labelled('pages', 'page-1', 'page-2', 'page-4');
      const query = { labelSelector: 'group=pages', limit: 2 };
      const first = await admin().list(THINGS, query);
      expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['page-1', 'page-2']);
      expect(first.metadata.continue).toBeTruthy();
      await labelled('pages', 'page-3');
      await admin().delete(`${THINGS}/page-4`);
      const rest = await admin().list(THINGS, { ...query, continue: first.metadata.continue ?? '' });
      expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['page-4']);
      expect(rest.metadata.continue ?? '').toBe('');
      expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('selects by labels', async () => {
      await admin().create(THINGS, thing('sel-1', {}, { labels: { color: 'red', size: 's' } }));
      await admin().create(THINGS, thing('sel-2', {}, { labels: { color: 'blue', size: 's' } }));
      await admin().create(THINGS, thing('sel-3', {}, { labels: { size: 's' } }));
      expect(await selected('color=red,size=s')).toEqual(['sel-1']);
      expect(await selected('color in (red,blue)')).toEqual(['sel-1', 'sel-2']);
      expect(await selected('size=s,color notin (red)')).toEqual(['sel-2', 'sel-3']);
      expect(await selected('size=s,!color')).toEqual(['sel-3']);
      expect(await selected('size,color!=blue')).toEqual(['sel-1', 'sel-3']);
    });

    it('refuses a selector that is none', async () => {
      expect(await refusalOf(admin().list(THINGS, { labelSelector: 'a in' }))).toEqual({
        status: 400,
        reason: 'BadRequest',
      });
    });

    it('refuses to continue from what is no page', async () => {
      expect(await refusalOf(admin().list(THINGS, { limit: 1, continue: '!' }))).toEqual({
        status: 400,
        reason: 'BadRequest',
      });
    });

    it('refuses to continue from a moment that is forgotten', async () => {
      await labelled('forgotten', 'forgotten-1', 'forgotten-2');
      const query = { labelSelector: 'group=forgotten', limit: 1 };
      const { metadata } = await admin().list(THINGS, query);
      let looks = 0;
      await until(async () => {
        server().forget();
        await admin().patch(`${THINGS}/forgotten-1`, { spec: { looks: ++looks } });
        const next = admin().list(THINGS, { ...query, continue: metadata.continue ?? '' });
        expect(await refusalOf(next)).toEqual({ status: 410, reason: 'Expired' });
      });
    });

    it('gives items of custom kinds with their kind, those of built-in ones without', async () => {
      await admin().create(THINGS, thing('typed'));
      await admin().create(CONFIG_MAPS, configMap('typed'));
      const things = await admin().list(THINGS);
      const maps = await admin().list(CONFIG_MAPS);
      expect([things.kind, things.items[0]?.kind]).toEqual(['ThingList', 'Thing']);
      expect([maps.kind, maps.items[0]?.kind]).toEqual(['ConfigMapList', undefined]);
    });

    it('covers one namespace, or all', async () => {
      await admin().create(
        '/api/v1/namespaces/b/configmaps',
        configMap('far', {}, { namespace: 'b', labels: { where: 'x' } }),
      );
      await admin().create(CONFIG_MAPS, configMap('near', {}, { labels: { where: 'x' } }));
      const names = async (path: string): Promise<readonly string[]> =>
        (await admin().list(path, { labelSelector: 'where=x' })).items.map(({ metadata }) => metadata.name);
      expect(await names(CONFIG_MAPS)).toEqual(['near']);
      expect(await names('/api/v1/configmaps')).toEqual(['near', 'far']);
    });
  });

  describe('watching', () => {
    const follow = async (group: string, query: Record<string, string | number | boolean> = {}): Promise<Watching> =>
      admin().watch(THINGS, { labelSelector: `group=${group}`, ...query });
    const version = async (): Promise<string> => (await admin().list(THINGS)).metadata.resourceVersion;
    const grouped = (name: string, group: string) => admin().create(THINGS, thing(name, {}, { labels: { group } }));

    it('tells of each change from a version on, in order and once', async () => {
      const watching = await follow('order', { resourceVersion: await version() });
      await grouped('order-1', 'order');
      await admin().patch(`${THINGS}/order-1`, { spec: { a: 1 } });
      await admin().patch(`${THINGS}/order-1/status`, { status: { a: 1 } });
      await admin().delete(`${THINGS}/order-1`);
      await seen(watching, ['ADDED order-1', 'MODIFIED order-1', 'MODIFIED order-1', 'DELETED order-1']);
      const versions = watching.lines.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(new Set(versions).size).toBe(4);
      watching.stop();
    });

    it('tells of a deletion with the last state', async () => {
      const watching = await follow('last', { resourceVersion: await version() });
      await grouped('last-1', 'last');
      await admin().patch(`${THINGS}/last-1`, { spec: { a: 7 } });
      await admin().delete(`${THINGS}/last-1`);
      await seen(watching, ['ADDED last-1', 'MODIFIED last-1', 'DELETED last-1']);
      expect(watching.lines.at(-1)?.object.spec).toEqual({ a: 7 });
      watching.stop();
    });

    it('begins with what there is when no version is given', async () => {
      await grouped('start-1', 'start');
      await grouped('start-2', 'start');
      const watching = await follow('start');
      await until(async () => expect([...told(watching)].sort()).toEqual(['ADDED start-1', 'ADDED start-2']));
      await admin().patch(`${THINGS}/start-2`, { spec: { a: 1 } });
      await until(async () => expect(told(watching).at(-1)).toBe('MODIFIED start-2'));
      watching.stop();
    });

    it('tells what was missed when it is resumed', async () => {
      const made = await grouped('resumed', 'resume');
      await admin().patch(`${THINGS}/resumed`, { spec: { a: 1 } });
      await admin().delete(`${THINGS}/resumed`);
      const watching = await follow('resume', { resourceVersion: made.metadata.resourceVersion ?? '' });
      await seen(watching, ['MODIFIED resumed', 'DELETED resumed']);
      watching.stop();
    });

    it('tells of objects that come to be selected as added, and of those that cease to be as deleted', async () => {
      await grouped('moving', 'before');
      const from = await version();
      const [before, after] = [
        await follow('before', { resourceVersion: from }),
        await follow('after', { resourceVersion: from }),
      ];
      const moved = await admin().patch(`${THINGS}/moving`, { metadata: { labels: { group: 'after' } } });
      await seen(before, ['DELETED moving']);
      await seen(after, ['ADDED moving']);
      expect(before.lines[0]?.object.metadata.labels).toEqual({ group: 'before' });
      expect(before.lines[0]?.object.metadata.resourceVersion).toBe(moved.metadata.resourceVersion);
      before.stop();
      after.stop();
    });

    it('tells of its own kind and namespace only', async () => {
      const from = await version();
      const watching = await admin().watch(CONFIG_MAPS, { resourceVersion: from, labelSelector: 'watched' });
      const labels = { watched: 'yes' };
      await admin().create(THINGS, thing('stranger', {}, { labels }));
      await admin().create('/api/v1/namespaces/b/configmaps', configMap('stranger', {}, { namespace: 'b', labels }));
      await admin().create(CONFIG_MAPS, configMap('own', {}, { labels }));
      await seen(watching, ['ADDED own']);
      watching.stop();
    });

    it('tells of an object with finalizers twice: that it is being deleted, and that it is gone', async () => {
      const watching = await follow('fin', { resourceVersion: await version() });
      await admin().create(THINGS, thing('fin', {}, { labels: { group: 'fin' }, finalizers: ['test/slow'] }));
      await admin().delete(`${THINGS}/fin`);
      await admin().patch(`${THINGS}/fin`, { metadata: { finalizers: null } });
      await seen(watching, ['ADDED fin', 'MODIFIED fin', 'DELETED fin']);
      await isGone(admin(), `${THINGS}/fin`);
      watching.stop();
    });

    it('ends in order after the time that was asked for, with a bookmark before that tells how far it has come', async () => {
      const from = await version();
      const watching = await follow('timed', { resourceVersion: from, timeoutSeconds: 6, allowWatchBookmarks: true });
      await grouped('untold', 'untimed');
      await until(async () => expect(watching.ended).toBe(true));
      expect(typesOf(watching)).toEqual(['BOOKMARK']); // one or more
      const { kind, apiVersion, metadata } = watching.lines[0]?.object ?? thing('none');
      expect([kind, apiVersion]).toEqual(['Thing', 'test.weir.dev/v1']);
      expect(Number(metadata.resourceVersion)).toBeGreaterThan(Number(from));
    });

    it('gives no bookmarks unless they are asked for', async () => {
      const watching = await follow('plain', { resourceVersion: await version(), timeoutSeconds: 4 });
      await until(async () => expect(watching.ended).toBe(true));
      expect(watching.lines).toEqual([]);
    });

    it('goes on from a bookmark', async () => {
      const query = { resourceVersion: await version(), timeoutSeconds: 6, allowWatchBookmarks: true };
      const first = await follow('marked', query);
      await grouped('marked-1', 'marked');
      await grouped('unmarked', 'unmarked');
      await until(async () => expect(first.ended).toBe(true));
      expect(typesOf(first)).toEqual(['ADDED', 'BOOKMARK']);
      const { resourceVersion = '' } = first.lines.at(-1)?.object.metadata ?? {};
      const second = await follow('marked', { resourceVersion });
      await grouped('marked-2', 'marked');
      await seen(second, ['ADDED marked-2']);
      second.stop();
    });

    it('from a version that is forgotten ends with 410', async () => {
      server().forget();
      const watching = await follow('old', { resourceVersion: '1' });
      await until(async () => expect(watching.ended).toBe(true));
      expect(watching.lines.map(({ type }) => type)).toEqual(['ERROR']);
      expect(watching.lines[0]?.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
    });

    it('from what is no version is refused', async () => {
      expect((await refusalOf(follow('bad', { resourceVersion: 'x' })))?.status).toBe(500);
    });
  });
}
