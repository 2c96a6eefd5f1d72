/** What Weir would do with a resource. */
export type Decision = 'create' | 'no-op' | 'scale' | 'restart' | 'suspend' | 'resume' | 'refuse';

/** How many pods of one role there are and what they get. */
export interface RoleSize {
  readonly role: 'JobManager' | 'TaskManager' | 'driver' | 'executor';
  readonly pods: number;
  /** Cores and bytes of one pod. */
  readonly each: Amount;
  readonly total: Amount;
}

/** Cores and bytes. */
export interface Amount {
  readonly cpu: number;
  readonly memoryBytes: number;
}

/** One object that would be made, or is made by Flink or the driver once it runs. */
export interface PlannedObject {
  readonly kind: string;
  readonly name: string;
  readonly because: string;
}

/** One key of the effective configuration. */
export interface ConfigurationEntry {
  readonly key: string;
  readonly value: string;
  /** Who set it: the manifest, the operator's defaults, the version's, Weir itself, or Flink; of Spark `user` is sparkConf. */
  readonly origin: string;
  readonly because: string;
  /** What lower layers said, the next lower first. */
  readonly overrides: readonly { readonly value: string; readonly origin: string; readonly because: string }[];
}

/** A rule that is broken, in parts and as one line. */
export interface PlannedIssue {
  readonly path: string;
  readonly value: string | null;
  readonly rule: string;
  readonly message: string;
}

/** How big a cluster is when it runs; what cannot be known is null or empty. */
export interface ClusterSize {
  readonly parallelism: number | null;
  readonly slotsPerTaskManager: number | null;
  readonly jobManagers: number | null;
  readonly taskManagers: number | null;
  readonly pods: number | null;
  /** What all pods request. */
  readonly total: Amount | null;
  /** What all pods may use at most. */
  readonly limits: Amount | null;
  readonly perRole: readonly RoleSize[];
  /** `ceil(10 / 5) = 2 TaskManagers`. */
  readonly arithmetic: string | null;
  /** What had to be guessed, one sentence each. */
  readonly guesses: readonly string[];
}

/** Whether what would be started fits the cluster: the operator's condition CapacityAvailable, before it is there. */
export interface PlannedCapacity {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** The gate is set, and keeps it from being begun for now. */
  readonly held: boolean;
}

/** Everything `weir plan` says of one resource. */
export interface ResourcePlan extends ClusterSize {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** File and document. */
  readonly source: string;
  readonly decision: Decision;
  /** The word that appears in condition, event, log line and metric. */
  readonly reason: string;
  /** The reason in a sentence. */
  readonly message: string;
  /** Fields that differ from what runs; empty unless compared with a server. */
  readonly changes: readonly string[];
  /** Null offline, and where nothing would be started. */
  readonly capacity: PlannedCapacity | null;
  readonly flinkVersion: string | null;
  readonly mode: string | null;
  readonly objects: readonly PlannedObject[];
  readonly configuration: readonly ConfigurationEntry[];
  readonly warnings: readonly string[];
  readonly issues: readonly PlannedIssue[];
}

/** An object that `weir plan` does not plan, and why. */
export interface LeftAlone {
  readonly source: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly note: string;
}

/** A document that is no Kubernetes object. */
export interface UnreadableDocument {
  readonly source: string;
  readonly message: string;
}

/** What `weir plan -o json` prints. */
export interface PlanReport {
  readonly resources: readonly ResourcePlan[];
  /** All resources together that would run. */
  readonly total: Amount & { readonly pods: number };
  readonly leftAlone: readonly LeftAlone[];
  readonly unreadable: readonly UnreadableDocument[];
}

/** One line for everything in the report that must stop a pipeline, naming file, resource, field, value and rule. */
export function errorLines(report: PlanReport): readonly string[] {
  const refused = report.resources.filter(({ decision }) => decision === 'refuse');
  return [
    ...report.unreadable.map(({ source, message }) => `${source}: ${message}`),
    ...refused.flatMap(({ source, kind, namespace, name, issues, message }) => {
      const lines = issues.length === 0 ? [message] : issues.map((issue) => issue.message);
      return lines.map((line) => `${source}: ${kind} ${namespace}/${name}: ${line}`);
    }),
  ];
}

/** Whether something is refused for a Flink option that is not set, which the operator's configuration could set. */
export function lacksConfiguration({ resources }: PlanReport): boolean {
  const issues = resources.flatMap((resource) => resource.issues);
  return issues.some(({ path, value }) => path.startsWith('spec.flinkConfiguration') && value === null);
}

/** Pods, cores and bytes of the resources that would run, added up. */
export function totalOf(resources: readonly ResourcePlan[]): PlanReport['total'] {
  const running = resources.filter((resource) => runsAfter(resource));
  const sum = (of: (resource: ResourcePlan) => number | undefined): number =>
    running.reduce((before, resource) => before + (of(resource) ?? 0), 0);
  return {
    pods: sum(({ pods }) => pods ?? 0),
    cpu: Math.round(sum(({ total }) => total?.cpu) * 1e6) / 1e6,
    memoryBytes: sum(({ total }) => total?.memoryBytes),
  };
}

/** Whether the resource runs once its decision is carried out. */
export function runsAfter({ decision, reason }: ResourcePlan): boolean {
  return decision !== 'suspend' && decision !== 'refuse' && reason !== 'Suspended';
}
