import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What is shown of any resource. */
export interface MeasuredResource {
  readonly namespace: string;
  readonly name: string;
  /** One of the states of its kind; any other word is shown as `Other`. */
  readonly state: string;
  /** The reason of its Ready condition; undefined when that is True, or not there. */
  readonly notReady: string | undefined;
  /** Milliseconds since the epoch; undefined where not known. */
  readonly createdAt: number | undefined;
  /** Flink's state of its job, one of JOB_STATES; undefined where there is no job. */
  readonly job?: string | undefined;
}

/** The words a kind's state may have; the first one is that of a resource nobody has looked at. */
export interface MeasuredKind {
  readonly kind: string;
  readonly states: readonly string[];
  /** Those in which a resource stays for good, so that it gives way to others where there are too many. */
  readonly ended?: readonly string[];
}

/** Told of every change that a watch delivers; undefined when the resource is gone. */
export type ResourceMetrics = (key: string, resource: MeasuredResource | undefined) => void;

/** What createResourceMetrics needs. */
export interface ResourceMetricsOptions {
  readonly registry: Registry;
  /** Most resources of a kind that have series of their own. */
  readonly maxResources: number;
  /** Flink's states of a job. */
  readonly jobStates: readonly string[];
  /** Whether this replica is the one that tells. */
  readonly leads: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a state is called that is none of the kind's. */
const OTHER = 'Other';
const REASON = /^[A-Z][A-Za-z]{0,63}$/;
const STATE_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];

interface Known {
  readonly resource: MeasuredResource;
  /** Since when it has its state; undefined if that was before this process looked. */
  readonly since: number | undefined;
}

interface Kind extends MeasuredKind {
  /** By key, those last that changed last. */
  readonly known: Map<string, Known>;
}

type Gauges = ReturnType<typeof gauges>;

/**
 * Metrics of resources by kind, of the leader only, so that a sum over replicas counts once. Series go with their
 * resource. At most `maxResources` of a kind have series of their own, of those that ended the latest; all of them are in
 * weir_resources.
 */
export function createResourceMetrics(options: ResourceMetricsOptions): (kind: MeasuredKind) => ResourceMetrics {
  const kinds: Kind[] = [];
  // Filled anew only where something changed since metrics were last read.
  const stale = { yes: true, led: false };
  const of = gauges(options.registry, () => {
    const leads = options.leads();
    if (!stale.yes && stale.led === leads) return;
    Object.assign(stale, { yes: false, led: leads });
    for (const gauge of Object.values(of)) gauge.reset();
    if (leads) for (const kind of kinds) fill(of, kind, options);
  });
  const counts = counters(options.registry);
  return (kind) => {
    const own: Kind = { ...kind, known: new Map() };
    kinds.push(own);
    return (key, resource) => {
      const before = own.known.get(key);
      stale.yes = true;
      own.known.delete(key);
      if (resource === undefined) return;
      own.known.set(key, { resource, since: sinceWhen(own, before, resource, options) });
      if (before === undefined || !options.leads()) return;
      counted(counts, own, { before, resource, options });
    };
  };
}

interface Change {
  readonly before: Known;
  readonly resource: MeasuredResource;
  readonly options: ResourceMetricsOptions;
}

function sinceWhen(
  { states: [first] }: MeasuredKind,
  before: Known | undefined,
  { state, createdAt }: MeasuredResource,
  { now }: ResourceMetricsOptions,
): number | undefined {
  if (before === undefined) return state === first ? createdAt : undefined;
  return before.resource.state === state ? before.since : now();
}

type Counters = ReturnType<typeof counters>;

function counters(registry: Registry) {
  const registers = [registry];
  return {
    stateSeconds: new Histogram({
      name: 'weir_resource_state_duration_seconds',
      help: 'How long a resource was in a state, when it left it; not of states that began before the operator did.',
      labelNames: ['kind', 'state'],
      buckets: STATE_BUCKETS,
      registers,
    }),
    jobChanges: new Counter({
      name: 'weir_flink_job_state_changes_total',
      help: "Changes of Flink's state of a job, by the new state.",
      labelNames: ['kind', 'state'],
      registers,
    }),
  };
}

function counted(
  { stateSeconds, jobChanges }: Counters,
  { kind, states }: Kind,
  { before, resource, options }: Change,
): void {
  const { state, job } = before.resource;
  if (state !== resource.state && before.since !== undefined) {
    const seconds = Math.max(0, options.now() - before.since) / 1000;
    stateSeconds.observe({ kind, state: word(state, states) }, seconds);
  }
  if (resource.job !== undefined && resource.job !== job) {
    jobChanges.inc({ kind, state: word(resource.job, options.jobStates) });
  }
}

function gauges(registry: Registry, refill: () => void) {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[], collect?: () => void) =>
    new Gauge({ name, help, labelNames, registers, ...(collect ? { collect } : {}) });
  return {
    // Made, and so read, before the others: it fills them all.
    resources: gauge('weir_resources', 'Resources by state.', ['kind', 'namespace', 'state'], refill),
    states: gauge('weir_resource_state', '1 for the state a resource is in, 0 for the others of its kind.', [
      'kind',
      'namespace',
      'name',
      'state',
    ]),
    jobs: gauge('weir_flink_job_state', "1 for the state Flink says the resource's job is in, 0 for the others.", [
      'kind',
      'namespace',
      'name',
      'state',
    ]),
    notReady: gauge(
      'weir_resource_not_ready',
      '1 for each resource whose Ready condition is not True, with the reason of that condition.',
      ['kind', 'namespace', 'name', 'reason'],
    ),
    omitted: gauge('weir_resource_series_omitted', 'Resources without series of their own, since there are too many.', [
      'kind',
    ]),
  };
}

function fill(of: Gauges, kind: Kind, { jobStates, maxResources }: ResourceMetricsOptions): void {
  const { kind: name, states, known } = kind;
  for (const { resource } of known.values()) {
    of.resources.inc({ kind: name, namespace: resource.namespace, state: word(resource.state, states) });
  }
  for (const resource of shownOf(kind, maxResources)) show(of, { ...kind, jobStates }, resource);
  of.omitted.set({ kind: name }, Math.max(0, known.size - maxResources));
}

/** Those that go on before those that ended, and of these the latest. */
function shownOf({ known, ended = [] }: Kind, most: number): readonly MeasuredResource[] {
  const all = [...known.values()].map(({ resource }) => resource);
  if (all.length <= most) return all;
  const over = all.filter(({ state }) => ended.includes(state)).reverse();
  return [...all.filter(({ state }) => !ended.includes(state)), ...over].slice(0, most);
}

type Words = MeasuredKind & Pick<ResourceMetricsOptions, 'jobStates'>;

function show(of: Gauges, { kind, states, jobStates }: Words, resource: MeasuredResource): void {
  const { namespace, name, state: own, job, notReady } = resource;
  const labels = { kind, namespace, name };
  for (const state of states) of.states.set({ ...labels, state }, Number(state === own));
  if (job !== undefined) {
    for (const state of jobStates) of.jobs.set({ ...labels, state }, Number(state === job));
  }
  if (notReady !== undefined) {
    of.notReady.set({ ...labels, reason: REASON.test(notReady) ? notReady : OTHER }, 1);
  }
}

function word(state: string, states: readonly string[]): string {
  return states.includes(state) ? state : OTHER;
}
