import { flinkImage } from './flink.ts';
import type { ImageArchive } from './image.ts';
import { operatorImage } from './operator.ts';
import { pauseImage } from './pause.ts';
import { sparkImage } from './spark.ts';

export type { FlinkVersion } from './flink.ts';
export type { ImageArchive } from './image.ts';
export type { SparkVersion } from './spark.ts';
export { flinkImage, operatorImage, pauseImage, sparkImage };

const builders = {
  pause: pauseImage,
  'flink-2.3.0': () => flinkImage('2.3.0'),
  'flink-1.20.5': () => flinkImage('1.20.5'),
  'spark-4.3.0': () => sparkImage('4.3.0'),
  'spark-3.5.9': () => sparkImage('3.5.9'),
  weir: operatorImage,
} satisfies Record<string, () => Promise<ImageArchive>>;

/** What an image is called here. */
export type ImageName = keyof typeof builders;

/** Every image, in the order in which they are best built. */
export const imageNames = Object.keys(builders) as readonly ImageName[];

/** Tells whether there is an image of this name. */
export function isImageName(text: string): text is ImageName {
  return Object.hasOwn(builders, text);
}

/** Builds the named images, or finds them in the cache, one after another; without names, all. The order is that of the names. */
export async function images(names: readonly ImageName[] = imageNames): Promise<ImageArchive[]> {
  const built: ImageArchive[] = [];
  for (const name of names) built.push(await builders[name]());
  return built;
}
