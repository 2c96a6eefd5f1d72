import { join } from 'node:path';
import { architecture } from './archive.ts';
import type { BaseLayer } from './base.ts';
import { readFromBase } from './base.ts';
import { filesBelow } from './jobs.ts';
import type { Owner, TarEntry } from './tar.ts';

/** The folder that a program lives in, and the user it runs as, who owns all of it. */
export interface Home {
  /** Relative to the root, e.g. `opt/flink`. */
  readonly folder: string;
  readonly user: string;
  readonly owner: Owner;
  /** Whether the file at this path below the folder can be run. */
  isScript(path: string): boolean;
}

/** A file at a path below the home, taken from this machine. */
export function fileIn(home: Home, path: string, from: string): TarEntry {
  const mode = home.isScript(path) ? 0o755 : 0o644;
  return { path: `${home.folder}/${path}`, type: 'file', mode, owner: home.owner, content: { from } };
}

/** All files below the named folders of `from` that belong into the image, at the same paths below the home. */
export async function filesIn(
  home: Home,
  from: string,
  folders: readonly string[],
  belongs: (path: string) => boolean,
): Promise<TarEntry[]> {
  const found: TarEntry[] = [];
  for (const folder of folders) {
    const paths = (await filesBelow(join(from, folder))).map((path) => `${folder}/${path}`);
    found.push(...paths.filter(belongs).map((path) => fileIn(home, path, join(from, path))));
  }
  return found;
}

/** The folders of the home that its files among the entries are in, and empty ones, parents first. */
export function foldersIn(home: Home, entries: readonly TarEntry[], empty: readonly string[]): TarEntry[] {
  const names = new Set(empty.map((folder) => `${home.folder}/${folder}`));
  for (const { path } of entries.filter((entry) => entry.path.startsWith(`${home.folder}/`))) {
    const parts = path.split('/');
    for (let depth = home.folder.split('/').length; depth < parts.length; depth++) {
      names.add(parts.slice(0, depth).join('/'));
    }
  }
  return [...names].sort().map((path) => ({ path, type: 'folder', owner: home.owner }));
}

/** What an engine's image has outside its home: the user, and Java at /opt/java/openjdk, whatever the architecture. */
export async function systemFiles({ folder, user, owner }: Home, base: BaseLayer): Promise<TarEntry[]> {
  const passwd = await readFromBase(base, 'etc/passwd');
  const group = await readFromBase(base, 'etc/group');
  return [
    { path: 'etc/group', type: 'file', content: `${group}${user}:x:${owner.gid}:\n` },
    {
      path: 'etc/passwd',
      type: 'file',
      content: `${passwd}${user}:x:${owner.uid}:${owner.gid}::/${folder}:/bin/bash\n`,
    },
    { path: 'opt/java', type: 'folder' },
    { path: 'opt/java/openjdk', type: 'link', target: `/usr/lib/jvm/java-17-openjdk-${architecture()}` },
  ];
}
