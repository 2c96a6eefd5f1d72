import { Gauge, type Registry } from 'prom-client';
import { createLifecycleTimes } from './incumbent-lifecycle.ts';

/** What is counted of a FlinkDeployment or FlinkSessionJob. */
export interface CountedFlink {
  readonly kind: string;
  readonly namespace: string;
  /** status.lifecycleState. */
  readonly state: string;
  /** Counts the changes of the spec. */
  readonly generation: number;
  /** Milliseconds since the epoch; undefined where not known. */
  readonly createdAt: number | undefined;
  /** status.jobManagerDeploymentStatus. */
  readonly jobManager: string;
  readonly flinkVersion: string | undefined;
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly stateBytes: number;
}

/** What is counted of a FlinkStateSnapshot. */
export interface CountedSnapshot {
  readonly namespace: string;
  readonly type: 'Savepoint' | 'Checkpoint';
  /** status.state. */
  readonly state: string;
}

/** Told of every change that a watch delivers; undefined when the resource is gone. */
export interface IncumbentFlinkMetrics {
  resource(key: string, resource: CountedFlink | undefined): void;
  snapshot(key: string, snapshot: CountedSnapshot | undefined): void;
}

/** What createIncumbentFlinkMetrics needs. */
export interface IncumbentFlinkOptions {
  readonly registry: Registry;
  /** The labels host, namespace and name: the pod of the operator, its namespace, its own name. */
  readonly operator: Readonly<Record<'host' | 'namespace' | 'name', string>>;
  /** Whether this replica is the one that counts. */
  readonly leads: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The words of the incumbent (Flink Kubernetes Operator 1.15), which are parts of the names of its metrics. */
const LIFECYCLE = [
  'CREATED',
  'SUSPENDED',
  'UPGRADING',
  'DEPLOYED',
  'STABLE',
  'ROLLING_BACK',
  'ROLLED_BACK',
  'FAILED',
  'DELETING',
  'DELETED',
] as const;
const JOB_MANAGER = ['READY', 'DEPLOYED_NOT_READY', 'DEPLOYING', 'MISSING', 'ERROR'] as const;
const SNAPSHOT = ['COMPLETED', 'FAILED', 'IN_PROGRESS', 'TRIGGER_PENDING', 'ABANDONED'] as const;

const OPERATOR = ['host', 'namespace', 'name'] as const;
const PLACE = ['resourcens', 'resourcetype'] as const;

/**
 * Metrics of Flink resources under the names that the incumbent's Prometheus reporter gives them (Flink Kubernetes
 * Operator 1.15, docs/operations/metrics-logging; reporter of Flink 1.20). Of the leader only. Series go with the last
 * resource of their namespace, where the incumbent leaves them at 0.
 */
export function createIncumbentFlinkMetrics(options: IncumbentFlinkOptions): IncumbentFlinkMetrics {
  const resources = new Map<string, CountedFlink>();
  const snapshots = new Map<string, CountedSnapshot>();
  const parts = { ...options, resources, snapshots };
  ofAll(parts);
  ofDeployments(parts);
  ofVersions(parts);
  ofSnapshots(parts);
  const times = createLifecycleTimes({ ...options, states: LIFECYCLE });
  return {
    resource(key, resource) {
      times(key, resource);
      keep(resources, key, resource);
    },
    snapshot: (key, snapshot) => keep(snapshots, key, snapshot),
  };
}

function keep<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

interface Parts extends IncumbentFlinkOptions {
  readonly resources: ReadonlyMap<string, CountedFlink>;
  readonly snapshots: ReadonlyMap<string, CountedSnapshot>;
}

/** Labels of a series beside those of the operator, with what one object adds to it. */
type Share = readonly [labels: Readonly<Record<string, string>>, amount: number];

interface Shown {
  /** What follows `flink_k8soperator_namespace_`. */
  readonly name: string;
  readonly help: string;
  readonly more?: readonly string[];
}

/** A gauge that sums what objects share to its series, whenever metrics are read. */
function summed({ registry, operator, leads }: Parts, shown: Shown, shares: () => Iterable<Share>): void {
  new Gauge({
    name: `flink_k8soperator_namespace_${shown.name}`,
    help: shown.help,
    labelNames: [...OPERATOR, ...PLACE, ...(shown.more ?? [])],
    registers: [registry],
    collect() {
      this.reset();
      if (!leads()) return;
      for (const [labels, amount] of shares()) this.inc({ ...operator, ...labels }, amount);
    },
  });
}

const placeOf = ({ kind, namespace }: CountedFlink) => ({ resourcens: namespace, resourcetype: kind });

function ofAll(parts: Parts): void {
  const each = function* (amount: (resource: CountedFlink) => number): Iterable<Share> {
    for (const resource of parts.resources.values()) yield [placeOf(resource), amount(resource)];
  };
  summed(parts, { name: 'Count', help: 'Resources.' }, () => each(() => 1));
  for (const word of LIFECYCLE) {
    const shown = { name: `Lifecycle_State_${word}_Count`, help: `Resources in lifecycle state ${word}.` };
    summed(parts, shown, () => each(({ state }) => Number(state === word)));
  }
}

function ofDeployments(parts: Parts): void {
  const each = (amount: (resource: CountedFlink) => number): Iterable<Share> =>
    deploymentsIn(parts).map((resource) => [placeOf(resource), amount(resource)]);
  for (const word of JOB_MANAGER) {
    const shown = { name: `JmDeploymentStatus_${word}_Count`, help: `FlinkDeployments whose JobManager is ${word}.` };
    summed(parts, shown, () => each(({ jobManager }) => Number(jobManager === word)));
  }
  const usage = (name: string, help: string, amount: (resource: CountedFlink) => number) =>
    summed(parts, { name: `ResourceUsage_${name}`, help }, () => each(amount));
  usage('Cpu', 'Cores of clusters that answer.', ({ cpu }) => cpu);
  usage('Memory', 'Bytes of memory of clusters that answer.', ({ memoryBytes }) => memoryBytes);
  usage('StateSize', 'Bytes of state in the newest snapshots that are known.', ({ stateBytes }) => stateBytes);
}

function ofVersions(parts: Parts): void {
  const by = (label: string, help: string, shownAs: (version: string) => string): void =>
    summed(parts, { name: `${label}_Count`, help, more: [label] }, () =>
      deploymentsIn(parts).map((resource) => [
        { ...placeOf(resource), [label]: shownAs(resource.flinkVersion ?? 'UNKNOWN') },
        1,
      ]),
    );
  by('FlinkVersion', 'FlinkDeployments by the version of Flink that runs.', (version) => version);
  by('FlinkMinorVersion', 'The same by minor version.', (version) => /^\d+\.\d+/.exec(version)?.[0] ?? 'MALFORMED');
}

function deploymentsIn({ resources }: Parts): CountedFlink[] {
  return [...resources.values()].filter(({ kind }) => kind === 'FlinkDeployment');
}

function ofSnapshots(parts: Parts): void {
  const each = (amount: (snapshot: CountedSnapshot) => number): Iterable<Share> =>
    [...parts.snapshots.values()].map((snapshot) => [
      { resourcens: snapshot.namespace, resourcetype: 'FlinkStateSnapshot' },
      amount(snapshot),
    ]);
  for (const type of ['Checkpoint', 'Savepoint'] as const) {
    const help = `FlinkStateSnapshots that are a ${type.toLowerCase()}`;
    summed(parts, { name: `${type}_Count`, help: `${help}.` }, () => each((one) => Number(one.type === type)));
    for (const word of SNAPSHOT) {
      const shown = { name: `${type}_State_${word}_Count`, help: `${help} in state ${word}.` };
      summed(parts, shown, () => each(({ type: own, state }) => Number(own === type && state === word)));
    }
  }
}
