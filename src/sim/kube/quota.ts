import type { KubeObject } from '../../kube/object.ts';
import { canonicalQuantity, parseQuantity } from '../../kube/quantity.ts';
import { isRecord } from '../../lib/json.ts';
import { Refusal } from './refusal.ts';

type Amounts = Readonly<Record<string, number>>;

/** Pods that count against a quota, and against a node: those that have not ended. */
export function isActive({ status }: KubeObject): boolean {
  const phase = isRecord(status) ? status.phase : undefined;
  return phase !== 'Succeeded' && phase !== 'Failed';
}

/** What a pod's containers ask for together, in base units: `requests.cpu`, `limits.memory`, … Absent: no container says. */
export function resourcesOf(pod: KubeObject): Amounts {
  const sums = new Map<string, number>();
  for (const resources of containerResources(pod)) {
    const limits = fieldsOf(resources.limits);
    // A limit without a request is the request too.
    add(sums, 'requests', { ...limits, ...fieldsOf(resources.requests) });
    add(sums, 'limits', limits);
  }
  return Object.fromEntries(sums);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function containerResources(pod: KubeObject): readonly Readonly<Record<string, unknown>>[] {
  const { containers } = fieldsOf(pod.spec);
  return (Array.isArray(containers) ? containers : []).map((container) => fieldsOf(fieldsOf(container).resources));
}

function add(sums: Map<string, number>, prefix: string, amounts: Readonly<Record<string, unknown>>): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const key = `${prefix}.${name}`;
    sums.set(key, (sums.get(key) ?? 0) + (parseQuantity(String(amount)) ?? 0));
  }
}

function countedName(name: string): string {
  return name === 'cpu' || name === 'memory' ? `requests.${name}` : name;
}

function amountsOf(pod: KubeObject): Amounts {
  return { pods: 1, 'count/pods': 1, ...resourcesOf(pod) };
}

/** What is used of each amount a quota limits. Other resources than pods and their requests and limits are not counted. */
export function usedOf(quota: KubeObject, pods: readonly KubeObject[]): Readonly<Record<string, string>> {
  const counted = pods.filter(isActive).map(amountsOf);
  const names = Object.keys(hardOf(quota));
  return Object.fromEntries(
    names.map((name) => {
      const used = counted.reduce((sum, amounts) => sum + (amounts[countedName(name)] ?? 0), 0);
      return [name, canonicalQuantity(used)];
    }),
  );
}

function hardOf(quota: KubeObject): Readonly<Record<string, string>> {
  const hard = isRecord(quota.spec) && isRecord(quota.spec.hard) ? quota.spec.hard : {};
  return hard as Record<string, string>;
}

/** Containers that do not say how much they want of an amount (`limits.cpu`). */
function silentContainers({ spec }: KubeObject, name: string): readonly string[] {
  const [prefix = '', resource = ''] = countedName(name).split('.');
  const { containers } = fieldsOf(spec);
  return (Array.isArray(containers) ? containers : [])
    .map(fieldsOf)
    .filter(({ resources }) => fieldsOf(fieldsOf(resources)[prefix])[resource] === undefined)
    .map((container) => String(container.name));
}

/** Throws 403 as the ResourceQuota admission does when a new pod does not fit. `pods` are those of its namespace. */
export function checkQuotas(pod: KubeObject, quotas: readonly KubeObject[], pods: readonly KubeObject[]): void {
  const wanted = amountsOf(pod);
  for (const quota of quotas) {
    const hard = hardOf(quota);
    const missing = Object.keys(hard).filter((name) => wanted[countedName(name)] === undefined);
    const prefix = `pods "${pod.metadata.name}" is forbidden:`;
    if (missing.length > 0) {
      const said = missing.map((name) => `${name} for: ${silentContainers(pod, name).join(',')}`).join('; ');
      throw new Refusal(403, 'Forbidden', `${prefix} failed quota: ${quota.metadata.name}: must specify ${said}`);
    }
    const used = usedOf(quota, pods);
    const exceeded = Object.keys(hard).filter((name) => {
      const sum = (parseQuantity(used[name] ?? '0') ?? 0) + (wanted[countedName(name)] ?? 0);
      return sum > (parseQuantity(hard[name] ?? '0') ?? 0);
    });
    if (exceeded.length === 0) continue;
    const list = (amounts: (name: string) => string): string =>
      exceeded.map((name) => `${name}=${amounts(name)}`).join(',');
    const requested = list((name) => canonicalQuantity(wanted[countedName(name)] ?? 0));
    const said = `requested: ${requested}, used: ${list((name) => used[name] ?? '0')}, limited: ${list((name) => hard[name] ?? '')}`;
    throw new Refusal(403, 'Forbidden', `${prefix} exceeded quota: ${quota.metadata.name}, ${said}`);
  }
}
