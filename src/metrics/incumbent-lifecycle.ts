import { type Registry, Summary } from 'prom-client';

/** What lifecycle times are told by. */
export interface Living {
  readonly kind: string;
  readonly namespace: string;
  /** status.lifecycleState. */
  readonly state: string;
  /** Counts the changes of the spec. */
  readonly generation: number;
  /** Milliseconds since the epoch; undefined where not known. */
  readonly createdAt: number | undefined;
}

/** What createLifecycleTimes needs. */
export interface LifecycleTimesOptions {
  readonly registry: Registry;
  readonly states: readonly string[];
  /** The labels host, namespace and name. */
  readonly operator: Readonly<Record<'host' | 'namespace' | 'name', string>>;
  readonly leads: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A change of state whose time is told: from the end of the time in `from`, or with `whole` from its beginning. */
interface Transition {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly whole?: true;
}

/** Flink Kubernetes Operator 1.15, metrics/lifecycle/LifecycleMetrics. */
const TRANSITIONS: readonly Transition[] = [
  { name: 'Resume', from: ['SUSPENDED'], to: ['STABLE'] },
  { name: 'Upgrade', from: ['STABLE'], to: ['STABLE'] },
  { name: 'Suspend', from: ['DEPLOYED', 'STABLE', 'ROLLED_BACK'], to: ['UPGRADING', 'SUSPENDED'] },
  { name: 'Stabilization', from: ['DEPLOYED'], to: ['STABLE'], whole: true },
  { name: 'Rollback', from: ['DEPLOYED'], to: ['ROLLED_BACK'], whole: true },
  { name: 'Submission', from: ['UPGRADING'], to: ['DEPLOYED'] },
  { name: 'Submission', from: ['ROLLING_BACK'], to: ['ROLLED_BACK'] },
];

/** States that end a series of others, so that only they are remembered (ResourceLifecycleState, `terminal`). */
const SETTLED: ReadonlySet<string> = new Set(['SUSPENDED', 'STABLE', 'ROLLED_BACK', 'FAILED', 'DELETED']);
/** Those of a Flink histogram (HistogramSummaryProxy of Flink's Prometheus reporter, 1.20). */
const QUANTILES = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999];

interface Stay {
  readonly from: number;
  /** When a change of the spec ended it, or else the next state; undefined while neither has happened. */
  readonly until: number | undefined;
}

interface Life {
  readonly state: string;
  readonly generation: number;
  readonly stays: ReadonlyMap<string, Stay>;
}

/**
 * The times that resources spend in lifecycle states and on their way between them, under the names of the incumbent.
 * Each is there twice, with and without namespace. Told of every change, by keys that are unique over all kinds;
 * undefined when the resource is gone.
 */
export function createLifecycleTimes(
  options: LifecycleTimesOptions,
): (key: string, resource: Living | undefined) => void {
  const { leads, now, states } = options;
  const lives = new Map<string, Life>();
  const observe = summaries(options);
  return (key, resource) => {
    const before = lives.get(key);
    if (resource === undefined) lives.delete(key);
    else if (before === undefined) lives.set(key, firstSeen(resource, now()));
    else if (states.includes(resource.state)) {
      const { life, times } = following(before, resource, now());
      lives.set(key, life);
      if (leads()) for (const [name, ms] of times) observe(resource, name, ms / 1000);
    }
  };
}

function firstSeen({ state, generation, createdAt }: Living, at: number): Life {
  const from = state === 'CREATED' ? (createdAt ?? at) : at;
  return { state, generation, stays: new Map([[state, { from, until: undefined }]]) };
}

type Time = readonly [name: string, ms: number];

/** What is remembered after a change, and the times that it ended. */
function following(before: Life, { state, generation }: Living, at: number): { life: Life; times: readonly Time[] } {
  const stays = new Map(before.stays);
  const left = stays.get(before.state) ?? { from: at, until: undefined };
  if (state === before.state) {
    if (before.generation !== generation) stays.set(state, { ...left, until: at });
    return { life: { state, generation, stays }, times: [] };
  }
  stays.set(before.state, { ...left, until: left.until ?? at });
  const transitions = transitionsTo(state, stays, at);
  stays.set(state, { from: at, until: undefined });
  const ended = [...stays].filter(([each]) => each !== state && isForgotten(each, before.state, state));
  for (const [each] of ended) stays.delete(each);
  const lengths = ended.map(([each, { from, until = at }]): Time => [`State_${each}`, until - from]);
  return { life: { state, generation, stays }, times: [...transitions, ...lengths] };
}

function transitionsTo(state: string, stays: ReadonlyMap<string, Stay>, at: number): readonly Time[] {
  return TRANSITIONS.filter(({ to }) => to.includes(state)).flatMap(({ name, from, whole }) =>
    from
      .flatMap((each) => stays.get(each) ?? [])
      .map((stay): Time => [`Transition_${name}`, at - (whole ? stay.from : (stay.until ?? at))]),
  );
}

/** What led to a settled state is done with; what an upgrade began from counts until it has come to its end. */
function isForgotten(each: string, from: string, to: string): boolean {
  return SETTLED.has(to) || (to === 'UPGRADING' && each !== from);
}

/** Summaries by name, each made when it is first needed, since most never are. */
function summaries({ registry, operator }: LifecycleTimesOptions) {
  const made = new Map<string, Summary>();
  const summary = (name: string, labelNames: readonly string[]): Summary => {
    const known = made.get(name) ?? makeSummary(registry, name, ['host', 'namespace', 'name', ...labelNames]);
    made.set(name, known);
    return known;
  };
  return ({ kind, namespace }: Living, what: string, seconds: number): void => {
    const name = `Lifecycle_${what}_TimeSeconds`;
    summary(`flink_k8soperator_${kind}_${name}`, []).observe(operator, seconds);
    const place = { resourcens: namespace, resourcetype: kind };
    summary(`flink_k8soperator_namespace_${name}`, ['resourcens', 'resourcetype']).observe(
      { ...operator, ...place },
      seconds,
    );
  };
}

function makeSummary(registry: Registry, name: string, labelNames: readonly string[]): Summary {
  const [, what, which] = /_(State|Transition)_(\w+)_TimeSeconds$/.exec(name) ?? [];
  const help = what === 'State' ? `Time in state ${which}, in seconds.` : `Time of Transition ${which}, in seconds.`;
  return new Summary({ name, help, labelNames, percentiles: QUANTILES, registers: [registry] });
}
