import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import {
  CONFIG_MAPS,
  CONFLICT,
  type ContractServer,
  configMap,
  DEPLOYMENTS,
  deployment,
  INVALID,
  messageOf,
  NOT_FOUND,
  Requests,
  refusalOf,
  THINGS,
  thing,
} from './contract-server.ts';

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

function containersOf({ spec }: KubeObject): readonly Container[] {
  return (spec as { template: { spec: { containers: readonly Container[] } } }).template.spec.containers;
}

function envOf(object: KubeObject): readonly string[] {
  return (containersOf(object)[0]?.env ?? []).map(({ name, value }) => `${name}=${value}`);
}

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
}

function managersOf({ metadata }: KubeObject): readonly string[] {
  const entries = (metadata as { managedFields?: readonly Entry[] }).managedFields ?? [];
  return entries
    .map(({ manager, operation, subresource }) => `${manager} ${operation} ${subresource ?? ''}`.trim())
    .sort();
}

/** Server-side apply. */
export function applyContract(server: () => ContractServer): void {
  const admin = (): Requests => new Requests(server().admin);
  const env = (name: string, ...pairs: readonly string[]): KubeObject => {
    const list = pairs.map((pair) => ({ name: pair.split('=')[0], value: pair.split('=')[1] }));
    return deployment(name, { env: list }, { replicas: 0 });
  };

  describe('server-side apply', () => {
    it('creates what is not there, once', async () => {
      const made = await admin().apply(`${THINGS}/applied`, thing('applied', { a: 1 }));
      expect(made.metadata.uid).toBeDefined();
      expect(made.metadata.generation).toBe(1);
      const again = await admin().apply(`${THINGS}/applied`, thing('applied', { a: 1 }));
      expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });

    it('removes what its manager applies no more', async () => {
      await admin().apply(`${CONFIG_MAPS}/less`, configMap('less', { a: '1', b: '2' }));
      const less = await admin().apply(`${CONFIG_MAPS}/less`, configMap('less', { a: '1' }));
      expect(less.data).toEqual({ a: '1' });
    });

    it('leaves alone what others wrote', async () => {
      await admin().apply(`${CONFIG_MAPS}/shared`, configMap('shared', { a: '1' }));
      await admin().patch(`${CONFIG_MAPS}/shared`, { data: { b: '2' } });
      const applied = await admin().apply(`${CONFIG_MAPS}/shared`, configMap('shared', { a: '3' }));
      expect(applied.data).toEqual({ a: '3', b: '2' });
    });

    it('keeps a field that somebody else applies too', async () => {
      const path = `${CONFIG_MAPS}/both`;
      await admin().apply(path, configMap('both', { a: '1' }), { manager: 'one' });
      await admin().apply(path, configMap('both', { a: '1' }), { manager: 'two' });
      const without = await admin().apply(path, configMap('both'), { manager: 'one' });
      expect(without.data).toEqual({ a: '1' });
      const nobody = await admin().apply(path, configMap('both'), { manager: 'two' });
      expect(nobody.data?.valueOf() ?? {}).toEqual({});
    });

    it('refuses to change what others own, unless it is forced to', async () => {
      const path = `${CONFIG_MAPS}/fought`;
      await admin().apply(path, configMap('fought', { a: '1' }), { manager: 'one' });
      const other = configMap('fought', { a: '2' });
      expect(await refusalOf(admin().apply(path, other, { manager: 'two' }))).toEqual(CONFLICT);
      expect(await messageOf(admin().apply(path, other, { manager: 'two' }))).toContain(
        'Apply failed with 1 conflict: conflict with "one": .data.a',
      );
      expect((await admin().apply(path, other, { manager: 'two', force: true })).data).toEqual({ a: '2' });
      expect((await admin().apply(path, configMap('fought'), { manager: 'one' })).data).toEqual({ a: '2' });
    });

    it('conflicts with a field that was patched since', async () => {
      const path = `${CONFIG_MAPS}/patched`;
      await admin().apply(path, configMap('patched', { a: '1' }));
      await admin().patch(path, { data: { a: '2' } }, 'human');
      expect(await messageOf(admin().apply(path, configMap('patched', { a: '1' })))).toMatch(
        /Apply failed with 1 conflict: conflict with "human"( using v1)?: \.data\.a/,
      );
      expect((await admin().apply(path, configMap('patched', { a: '1' }), { force: true })).data).toEqual({ a: '1' });
    });

    it('merges lists by their keys', async () => {
      const path = `${DEPLOYMENTS}/keyed`;
      await admin().apply(path, env('keyed', 'A=1', 'B=2'), { manager: 'one' });
      await admin().apply(path, env('keyed', 'C=3'), { manager: 'two' });
      expect(envOf(await admin().get(path))).toEqual(['A=1', 'B=2', 'C=3']);
      const less = await admin().apply(path, env('keyed', 'B=2'), { manager: 'one' });
      expect(envOf(less)).toEqual(['B=2', 'C=3']);
    });

    it('adds a container beside those of others', async () => {
      const path = `${DEPLOYMENTS}/sidecar`;
      await admin().apply(path, deployment('sidecar', {}, { replicas: 0 }), { manager: 'one' });
      await admin().apply(path, deployment('sidecar', { name: 'second' }, { replicas: 0 }), { manager: 'two' });
      expect(containersOf(await admin().get(path)).map(({ name }) => name)).toEqual(['main', 'second']);
    });

    it('takes lists of custom resources as one value', async () => {
      const path = `${THINGS}/atomic`;
      await admin().apply(path, thing('atomic', { list: [{ name: 'a' }] }), { manager: 'one' });
      const other = thing('atomic', { list: [{ name: 'b' }] });
      expect(await refusalOf(admin().apply(path, other, { manager: 'two' }))).toEqual(CONFLICT);
      const forced = await admin().apply(path, other, { manager: 'two', force: true });
      expect(forced.spec).toEqual({ list: [{ name: 'b' }] });
    });

    it('adds finalizers and labels to those of others, and takes its own away', async () => {
      const path = `${THINGS}/finalizers`;
      await admin().create(THINGS, thing('finalizers', {}, { finalizers: ['test/theirs'], labels: { a: 'b' } }));
      const mine = await admin().apply(
        path,
        thing('finalizers', {}, { finalizers: ['test/mine'], labels: { c: 'd' } }),
      );
      expect(mine.metadata.finalizers).toEqual(['test/theirs', 'test/mine']);
      expect(mine.metadata.labels).toEqual({ a: 'b', c: 'd' });
      const none = await admin().apply(path, thing('finalizers'));
      expect(none.metadata.finalizers).toEqual(['test/theirs']);
      expect(none.metadata.labels).toEqual({ a: 'b' });
    });

    it('has version and uid as preconditions', async () => {
      const path = `${THINGS}/preconditions`;
      const made = await admin().apply(path, thing('preconditions', { a: 1 }));
      await admin().patch(path, { metadata: { labels: { a: 'b' } } });
      const { resourceVersion } = made.metadata;
      expect(await refusalOf(admin().apply(path, thing('preconditions', { a: 2 }, { resourceVersion })))).toEqual(
        CONFLICT,
      );
      const uid = '00000000-0000-0000-0000-000000000000';
      expect(await refusalOf(admin().apply(path, thing('preconditions', { a: 2 }, { uid })))).toEqual(INVALID);
    });

    it('needs a manager', async () => {
      const request = {
        method: 'PATCH',
        path: `${THINGS}/nobody`,
        contentType: 'application/apply-patch+yaml',
      } as const;
      const refusal = await refusalOf(server().admin.request({ ...request, body: thing('nobody') }));
      expect(refusal?.status).toBe(422);
    });

    it('of a status creates nothing', async () => {
      const body = { ...thing('nothing'), status: { state: 'one' } };
      expect(await refusalOf(admin().apply(`${THINGS}/nothing/status`, body))).toEqual(NOT_FOUND);
    });

    it('of a status leaves the spec alone', async () => {
      await admin().create(THINGS, thing('told', { a: 1 }));
      const body = { ...thing('told', { a: 2 }), status: { state: 'one' } };
      const told = await admin().apply(`${THINGS}/told/status`, body);
      expect([told.spec, told.status]).toEqual([{ a: 1 }, { state: 'one' }]);
    });

    it('refuses a name that is not the one of the path', async () => {
      expect(await refusalOf(admin().apply(`${THINGS}/one`, thing('two')))).toMatchObject({ status: 400 });
    });

    it('is told with who wrote what', async () => {
      const path = `${THINGS}/managed`;
      await admin().create(THINGS, thing('managed', { a: 1 }), 'maker');
      await admin().apply(path, thing('managed', { b: 1 }), { manager: 'applier' });
      await admin().patch(`${path}/status`, { status: { state: 'one' } }, 'teller');
      expect(managersOf(await admin().get(path))).toEqual(['applier Apply', 'maker Update', 'teller Update status']);
    });

    it('forgets a manager that owns nothing any more', async () => {
      const path = `${CONFIG_MAPS}/forgotten`;
      await admin().apply(path, configMap('forgotten', { a: '1' }), { manager: 'one' });
      await admin().apply(path, configMap('forgotten', { a: '2' }), { manager: 'two', force: true });
      expect(managersOf(await admin().get(path)).filter((text) => text.startsWith('two'))).toEqual(['two Apply']);
      await admin().patch(path, { data: { a: '3' } }, 'three');
      expect(managersOf(await admin().get(path)).filter((text) => text.startsWith('three'))).toEqual(['three Update']);
    });
  });
}
