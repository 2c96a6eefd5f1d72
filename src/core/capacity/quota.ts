import { type Amounts, describeAmount, NOTHING, plus, times } from './amounts.ts';
import { describeGroup, type PodGroup } from './demand.ts';
import { type ContainerShape, podLimits, podRequests } from './pod-shape.ts';

/** One scope that a quota is limited to: spec.scopes, or an entry of spec.scopeSelector. */
export interface QuotaScope {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** A ResourceQuota of the namespace, as its status says. */
export interface ResourceQuota {
  readonly name: string;
  /** All of them must match a pod for the quota to count it. */
  readonly scopes: readonly QuotaScope[];
  readonly hard: Amounts;
  readonly used: Amounts;
}

/** What a quota looks at in a pod. */
export interface QuotaSubject {
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly hasDeadline: boolean;
  readonly priorityClassName: string | undefined;
}

/** What the quotas say: the first that is exceeded, in words, and what about them cannot be told. */
export interface QuotaFinding {
  readonly exceeded: string | undefined;
  readonly doubts: readonly string[];
}

/**
 * Compares the groups with the quotas as the ResourceQuota admission plugin does (Kubernetes 1.34, evaluator of pods).
 * What `leaving` pods use is given back first. Object counts other than of pods are not looked at. Expects defaults of
 * LimitRanges applied.
 */
export function checkQuotas(
  groups: readonly PodGroup[],
  quotas: readonly ResourceQuota[],
  leaving: readonly QuotaSubject[],
): QuotaFinding {
  const findings = quotas.map((quota) => checkQuota(groups, quota, leaving));
  return {
    exceeded: findings.find(({ exceeded }) => exceeded !== undefined)?.exceeded,
    doubts: findings.flatMap(({ doubts }) => doubts),
  };
}

function checkQuota(groups: readonly PodGroup[], quota: ResourceQuota, leaving: readonly QuotaSubject[]): QuotaFinding {
  const subjects = groups.filter(({ count }) => count > 0).map((group) => ({ group, subject: subjectOf(group) }));
  const matches = [...subjects.map(({ subject }) => subject), ...leaving].map((subject) => matchOf(quota, subject));
  const doubt = matches.find((match) => typeof match === 'string');
  if (typeof doubt === 'string') {
    return { exceeded: undefined, doubts: [`ResourceQuota "${quota.name}" is limited to ${doubt}`] };
  }
  const counted = subjects.filter((_, index) => matches[index] === true);
  if (counted.length === 0) return { exceeded: undefined, doubts: [] };
  const unsaid = counted.map(({ group }) => unsaidOf(quota, group)).find((text) => text !== undefined);
  const back = leaving.filter((_, index) => matches[subjects.length + index] === true);
  return { exceeded: unsaid ?? shortageOf(quota, counted, sumOfUsage(back)), doubts: [] };
}

function shortageOf(
  quota: ResourceQuota,
  counted: readonly { readonly group: PodGroup; readonly subject: QuotaSubject }[],
  back: Amounts,
): string | undefined {
  const asked = counted.reduce((sum, { group, subject }) => plus(sum, times(usageOf(subject), group.count)), NOTHING);
  for (const [name, hard] of Object.entries(quota.hard)) {
    const wanted = asked[name] ?? 0;
    const others = Math.max(0, (quota.used[name] ?? 0) - (back[name] ?? 0));
    const gap = others + wanted - hard;
    if (wanted === 0 || gap <= 0) continue;
    const pods = counted.map(({ group }) => describeGroup(group)).join(' and ');
    const sums = `others use ${figure(name, others)}; ${pods} would add ${figure(name, wanted)}`;
    return `ResourceQuota "${quota.name}" allows ${describeAmount(name, hard)}: ${sums}, ${figure(name, gap)} too much`;
  }
  return undefined;
}

/** An amount without the resource's name behind it, which the sentence has said already. */
function figure(name: string, amount: number): string {
  return describeAmount(name, amount).replace(
    / (of )?(memory|requests\..+|limits\..+|ephemeral-storage|hugepages-.+)$/,
    '',
  );
}

function subjectOf({ shape }: PodGroup): QuotaSubject {
  const { hasDeadline, priorityClassName } = shape;
  return { requests: podRequests(shape), limits: podLimits(shape), hasDeadline, priorityClassName };
}

function sumOfUsage(pods: readonly QuotaSubject[]): Amounts {
  return pods.reduce((sum, pod) => plus(sum, usageOf(pod)), NOTHING);
}

/** A pod's use under every name a quota may have for it: `cpu`, `requests.cpu`, `limits.cpu`, `requests.nvidia.com/gpu`. */
function usageOf({ requests, limits }: QuotaSubject): Amounts {
  const prefixed = (prefix: string, amounts: Amounts): Amounts =>
    Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [`${prefix}.${name}`, amount]));
  const once: Amounts = { pods: 1, 'count/pods': 1 };
  return { ...once, ...requests, ...prefixed('requests', requests), ...prefixed('limits', limits) };
}

