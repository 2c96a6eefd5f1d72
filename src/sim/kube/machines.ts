import type { KubeObject } from '../../kube/object.ts';

/** A machine that runs pods. */
export interface SimNode {
  readonly name: string;
  /** status.allocatable: Kubernetes quantities of cpu and memory. */
  readonly allocatable: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What can be done to nodes. */
export interface SimNodes {
  /** The machine dies: its processes end at once and nobody tells the API server. */
  kill(name: string): void;
  /**
   * The kubelet is cut off: the API server hears nothing from it, its processes run on as zombies. With `partitioned`
   * they cannot reach the API server either.
   */
  lose(name: string, how?: { readonly partitioned?: boolean }): void;
  /** Its Node object is deleted, as a cloud does when a machine is gone for good: its pods are removed by force 40 s later. */
  remove(name: string): void;
  /** The kubelet kills a pod because its node runs out of memory; the pod stays, failed. Nothing if it does not run. */
  evict(pod: KubeObject): void;
  /** It comes back: what should not run any more is ended, the rest is reported again. */
  restore(name: string): void;
}
