#!/usr/bin/env node
// Has Node write down what V8 compiled of a bundle, so that images of it start with less CPU.
// usage: node scripts/compile-cache.ts BUNDLE UID [NODE-FLAG...]
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/** The name of the folder beside the bundle. */
export const COMPILE_CACHE = 'cache';

/** What a program is told to use the cache in `folder`, which was made beside its bundle: the two may have moved together. */
export function compileCacheVariables(folder: string): Readonly<Record<string, string>> {
  return { NODE_COMPILE_CACHE: folder, NODE_COMPILE_CACHE_PORTABLE: '1' };
}

/**
 * Runs `bundle --help` once with this program's Node and has it write down what V8 compiled of it in the folder `cache` beside it, which is
 * made anew. Node (24.12 or newer) takes it only for the same version, processor, flags and user, the last of which is `uid`, and
 * the same source; where it does not, it compiles as if there were none. Everybody may read it, nobody but the owner write.
 * Returns the path of its one file. Throws when the bundle cannot be run, or Node has written no cache.
 */
export async function compileCache(bundle: string, uid: number, flags: readonly string[]): Promise<string> {
  const folder = join(dirname(bundle), COMPILE_CACHE);
  await rm(folder, { recursive: true, force: true });
  const scratch = await mkdtemp(`${folder}-`);
  const variables = compileCacheVariables(scratch);
  try {
    await promisify(execFile)(process.execPath, [...flags, bundle, '--help'], {
      env: { ...process.env, ...variables },
    });
    const [made = ''] = await readdir(scratch);
    const [file] = made === '' ? [] : await readdir(join(scratch, made));
    if (file === undefined) throw new Error(`Node ${process.version} wrote no compile cache of ${bundle}`);
    const named = join(folder, made.replace(/-\d+$/, `-${uid}`));
    await mkdir(folder, { mode: 0o755 });
    await rename(join(scratch, made), named);
    await chmod(named, 0o755);
    await chmod(join(named, file), 0o644);
    return join(named, file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [bundle, uid, ...flags] = process.argv.slice(2);
  if (bundle === undefined || !/^\d+$/.test(uid ?? ''))
    throw new Error('usage: node scripts/compile-cache.ts BUNDLE UID [NODE-FLAG...]');
  process.stdout.write(`${relative(process.cwd(), await compileCache(bundle, Number(uid), flags))}\n`);
}
