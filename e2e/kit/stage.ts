import {
  type Cluster,
  type ClusterChoice,
  clusterUp,
  environmentOf,
  importImage,
  nameImageAgain,
} from '../cluster/cluster.ts';
import { type ImageArchive, type ImageName, imageNames, images, isImageName } from '../images/images.ts';
import { run, tryRun } from '../lib/run.ts';
import { type Kube, openKube } from './kube.ts';

/** The images that demo and scenarios run. */
export type StageImage = Exclude<ImageName, 'pause'>;

/** Image references to use as they are, instead of building and importing: for clusters that pull from a registry. */
export type GivenImages = Readonly<Partial<Record<StageImage, string>>>;

/** What to set up. */
export interface StageOptions {
  readonly cluster: ClusterChoice;
  readonly images: readonly StageImage[];
  readonly given?: GivenImages;
}

/** A cluster that is up, with the images in it and the programs to work with it. */
export interface Stage {
  readonly cluster: Cluster;
  readonly kube: Kube;
  /** The reference of an image in the cluster. Throws for one that was not asked for. */
  image(name: StageImage): string;
  /** The same image under another reference, as a new release would come. Only in a cluster built from packages. */
  imageAgain(name: StageImage): Promise<string>;
  /** Runs kubectl, helm or another program against the cluster and returns its output. */
  run(command: string, args: readonly string[], input?: string): Promise<string>;
}

/** Builds what is missing, brings the cluster up and puts the images into it, one step after another. */
export async function setUpStage(options: StageOptions): Promise<Stage> {
  const given = options.given ?? {};
  const archives = new Map<StageImage, ImageArchive>();
  const wanted = options.images.filter((name) => given[name] === undefined);
  for (const [index, archive] of (await images(wanted)).entries()) archives.set(wanted[index] as StageImage, archive);
  const cluster = await clusterUp(options.cluster);
  if (cluster.kind !== 'node') await needOnPath(['kubectl', 'helm']);
  for (const archive of archives.values()) await importImage(cluster, archive);
  const environment = environmentOf(cluster);
  const image = (name: StageImage): string => {
    const reference = given[name] ?? archives.get(name)?.name;
    if (reference === undefined) throw new Error(`image ${name} was not set up`);
    return reference;
  };
  return {
    cluster,
    kube: openKube(cluster.kubeconfig),
    image,
    async imageAgain(name) {
      const again = `${image(name)}-again`;
      await nameImageAgain(cluster, image(name), again);
      return again;
    },
    run: (command, args, input) => run(command, args, { env: environment, ...(input === undefined ? {} : { input }) }),
  };
}

/** The cluster built from packages brings these programs; for any other they must be there. */
async function needOnPath(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await tryRun(name, ['version', '--client']).catch(() => {
      throw new Error(`this needs ${name} on PATH, and there is none`);
    });
  }
}

/** Parses `NAME=REFERENCE` of the option --image. Throws, naming the images there are. */
export function parseGivenImage(text: string, before: GivenImages = {}): GivenImages {
  const [name = '', reference = ''] = text.split(/=(.*)/s);
  if (!isImageName(name) || name === 'pause' || reference === '') {
    const names = imageNames.filter((known) => known !== 'pause');
    throw new Error(`not an image: "${text}" (NAME=REFERENCE, NAME one of ${names.join(', ')})`);
  }
  return { ...before, [name]: reference };
}