/** Names which, once a quota has them, every container must say a value for (kept by Kubernetes for compatibility). */
const MUST_BE_SAID: Readonly<Record<string, (container: ContainerShape) => number | undefined>> = {
  cpu: ({ requests }) => requests.cpu,
  memory: ({ requests }) => requests.memory,
  'requests.cpu': ({ requests }) => requests.cpu,
  'requests.memory': ({ requests }) => requests.memory,
  'limits.cpu': ({ limits }) => limits.cpu,
  'limits.memory': ({ limits }) => limits.memory,
};

function unsaidOf(quota: ResourceQuota, { role, shape }: PodGroup): string | undefined {
  for (const name of Object.keys(quota.hard)) {
    const value = MUST_BE_SAID[name];
    const silent = value && shape.containers.find((container) => value(container) === undefined);
    if (silent === undefined) continue;
    return `ResourceQuota "${quota.name}" demands ${name} of every container, container "${silent.name}" of the ${role} pod says none`;
  }
  return undefined;
}

/** Whether the quota counts the pod; a text names the scope that cannot be told. */
function matchOf({ scopes }: ResourceQuota, subject: QuotaSubject): boolean | string {
  const matches = scopes.map((scope) => scopeMatches(scope, subject));
  if (matches.includes(false)) return false;
  return matches.find((match) => typeof match === 'string') ?? true;
}

function scopeMatches(scope: QuotaScope, subject: QuotaSubject): boolean | string {
  switch (scope.name) {
    case 'Terminating':
      return subject.hasDeadline;
    case 'NotTerminating':
      return !subject.hasDeadline;
    case 'BestEffort':
      return isBestEffort(subject);
    case 'NotBestEffort':
      return !isBestEffort(subject);
    case 'PriorityClass':
      return priorityMatches(scope, subject.priorityClassName);
    default:
      return `scope ${scope.name}, which is not worked out here`;
  }
}

/** A pod that names no class gets the cluster's default one, which nobody here knows. */
function priorityMatches({ operator, values }: QuotaScope, priorityClass: string | undefined): boolean | string {
  if (priorityClass === undefined) return 'priority classes, and the pods name none, so the default one decides';
  switch (operator) {
    case 'Exists':
      return true;
    case 'DoesNotExist':
      return false;
    case 'In':
      return values.includes(priorityClass);
    case 'NotIn':
      return !values.includes(priorityClass);
    default:
      return `scope PriorityClass by "${operator}", which is not worked out here`;
  }
}

/** Quality of service class BestEffort: no cpu or memory is requested or limited. */
function isBestEffort({ requests, limits }: QuotaSubject): boolean {
  return ['cpu', 'memory'].every((name) => (requests[name] ?? 0) === 0 && (limits[name] ?? 0) === 0);
}
