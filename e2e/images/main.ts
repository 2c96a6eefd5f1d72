import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { cacheRoot } from '../lib/cache.ts';
import { imageNames, images, isImageName } from './images.ts';

const program = new Command('images').description('Container images for tests and demo, made from packages.');

program
  .command('build')
  .description('build images, or find them in the cache; prints one line for each: name and docker-archive')
  .argument('[names...]', `which: ${imageNames.join(', ')} (default: all)`)
  .action(async (names: string[]) => {
    const unknown = names.filter((name) => !isImageName(name));
    if (unknown.length > 0) program.error(`no such image: ${unknown.join(', ')} (there are ${imageNames.join(', ')})`);
    const built = await images(names.length === 0 ? imageNames : names.filter(isImageName));
    for (const { name, archive } of built) process.stdout.write(`${name}\t${archive}\n`);
  });

program
  .command('list')
  .description('show the images that can be built, and what the cache has of each')
  .action(async () => {
    for (const name of imageNames) {
      const kept = await archivesOf(name);
      const lines = kept.length === 0 ? ['not built'] : kept;
      for (const line of lines) process.stdout.write(`${name}\t${line}\n`);
    }
  });

/** Size and path of every cached archive of an image. */
async function archivesOf(name: string): Promise<string[]> {
  const family = join(cacheRoot(), 'images', name === 'pause' ? 'pause-1' : name);
  const keys = await readdir(family).catch(() => []);
  const archives = keys.map((key) => join(family, key, 'image.tar')).filter((path) => existsSync(path));
  return Promise.all(archives.map(async (path) => `${Math.round((await stat(path)).size / 1e6)} MB\t${path}`));
}

await program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
