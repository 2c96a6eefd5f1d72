import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../e2e/lib/run.ts';
import { RELEASED, release } from './build.ts';
import { bundledPackages } from './third-party.ts';

const root = join(import.meta.dirname, '..');

/** Licences that ask for nothing but that they are told. Whatever else turns up is a decision to be made. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT'];

interface Sbom {
  readonly specVersion: string;
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: { readonly name: string } };
  readonly components: readonly Component[];
}

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly { readonly license: { readonly id: string } }[];
  readonly evidence?: { readonly licenses: readonly object[] };
  /** Packages that only this one has. */
  readonly components?: readonly Component[];
}

describe('what is released', () => {
  let folder = '';
  let metafile: Metafile;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-release-'));
    ({ metafile } = await release());
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  const read = (base: string): Promise<Buffer[]> =>
    Promise.all(RELEASED.map((name) => readFile(join(base, 'dist', name))));

  /** A checkout elsewhere: of packages what is bundled and what describes them is copied, tools are those of this one. */
  async function checkoutIn(elsewhere: string): Promise<void> {
    const inputs = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/'));
    const folders = new Set(
      inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
    );
    const described = await Promise.all(
      [...folders].map(async (folder) => {
        const entries = await readdir(join(root, folder), { withFileTypes: true });
        return entries.flatMap((entry) => (entry.isFile() ? [`${folder}/${entry.name}`] : []));
      }),
    );
    const beside = new Set(inputs.flatMap((path) => [`${dirname(path)}/package.json`, `${path}.map`]));
    const found = [...beside].filter((path) => existsSync(join(root, path)));
    const own = ['LICENSE', 'package.json', 'tsconfig.json', 'scripts', 'src'];
    for (const path of new Set([...own, ...inputs, ...described.flat(), ...found])) {
      await cp(join(root, path), join(elsewhere, path), { recursive: true });
    }
    for (const tool of ['esbuild', '@cyclonedx']) {
      await symlink(join(root, 'node_modules', tool), join(elsewhere, 'node_modules', tool));
    }
  }

  it('is the same, bit for bit, from another folder at another time', async () => {
    const elsewhere = join(folder, 'some', 'where else');
    await mkdir(elsewhere, { recursive: true });
    await checkoutIn(elsewhere);
    const env = { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', HOME: folder };
    await run(process.execPath, ['scripts/build.ts'], { cwd: elsewhere, env });
    const [here, there] = await Promise.all([read(root), read(elsewhere)]);
    for (const [index, name] of RELEASED.entries())
      expect(there[index]?.equals(here[index] ?? Buffer.of()), name).toBe(true);
  });

  it('is a program of ASCII, each character of which takes one byte in memory rather than two', async () => {
    const [program] = await read(root);
    expect(program?.findIndex((byte) => byte > 0x7f)).toBe(-1);
  });

  it('loads neither all of undici nor, by an import of node:http, all of what Node has of it', async () => {
    const [program] = await read(root);
    expect(program?.includes('createServer')).toBe(true);
    expect(/from ?"node:http"/.test(String(program))).toBe(false);
    expect(Object.keys(metafile.inputs).filter((path) => path.endsWith('node_modules/undici/index.js'))).toEqual([]);
  });

  it('has a bill of materials with every package that is bundled, and the text of each licence', async () => {
    const sbom = JSON.parse(await readFile(join(root, 'dist/weir.cdx.json'), 'utf8')) as Sbom;
    expect(sbom).toMatchObject({ specVersion: '1.6', metadata: { component: { name: 'weir' } } });
    expect([sbom.serialNumber, sbom.metadata.timestamp]).toEqual([undefined, undefined]);
    const all = sbom.components.flatMap((component) => [component, ...(component.components ?? [])]);
    const listed = all.map(({ group, name, version, licenses }) => {
      const [first] = licenses;
      return [group === undefined ? name : `${group}/${name}`, version, first?.license.id];
    });
    const bundled = bundledPackages(metafile, root).map(({ name, version, license }) => [name, version, license]);
    expect(listed.sort()).toEqual(bundled.sort());
    expect(all.filter(({ evidence }) => evidence === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('holds code of few packages, all under licences that were agreed to', () => {
    const packages = bundledPackages(metafile, root);
    expect(packages.filter(({ license }) => !ALLOWED.includes(license))).toEqual([]);
    expect(packages.length).toBeLessThanOrEqual(42);
  });
});

/** Whether a version comes before another, by its numbers. */
function isOlder(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}

describe('package-lock.json', () => {
  interface Locked {
    readonly version: string;
    readonly dev?: boolean;
    readonly integrity?: string;
    readonly resolved?: string;
    readonly hasInstallScript?: boolean;
  }

  const locked = async (): Promise<[string, Locked][]> => {
    const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, Locked>>;
    };
    return Object.entries(packages).filter(([path]) => path !== '');
  };

  it('pins what runs by its content, and names no place that anything comes from', async () => {
    const packages = await locked();
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    // npm leaves the sum out for tools of other platforms than the one it was last run on.
    const unpinned = packages.filter(([, { dev, integrity = '' }]) => dev !== true && !integrity.startsWith('sha512-'));
    expect(unpinned).toEqual([]);
  });

  it('has no install script among what runs, and but two among tools', async () => {
    const scripts = (await locked()).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripts.map(([path, { dev }]) => [path, dev])).toEqual([
      ['node_modules/esbuild', true],
      ['node_modules/node', true],
    ]);
  });

  it('has nothing older than what the advisories that are known of are mended in', async () => {
    const page = await readFile(join(root, 'docs/supply-chain.md'), 'utf8');
    const rows = [...page.matchAll(/^\| ([\w-]+) \|.*\| ([\d.]+) \|$/gm)];
    expect(rows.length).toBeGreaterThan(10);
    const packages = await locked();
    for (const [, name = '', mended = ''] of rows) {
      const versions = packages.flatMap(([path, { version }]) =>
        path.endsWith(`node_modules/${name}`) ? [version] : [],
      );
      expect(versions.length, name).toBeGreaterThan(0);
      expect(
        versions.filter((version) => isOlder(version, mended)),
        name,
      ).toEqual([]);
    }
  });

  it('grows by no package that is asked for without somebody who decides so', async () => {
    const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: object };
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(12);
  });
});
