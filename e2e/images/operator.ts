import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RELEASED, release } from '../../scripts/build.ts';
import { COMPILE_CACHE, compileCache, compileCacheVariables } from '../../scripts/compile-cache.ts';
import { step } from '../lib/steps.ts';
import { baseKey, baseLayer, nodeBase } from './base.ts';
import type { ImageArchive } from './image.ts';
import { image } from './image.ts';
import type { TarEntry } from './tar.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeBinary = join(root, 'node_modules/node/bin/node');
const nodeVersion = join(root, 'node_modules/node/package.json');
const compileCacheScript = join(root, 'scripts/compile-cache.ts');

/**
 * Node's options in the operator's image, as in the Dockerfile: a small young generation, since at rest the operator makes
 * next to no garbage; and a heap that may double before all of it is collected, where V8 has a third more for a container this small
 * and collects all the time while there is much to do. What a burst leaves is collected once it is quiet. The source map beside the bundle is for who sets --enable-source-maps, which costs 60 MiB.
 */
export const IMAGE_NODE_FLAGS: readonly string[] = [
  '--max-semi-space-size=4',
  '--heap-growing-percent=100',
  '--expose-gc',
];

/**
 * What glibc is told in the operator's image, as in the Dockerfile: to have all threads allocate in one place, since what
 * each of V8's threads keeps for itself was 16 MiB after some hundred SparkApplications, and next to nothing is allocated at once.
 * And to give back what is free once it is a MiB: by itself it keeps some 8 MiB of what the start of the program took.
 */
export const IMAGE_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '1048576' } as const;

const OPERATOR_UID = 65532;

/** How a container of it starts, as in the Dockerfile. */
export const IMAGE_START = {
  entrypoint: ['/nodejs/bin/node', ...IMAGE_NODE_FLAGS, '/app/weir.mjs'],
  environment: {
    PATH: '/nodejs/bin',
    NODE_ENV: 'production',
    SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
    ...IMAGE_MALLOC,
    ...compileCacheVariables(`/app/${COMPILE_CACHE}`),
  },
  user: `${OPERATOR_UID}:${OPERATOR_UID}`,
  folder: '/app',
} as const;

/** What there is on top of the base, as in the Dockerfile: Node, what is released, and the folder of what V8 made of it. */
export const IMAGE_FILES: readonly string[] = [
  '/nodejs/bin/node',
  ...RELEASED.map((name) => `/app/${name}`),
  `/app/${COMPILE_CACHE}`,
];

/** The accounts a program may look up; the operator runs as `nonroot`. */
const accounts = [
  { name: 'root', id: 0 },
  { name: 'nonroot', id: OPERATOR_UID },
  { name: 'nobody', id: 65534 },
] as const;

/**
 * The operator as the Dockerfile lays it out, from this checkout's sources, on Debian libraries without a shell: Node at
 * /nodejs/bin/node, the bundle at /app/weir.mjs, user 65532, nothing written. The tag is the key, so it never is stale.
 * The base and the accounts are what a distroless image brings along.
 */
export async function operatorImage(): Promise<ImageArchive> {
  const { files } = await step('bundle dist/weir.mjs', () => release());
  return imageOf('weir', files);
}

/** The same of other released files, under a repository of its own. */
export async function imageOf(repository: string, files: readonly string[]): Promise<ImageArchive> {
  return image({
    repository,
    tag: (key) => key,
    sources: [
      { text: `${await baseKey(nodeBase)} ${JSON.stringify(accounts)}` },
      ...files.map((path) => ({ path })),
      { path: nodeVersion },
      { path: compileCacheScript },
    ],
    start: IMAGE_START,
    layers: async (scratch, note) => {
      note('base');
      const base = await baseLayer(nodeBase, note);
      note('compile cache');
      return [{ tar: base.tar }, { entries: nodeEntries() }, { entries: await appEntries(files, scratch) }];
    },
  });
}

function nodeEntries(): TarEntry[] {
  const passwd = accounts.map(({ name, id }) => `${name}:x:${id}:${id}::/:/sbin/nologin\n`).join('');
  const group = accounts.map(({ name, id }) => `${name}:x:${id}:\n`).join('');
  return [
    { path: 'etc/group', type: 'file', content: group },
    { path: 'etc/nsswitch.conf', type: 'file', content: 'passwd: files\ngroup: files\nhosts: files dns\n' },
    { path: 'etc/passwd', type: 'file', content: passwd },
    { path: 'nodejs', type: 'folder' },
    { path: 'nodejs/bin', type: 'folder' },
    { path: 'nodejs/bin/node', type: 'file', mode: 0o755, content: { from: nodeBinary } },
    { path: 'tmp', type: 'folder', mode: 0o1777 },
  ];
}

/** Released files and the compile cache of the first, the bundle, which is made in `scratch`. */
async function appEntries(files: readonly string[], scratch: string): Promise<TarEntry[]> {
  const [bundle = ''] = files;
  await mkdir(scratch, { recursive: true });
  const copy = join(scratch, basename(bundle));
  await copyFile(bundle, copy);
  const cached = await compileCache(copy, OPERATOR_UID, IMAGE_NODE_FLAGS);
  const entries = files.map((from): TarEntry => ({ path: `app/${basename(from)}`, type: 'file', content: { from } }));
  const folders = [COMPILE_CACHE, dirname(relative(scratch, cached))];
  return [
    { path: 'app', type: 'folder' },
    ...entries,
    ...folders.map((path): TarEntry => ({ path: `app/${path}`, type: 'folder' })),
    { path: `app/${relative(scratch, cached)}`, type: 'file', content: { from: cached } },
  ];
}
