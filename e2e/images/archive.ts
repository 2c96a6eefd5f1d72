import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { TarEntry } from './tar.ts';
import { contentSize, HashingWriter, tarHeader, tarSize, writeTar } from './tar.ts';

/** One layer: a tar on this machine, taken as it is, or entries to write. */
export type Layer = { readonly tar: string } | { readonly entries: readonly TarEntry[] };

/** How a container of the image starts, when the pod does not say otherwise. */
export interface StartConfig {
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly folder?: string;
}

/** The machine word of container images for the machine this runs on. Throws on one without prebuilt packages. */
export function architecture(machine: string = process.arch): 'amd64' | 'arm64' {
  if (machine === 'x64') return 'amd64';
  if (machine === 'arm64') return 'arm64';
  throw new Error(`no container images for a machine of kind ${machine}`);
}

/** The image's configuration document: what to run, and the digests (hex SHA-256) of the uncompressed layers, lowest first. */
export function configDocument(start: StartConfig, layers: readonly string[]): string {
  const environment = Object.entries(start.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return JSON.stringify({
    created: '1970-01-01T00:00:00Z',
    architecture: architecture(),
    os: 'linux',
    config: {
      Entrypoint: start.entrypoint,
      ...(start.command === undefined ? {} : { Cmd: start.command }),
      ...(environment.length === 0 ? {} : { Env: environment }),
      ...(start.user === undefined ? {} : { User: start.user }),
      ...(start.folder === undefined ? {} : { WorkingDir: start.folder }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map((digest) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'weir' })),
  });
}

/**
 * Writes a docker-archive: a tar of the layers, the configuration and an index, as `docker load` and
 * `ctr images import` read it. No container tool, and no root, is needed; the same input gives the same bytes.
 */
export async function writeArchive(
  path: string,
  name: string,
  layers: readonly Layer[],
  start: StartConfig,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    const out = new HashingWriter(file);
    const digests: string[] = [];
    for (const [index, layer] of layers.entries()) digests.push(await writeLayer(out, `layer-${index}.tar`, layer));
    const config = configDocument(start, digests);
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
    const manifest = [{ Config: configName, RepoTags: [name], Layers: layers.map((_, index) => `layer-${index}.tar`) }];
    await writeTar(out, [
      { path: configName, type: 'file', content: config },
      { path: 'manifest.json', type: 'file', content: JSON.stringify(manifest) },
    ]);
  } finally {
    await file.close();
  }
}

/** Writes one layer as an entry of the archive, straight from its sources, and returns its digest. */
async function writeLayer(out: HashingWriter, path: string, layer: Layer): Promise<string> {
  const from: TarEntry = { path, type: 'file', content: 'tar' in layer ? { from: layer.tar } : '' };
  const size = 'tar' in layer ? await contentSize(from) : await tarSize(layer.entries);
  await out.write(tarHeader(from, size));
  out.digest();
  if ('tar' in layer) await out.copy(layer.tar);
  else await writeTar(out, layer.entries);
  const digest = out.digest();
  await out.write(Buffer.alloc((512 - (size % 512)) % 512));
  return digest;
}
