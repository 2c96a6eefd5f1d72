/** The TaskManagers that are registered, by cluster, and who wants to know of changes. */
export class TaskManagers {
  private readonly clusters = new Map<string, Cluster>();

  /** Slots of all TaskManagers of a cluster. */
  slots(cluster: string): number {
    return [...this.of(cluster).members.values()].reduce((sum, member) => sum + member.slots, 0);
  }

  /** Registered TaskManagers of a cluster, oldest first. */
  list(cluster: string): readonly RegisteredTaskManager[] {
    return [...this.of(cluster).members.values()];
  }

  /** One registers; the result takes it away again. */
  add(cluster: string, member: RegisteredTaskManager): () => void {
    const { members } = this.of(cluster);
    const key = {};
    members.set(key, member);
    this.tell(cluster);
    return () => {
      if (members.delete(key)) this.tell(cluster);
    };
  }

  /** Calls back after each change in a cluster; the result ends that. */
  onChange(cluster: string, listener: () => void): () => void {
    const { listeners } = this.of(cluster);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  private tell(cluster: string): void {
    for (const listener of [...this.of(cluster).listeners]) listener();
  }

  private of(name: string): Cluster {
    const cluster = this.clusters.get(name) ?? { members: new Map(), listeners: new Set() };
    this.clusters.set(name, cluster);
    return cluster;
  }
}

/** A TaskManager as its JobManager knows it. */
export interface RegisteredTaskManager {
  readonly pod: string;
  readonly slots: number;
}

interface Cluster {
  readonly members: Map<object, RegisteredTaskManager>;
  readonly listeners: Set<() => void>;
}
