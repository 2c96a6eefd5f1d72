import { type Amounts, describeAmount } from './amounts.ts';
import type { PodGroup } from './demand.ts';
import { type ContainerShape, type PodShape, sumOf } from './pod-shape.ts';

/** One entry of a LimitRange's spec.limits. */
export interface LimitItem {
  /** `Container` and `Pod` are checked; others do not concern pods. */
  readonly type: string;
  readonly min: Amounts;
  readonly max: Amounts;
  readonly defaultLimits: Amounts;
  readonly defaultRequests: Amounts;
  /** Limit divided by request, at most. */
  readonly maxRatio: Readonly<Record<string, number>>;
}

/** A LimitRange of the namespace. */
export interface LimitRange {
  readonly name: string;
  readonly limits: readonly LimitItem[];
}

/**
 * The pod as the LimitRanger admission plugin stores it: each container gets the default request and limit of what it
 * does not say itself, from the first LimitRange that has one.
 */
export function withDefaults(shape: PodShape, ranges: readonly LimitRange[]): PodShape {
  const items = ranges.flatMap(({ limits }) => limits).filter(({ type }) => type === 'Container');
  if (items.length === 0) return shape;
  const requests = merged(items.map(({ defaultRequests }) => defaultRequests));
  const limits = merged(items.map(({ defaultLimits }) => defaultLimits));
  const containers = shape.containers.map((container) => ({
    ...container,
    requests: { ...requests, ...container.requests },
    limits: { ...limits, ...container.limits },
  }));
  return { ...shape, containers };
}

/** The first that has a name wins. */
function merged(maps: readonly Amounts[]): Amounts {
  return Object.assign({}, ...[...maps].reverse());
}

/** What the plugin would refuse the group's pods for, in words; undefined when it lets them pass. Expects defaults applied. */
export function limitViolation(group: PodGroup, ranges: readonly LimitRange[]): string | undefined {
  for (const range of ranges) {
    for (const item of range.limits) {
      for (const subject of subjectsOf(item, group)) {
        const broken = brokenRule(item, subject);
        if (broken !== undefined) {
          return `LimitRange "${range.name}" ${broken.rule} per ${item.type}, ${subject.who} ${broken.found}`;
        }
      }
    }
  }
  return ranges.length === 0 || group.count === 0 ? undefined : contradiction(group);
}

/** A default limit may stand below a request of the container's own, which the API server then refuses. */
function contradiction({ role, shape }: PodGroup): string | undefined {
  for (const { name, requests, limits } of shape.containers) {
    for (const [resource, request] of Object.entries(requests)) {
      const limit = limits[resource];
      if (limit === undefined || request <= limit) continue;
      const [asked, allowed] = [describeAmount(resource, request), describeAmount(resource, limit)];
      return `container "${name}" of the ${role} pod requests ${asked}, above its limit of ${allowed}, a LimitRange's default`;
    }
  }
  return undefined;
}

interface Subject {
  readonly who: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function subjectsOf({ type }: LimitItem, { role, count, shape }: PodGroup): readonly Subject[] {
  const pods = `the ${role} pod`;
  if (type === 'Container') return count === 0 ? [] : shape.containers.map((container) => ofContainer(container, pods));
  if (type !== 'Pod' || count === 0) return [];
  const sum = (of: (container: ContainerShape) => Amounts): Amounts => sumOf(shape.containers, of);
  return [{ who: pods, requests: sum(({ requests }) => requests), limits: sum(({ limits }) => limits) }];
}

function ofContainer({ name, requests, limits }: ContainerShape, pods: string): Subject {
  return { who: `container "${name}" of ${pods}`, requests, limits };
}

interface Broken {
  /** As it follows the LimitRange's name: `allows at most 8 GiB memory`. */
  readonly rule: string;
  readonly found: string;
}

/** In the plugin's order: min, max, ratio; what is not said at all breaks the rule too. */
function brokenRule(item: LimitItem, subject: Subject): Broken | undefined {
  return (
    firstOf(item.min, (name, least) => belowMin(name, least, subject)) ??
    firstOf(item.max, (name, most) => aboveMax(name, most, subject)) ??
    firstOf(item.maxRatio, (name, ratio) => aboveRatio(name, ratio, subject))
  );
}

function firstOf(
  rules: Readonly<Record<string, number>>,
  check: (name: string, value: number) => Broken | undefined,
): Broken | undefined {
  for (const [name, value] of Object.entries(rules)) {
    const broken = check(name, value);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function belowMin(name: string, least: number, { requests, limits }: Subject): Broken | undefined {
  const rule = `demands at least ${describeAmount(name, least)}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined) return { rule, found: 'requests none' };
  if (request < least) return { rule, found: `requests ${describeAmount(name, request)}` };
  if (limit !== undefined && limit < least) return { rule, found: `has a limit of ${describeAmount(name, limit)}` };
  return undefined;
}

function aboveMax(name: string, most: number, { requests, limits }: Subject): Broken | undefined {
  const rule = `allows at most ${describeAmount(name, most)}`;
  const [request, limit] = [requests[name], limits[name]];
  if (limit === undefined) return { rule, found: 'has no limit' };
  if (limit > most) return { rule, found: `has a limit of ${describeAmount(name, limit)}` };
  if (request !== undefined && request > most) return { rule, found: `requests ${describeAmount(name, request)}` };
  return undefined;
}

function aboveRatio(name: string, most: number, { requests, limits }: Subject): Broken | undefined {
  const rule = `allows a ${name} limit of at most ${most} times the request`;
  const [request = 0, limit = 0] = [requests[name], limits[name]];
  if (request === 0) return { rule, found: 'requests none' };
  if (limit === 0) return { rule, found: 'has no limit' };
  if (limit / request <= most) return undefined;
  const [asked, allowed] = [describeAmount(name, request), describeAmount(name, limit)];
  return { rule, found: `requests ${asked} with a limit of ${allowed}` };
}
