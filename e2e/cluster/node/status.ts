import { isReady } from '../http.ts';
import { kubernetesVersion } from '../programs.ts';
import type { Addresses } from './addresses.ts';
import { findNodeCluster } from './cluster.ts';
import { apiServerUrl, type ComponentName, componentNames, probes } from './components.ts';
import { foldersOf } from './folders.ts';
import { logFile, runningProcess } from './start.ts';

/** How one part of a cluster is. */
export interface ComponentStatus {
  readonly name: ComponentName;
  /** Absent when it does not run. */
  readonly pid?: number;
  readonly ready: boolean;
  readonly log: string;
}

/** How a cluster is. */
export interface NodeClusterStatus {
  readonly name: string;
  readonly kind: 'node';
  /** `up`: all parts ready; `broken`: `up` made it, but parts do not run or are not ready; `down`: there is none. */
  readonly state: 'up' | 'broken' | 'down';
  readonly kubernetes: string;
  readonly components: readonly ComponentStatus[];
  readonly server?: string;
  readonly addresses?: Addresses;
  readonly kubeconfig?: string;
  readonly bin?: string;
  readonly folder: string;
}

/** Looks at the cluster of this name; changes nothing. */
export async function nodeClusterStatus(name: string): Promise<NodeClusterStatus> {
  const folders = foldersOf(name);
  const found = await findNodeCluster(name);
  const base = { name, kind: 'node', kubernetes: kubernetesVersion, folder: folders.base } as const;
  if (found === undefined) return { ...base, state: 'down', components: [] };
  const probeOf = probes(folders, found.addresses);
  const components = await Promise.all(
    componentNames.map(async (component): Promise<ComponentStatus> => {
      const process = await runningProcess(folders, component);
      const ready = process !== undefined && (await isReady(probeOf[component]));
      return {
        name: component,
        ...(process === undefined ? {} : { pid: process.pid }),
        ready,
        log: logFile(folders, component),
      };
    }),
  );
  return {
    ...base,
    state: components.every(({ ready }) => ready) ? 'up' : 'broken',
    components,
    server: apiServerUrl(found.addresses),
    addresses: found.addresses,
    kubeconfig: found.kubeconfig,
    bin: found.bin,
  };
}
