import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../lib/run.ts';
import type { Layer } from './archive.ts';
import { architecture, configDocument, writeArchive } from './archive.ts';
import { HashingWriter, writeTar } from './tar.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-archive-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = { entrypoint: ['/run'], environment: { PATH: '/bin', A: 'b=c' }, user: '7:7', folder: '/work' };

async function archiveOf(name: string): Promise<string> {
  const base = join(folder, 'base.tar');
  const file = await open(base, 'w');
  await writeTar(new HashingWriter(file), [{ path: 'base', type: 'file', content: 'base' }]).finally(() =>
    file.close(),
  );
  const layers: Layer[] = [{ tar: base }, { entries: [{ path: 'run', type: 'file', mode: 0o755, content: 'run' }] }];
  const path = join(folder, name);
  await writeArchive(path, 'localhost/sample:1', layers, start);
  return path;
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

describe('writeArchive', () => {
  it('links name, configuration and layers by their digests', async () => {
    const path = await archiveOf('image.tar');
    await run('tar', ['-xf', path, '-C', folder]);
    const [manifest] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    expect(manifest.RepoTags).toEqual(['localhost/sample:1']);
    expect(manifest.Layers).toEqual(['layer-0.tar', 'layer-1.tar']);
    expect(manifest.Config).toBe(`${await sha256(join(folder, manifest.Config))}.json`);
    const config = JSON.parse(await readFile(join(folder, manifest.Config), 'utf8'));
    const digests = await Promise.all(manifest.Layers.map((layer: string) => sha256(join(folder, layer))));
    expect(config.rootfs.diff_ids).toEqual(digests.map((digest) => `sha256:${digest}`));
    expect(await run('tar', ['-xOf', join(folder, 'layer-1.tar'), 'run'])).toBe('run');
  });

  it('gives the same bytes for the same input', async () => {
    expect(await sha256(await archiveOf('one.tar'))).toBe(await sha256(await archiveOf('two.tar')));
  });
});

describe('configDocument', () => {
  it('says how the container starts, and nothing that was not asked for', () => {
    const document = JSON.parse(configDocument(start, ['aa']));
    expect(document.config).toEqual({
      Entrypoint: ['/run'],
      Env: ['PATH=/bin', 'A=b=c'],
      User: '7:7',
      WorkingDir: '/work',
    });
    expect(document).toMatchObject({ os: 'linux', rootfs: { diff_ids: ['sha256:aa'] } });
    expect(JSON.parse(configDocument({ entrypoint: ['/run'] }, [])).config).toEqual({ Entrypoint: ['/run'] });
  });
});

describe('architecture', () => {
  it('names the machine as images do, and refuses the unknown', () => {
    expect(architecture('x64')).toBe('amd64');
    expect(architecture('arm64')).toBe('arm64');
    expect(() => architecture('mips')).toThrow(/mips/);
  });
});
