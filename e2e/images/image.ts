import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, cacheRoot, contentHash } from '../lib/cache.ts';
import { step } from '../lib/steps.ts';
import type { Layer, StartConfig } from './archive.ts';
import { architecture, writeArchive } from './archive.ts';

/** A container image on this machine, ready to be imported. */
export interface ImageArchive {
  /** E.g. `localhost/flink:2.3.0`; never the tag `latest`. */
  readonly name: string;
  /** The path of the docker-archive. */
  readonly archive: string;
  /** The hash of everything the image was made from; of Debian's packages the names count, not the versions. */
  readonly key: string;
}

/** What to make an image from. */
export interface ImageRecipe {
  /** The repository, e.g. `flink`, without registry and tag. */
  readonly repository: string;
  /** The tag, or how it follows from the key. */
  readonly tag: string | ((key: string) => string);
  /** Everything the layers are made from: a change of any gives a new key. `start` counts by itself. */
  readonly sources: readonly ({ text: string } | { path: string })[];
  readonly start: StartConfig;
  /** Brings the layers, lowest first; asked only when the image is not in the cache yet. `scratch` is removed afterwards. */
  readonly layers: (scratch: string, note: (text: string) => void) => Promise<readonly Layer[]>;
}

/** How many generations of an image are kept in the cache. */
const generations = 3;

/** Counted into every key: raise it when an image is to be composed differently from the same sources. */
const composition = '1';

/** The key of a recipe: a hash of its sources, of how the container starts and of the machine's architecture. */
export function recipeKey(recipe: Pick<ImageRecipe, 'sources' | 'start'>): Promise<string> {
  const fixed = { text: `${composition} ${architecture()} ${JSON.stringify(recipe.start)}` };
  return contentHash([fixed, ...recipe.sources]);
}

/** Builds the image, or finds it in the cache, reporting one step. Older generations of it leave the cache. */
export async function image(recipe: ImageRecipe): Promise<ImageArchive> {
  const key = await recipeKey(recipe);
  const tag = typeof recipe.tag === 'string' ? recipe.tag : recipe.tag(key);
  const name = `localhost/${recipe.repository}:${tag}`;
  return step(`image ${name}`, async (handle) => {
    const family = typeof recipe.tag === 'string' ? `${recipe.repository}-${recipe.tag}` : recipe.repository;
    const { path, hit } = await cachedFolder(join('images', family), key, async (folder) => {
      const scratch = join(folder, 'scratch');
      const layers = await recipe.layers(scratch, (text) => handle.note(text));
      handle.note('writing the archive');
      await writeArchive(join(folder, 'image.tar'), name, layers, recipe.start);
      await rm(scratch, { recursive: true, force: true });
    });
    if (hit) handle.cached();
    else await prune(join(cacheRoot(), 'images', family), key);
    await utimes(path, new Date(), new Date());
    return { name, archive: join(path, 'image.tar'), key };
  });
}

/** Removes all but the most recently used generations; unfinished ones are their makers'. */
async function prune(family: string, keep: string): Promise<void> {
  const others = (await readdir(family)).filter((entry) => entry !== keep && !entry.includes('.making-'));
  const dated = await Promise.all(
    others.map(async (entry) => ({
      entry,
      used: await stat(join(family, entry)).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    })),
  );
  const old = dated.sort((a, b) => b.used - a.used).slice(generations - 1);
  for (const { entry } of old) await rm(join(family, entry), { recursive: true, force: true });
}
