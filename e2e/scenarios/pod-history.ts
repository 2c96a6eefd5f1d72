import type { KubeObject } from '../../src/kube/object.ts';
import type { Kube } from '../kit/kube.ts';

/** What a watch has seen of the pods of one Flink cluster, in the order in which the API server stored it. */
export interface PodHistory {
  /** Pods that appeared while one from before the mark was still there, each as `new beside old`. */
  readonly overlaps: readonly string[];
  /** The most JobManager pods there were at once since the mark. */
  readonly mostJobManagers: number;
  /** From now on, the pods of this moment count as those from before. */
  mark(): void;
  stop(): void;
}

/** Begins to watch the pods of the cluster with this name. */
export async function watchPods(kube: Kube, namespace: string, name: string): Promise<PodHistory> {
  const live = new Map<string, KubeObject>();
  let old = new Set<string>();
  let overlaps: string[] = [];
  let mostJobManagers = 0;
  const jobManagers = (): number =>
    [...live.values()].filter(({ metadata }) => metadata.labels?.component === 'jobmanager').length;
  const added = (uid: string, pod: KubeObject): void => {
    const left = [...live].find(([other]) => old.has(other));
    if (left !== undefined && !old.has(uid)) overlaps.push(`${pod.metadata.name} beside ${left[1].metadata.name}`);
    live.set(uid, pod);
    mostJobManagers = Math.max(mostJobManagers, jobManagers());
  };
  const { stop } = await kube.watch('pods', namespace, ({ type, object }) => {
    const { uid = '', labels } = object.metadata;
    if (labels?.app !== name) return;
    if (type === 'DELETED') live.delete(uid);
    else if (!live.has(uid)) added(uid, object);
  });
  return {
    get overlaps() {
      return overlaps;
    },
    get mostJobManagers() {
      return mostJobManagers;
    },
    mark() {
      old = new Set(live.keys());
      overlaps = [];
      mostJobManagers = jobManagers();
    },
    stop,
  };
}
