import type { ImageArchive } from '../images/image.ts';
import { step } from '../lib/steps.ts';
import { type ContextCluster, useContext } from './context.ts';
import { findKindCluster, type KindCluster, kindDown, kindLoad, kindUp } from './kind.ts';
import { findNodeCluster, type NodeCluster, nodeClusterDown, nodeClusterUp } from './node/cluster.ts';
import { importArchive, nameImage } from './node/containerd.ts';

export type { ContextCluster } from './context.ts';
export type { KindCluster } from './kind.ts';
export type { NodeCluster } from './node/cluster.ts';

/** A cluster to work with, of whatever make. All have a `name`, a `kind` and the path of a `kubeconfig`. */
export type Cluster = NodeCluster | KindCluster | ContextCluster;

/** Which cluster: the one built from packages unless `kind` or a `context` of the user's is asked for. */
export interface ClusterChoice {
  /** Default: weir. */
  readonly name?: string;
  /** One made by kind (not tested). */
  readonly kind?: boolean;
  /** One the user has, by the context's name. */
  readonly context?: string;
}

/** The name of the cluster nobody named. */
export const defaultName = 'weir';

function nameOf(choice: ClusterChoice): string {
  return choice.name ?? defaultName;
}

/** Brings the cluster up, or mends it, or finds it up already (one the user has: checks that it answers). */
export async function clusterUp(choice: ClusterChoice = {}): Promise<Cluster> {
  if (choice.context !== undefined) return useContext(choice.context);
  return choice.kind === true ? kindUp(nameOf(choice)) : nodeClusterUp(nameOf(choice));
}

/** Ends the cluster; fine if there is none. One the user has stays as it is. `purge` removes kept images too. */
export async function clusterDown(
  choice: ClusterChoice = {},
  options: { readonly purge?: boolean } = {},
): Promise<void> {
  if (choice.context !== undefined) return;
  await (choice.kind === true ? kindDown(nameOf(choice)) : nodeClusterDown(nameOf(choice), options));
}

/** The cluster if it has been brought up, else undefined. One the user has must answer. */
export async function findCluster(choice: ClusterChoice = {}): Promise<Cluster | undefined> {
  if (choice.context !== undefined) return useContext(choice.context);
  return choice.kind === true ? findKindCluster(nameOf(choice)) : findNodeCluster(nameOf(choice));
}

/**
 * Makes an image usable by the cluster's pods (with `imagePullPolicy` Never or IfNotPresent). Skips what is there
 * already, by the key. Throws for a cluster the user has: only its owner knows the registry it pulls from.
 */
export async function importImage(cluster: Cluster, image: ImageArchive): Promise<void> {
  if (cluster.kind === 'context') {
    throw new Error(
      `image ${image.name} cannot be put into your cluster "${cluster.name}": push it to a registry it pulls from`,
    );
  }
  await step(`import ${image.name}`, async (handle) => {
    if (cluster.kind === 'kind') await kindLoad(cluster, image.archive);
    else if (!(await importArchive(cluster.folders, image))) handle.cached();
  });
}

/** Gives an image that was imported another name as well. Throws for a cluster that is not built from packages. */
export async function nameImageAgain(cluster: Cluster, name: string, other: string): Promise<void> {
  if (cluster.kind !== 'node') throw new Error('images are given other names only in a cluster built from packages');
  await nameImage(cluster.folders, name, other);
}

/** Environment in which kubectl, helm and client libraries use this cluster: KUBECONFIG, and PATH if it brings programs. */
export function environmentOf(cluster: Cluster): Record<string, string> {
  const path = cluster.kind === 'node' ? { PATH: `${cluster.bin}:${process.env.PATH ?? ''}` } : {};
  return { KUBECONFIG: cluster.kubeconfig, ...path };
}
