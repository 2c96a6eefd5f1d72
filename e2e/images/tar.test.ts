import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../lib/run.ts';
import type { TarEntry } from './tar.ts';
import { HashingWriter, tarHeader, tarSize, writeTar } from './tar.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-tar-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, entries: readonly TarEntry[]): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, 'w');
  await writeTar(new HashingWriter(file), entries).finally(() => file.close());
  return path;
}

const owner = { uid: 9999, gid: 9998 };
const deep = `${'folder/'.repeat(15)}file-with-a-long-name.jar`;

describe('writeTar', () => {
  it('writes what the system tar reads: types, modes, owners, targets, long paths', async () => {
    const path = await written('all.tar', [
      { path: 'home', type: 'folder', owner },
      { path: 'home/run.sh', type: 'file', content: 'echo\n', mode: 0o755, owner },
      { path: 'home/java', type: 'link', target: '/usr/lib/java' },
      { path: 'tmp', type: 'folder', mode: 0o1777 },
      { path: deep, type: 'file', content: Buffer.from('x') },
    ]);
    const listing = await run('tar', ['-tvf', path, '--numeric-owner'], { env: { TZ: 'UTC' } });
    expect(
      listing
        .trim()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'drwxr-xr-x 9999/9998 0 1970-01-01 00:00 home/',
      '-rwxr-xr-x 9999/9998 5 1970-01-01 00:00 home/run.sh',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 home/java -> /usr/lib/java',
      'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
      `-rw-r--r-- 0/0 1 1970-01-01 00:00 ${deep}`,
    ]);
  });

  it('keeps content of every kind, whatever its size', async () => {
    const source = join(folder, 'source');
    await writeFile(source, 'z'.repeat(3_000_001));
    const path = await written('content.tar', [
      { path: 'empty', type: 'file', content: '' },
      { path: 'block', type: 'file', content: 'b'.repeat(512) },
      { path: 'accents', type: 'file', content: 'é' },
      { path: 'copied', type: 'file', content: { from: source } },
    ]);
    const read = (name: string): Promise<string> => run('tar', ['-xOf', path, name]);
    expect(await read('empty')).toBe('');
    expect(await read('block')).toBe('b'.repeat(512));
    expect(await read('accents')).toBe('é');
    expect(await read('copied')).toBe('z'.repeat(3_000_001));
  });

  it('writes as many bytes as tarSize says, and the same bytes each time', async () => {
    const entries: TarEntry[] = [
      { path: 'a', type: 'file', content: 'one' },
      { path: 'b', type: 'folder' },
    ];
    const first = await readFile(await written('first.tar', entries));
    expect(first.length).toBe(await tarSize(entries));
    expect(await readFile(await written('second.tar', entries))).toEqual(first);
  });
});

describe('tarHeader', () => {
  it.each([
    ['name', `${'x'.repeat(101)}`],
    ['folders', `${'x'.repeat(156)}/${'y'.repeat(100)}`],
  ])('refuses a path whose %s does not fit', (_, path) => {
    expect(() => tarHeader({ path, type: 'file', content: '' }, 0)).toThrow(/too long/);
  });

  it('refuses a link whose target does not fit', () => {
    expect(() => tarHeader({ path: 'link', type: 'link', target: 'x'.repeat(101) }, 0)).toThrow(/too long/);
  });
});
