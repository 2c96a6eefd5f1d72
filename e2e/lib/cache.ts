import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything slow to make is kept, outside the checkout: $WEIR_CACHE, else $XDG_CACHE_HOME/weir, else ~/.cache/weir. */
export function cacheRoot(): string {
  const { WEIR_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return own ?? join(xdg ?? join(homedir(), '.cache'), 'weir');
}

/** SHA-256 (16 hex digits) over texts and whole files or folders, in the order given. File names inside folders count, times do not. */
export async function contentHash(parts: readonly ({ text: string } | { path: string })[]): Promise<string> {
  const hash = createHash('sha256');
  for (const part of parts) {
    if ('text' in part) hash.update(`text:${part.text}\0`);
    else await addPath(hash, part.path);
  }
  return hash.digest('hex').slice(0, 16);
}

async function addPath(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) {
    hash.update(await readFile(path));
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`entry:${entry.name}\0`);
    await addPath(hash, join(path, entry.name));
  }
}

/** A folder made once per key: the path, and whether it was there already. */
export interface Cached {
  readonly path: string;
  readonly hit: boolean;
}

/**
 * The cache folder `<kind>/<key>`, made by `make` in a temporary folder beside it and renamed when complete, so a
 * folder that exists is whole even after a crash. Two makers at once, in one process or in two, are safe: the second
 * to finish is thrown away.
 */
export async function cachedFolder(
  kind: string,
  key: string,
  make: (folder: string) => Promise<void>,
): Promise<Cached> {
  const path = join(cacheRoot(), kind, key);
  if (existsSync(path)) return { path, hit: true };
  const draft = `${path}.making-${process.pid}-${randomBytes(4).toString('hex')}`;
  await mkdir(draft, { recursive: true });
  try {
    await make(draft);
    await rename(draft, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { path, hit: false };
}
