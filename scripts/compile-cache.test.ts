import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPILE_CACHE, compileCache, compileCacheVariables } from './compile-cache.ts';

const FLAGS = ['--expose-gc'];
const own = process.getuid?.() ?? 0;

describe('the compile cache of an image', () => {
  let scratch = '';
  let folder = '';
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'weir-compile-cache-'));
    folder = join(scratch, 'dist');
    await mkdir(folder);
    await writeFile(join(folder, 'weir.mjs'), 'process.stdout.write(String(process.argv[2]));');
  });
  afterEach(() => rm(scratch, { recursive: true }));

  /** What Node says of its compile cache when it runs the bundle in `place`. */
  async function told(place: string, flags: readonly string[]): Promise<string> {
    const variables = { ...compileCacheVariables(join(place, COMPILE_CACHE)), NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
    const env = { ...process.env, ...variables };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, join(place, 'weir.mjs'), 'on'], {
      env,
    });
    expect(stdout).toContain('on');
    return stdout + stderr;
  }

  it('is taken by Node where the image has it', async () => {
    await compileCache(join(folder, 'weir.mjs'), own, FLAGS);
    const image = join(scratch, 'app');
    await cp(folder, image, { recursive: true });
    expect(await told(image, FLAGS)).toContain('was accepted');
  });

  it('is for the user and the flags of the image, and can be read by all and written by none of them', async () => {
    const file = await compileCache(join(folder, 'weir.mjs'), own + 1, FLAGS);
    const [cache, named = ''] = relative(folder, file).split('/');
    expect(cache).toBe(COMPILE_CACHE);
    expect(named).toMatch(new RegExp(`^${process.version}-.*-${own + 1}$`));
    const modes = [join(folder, COMPILE_CACHE), join(folder, COMPILE_CACHE, named), file].map(
      async (path) => (await stat(path)).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o755, 0o755, 0o644]);
    expect(await told(folder, FLAGS)).not.toContain('was accepted');
    await compileCache(join(folder, 'weir.mjs'), own, FLAGS);
    expect(await told(folder, [])).not.toContain('was accepted');
  });

  it('cannot be made of a program that fails', async () => {
    await writeFile(join(folder, 'weir.mjs'), 'throw new Error("no such thing");');
    await expect(compileCache(join(folder, 'weir.mjs'), own, FLAGS)).rejects.toThrow('no such thing');
  });
});
