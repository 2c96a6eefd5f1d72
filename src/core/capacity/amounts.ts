import { parseQuantity } from '../../kube/quantity.ts';
import { isRecord } from '../../lib/json.ts';
import { describeBytes } from '../../lib/memory-size.ts';

/**
 * Amounts by resource name, in whole numbers as the scheduler counts them: `cpu` in thousandths of a core, everything
 * else in its base unit (bytes, pieces).
 */
export type Amounts = Readonly<Record<string, number>>;

/** Nothing at all. */
export const NOTHING: Amounts = {};

/** One quantity of a resource in the unit of Amounts, rounded up; undefined when it is no quantity. */
export function amountOf(resource: string, quantity: unknown): number | undefined {
  if (typeof quantity !== 'string' && typeof quantity !== 'number') return undefined;
  const value = parseQuantity(quantity);
  if (value === undefined) return undefined;
  return isCpu(resource) ? Math.ceil(Math.round(value * 1e9) / 1e6) : Math.ceil(value);
}

/** A map of quantities (requests, limits, allocatable, hard, used). What is no quantity is left out. */
export function amountsOf(quantities: unknown): Amounts {
  if (!isRecord(quantities)) return NOTHING;
  const entries = Object.entries(quantities).flatMap(([name, quantity]) => {
    const amount = amountOf(name, quantity);
    return amount === undefined ? [] : [[name, amount] as const];
  });
  return Object.fromEntries(entries);
}

/** The sum, over the names of both. */
export function plus(a: Amounts, b: Amounts): Amounts {
  return combined(a, b, (left, right) => left + right);
}

/** The larger of the two, name by name. */
export function largest(a: Amounts, b: Amounts): Amounts {
  return combined(a, b, Math.max);
}

function combined(a: Amounts, b: Amounts, of: (left: number, right: number) => number): Amounts {
  const sum: Record<string, number> = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = of(sum[name] ?? 0, amount);
  return sum;
}

/** `a` less `b`, over the names of `a` only; never below zero. */
export function minus(a: Amounts, b: Amounts): Amounts {
  return Object.fromEntries(Object.entries(a).map(([name, amount]) => [name, Math.max(0, amount - (b[name] ?? 0))]));
}

/** Every amount `count` times. */
export function times(amounts: Amounts, count: number): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount * count]));
}

/** The amounts of the named resources only, zero where there is none. */
export function pick(amounts: Amounts, names: readonly string[]): Amounts {
  return Object.fromEntries(names.map((name) => [name, amounts[name] ?? 0]));
}

/** How much of each wanted resource there is too little of; empty when all of it is there. */
export function missing(wanted: Amounts, given: Amounts): Amounts {
  const gaps = Object.entries(wanted).map(([name, amount]) => [name, amount - (given[name] ?? 0)] as const);
  return Object.fromEntries(gaps.filter(([, gap]) => gap > 0));
}

/** How often `each` fits into `given`, at most `most` times. */
export function countIn(each: Amounts, given: Amounts, most: number): number {
  let count = most;
  for (const [name, amount] of Object.entries(each)) {
    if (amount > 0) count = Math.min(count, Math.floor((given[name] ?? 0) / amount));
  }
  return Math.max(0, count);
}

/** The amounts in words, cpu and memory first: `2 cores, 64 GiB memory, 1 nvidia.com/gpu`; `nothing` if there is none. */
export function describeAmounts(amounts: Amounts): string {
  const names = Object.keys(amounts).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return names.length === 0 ? 'nothing' : names.map((name) => describeAmount(name, amounts[name] ?? 0)).join(', ');
}

function rank(name: string): number {
  const known = ['cpu', 'memory'].indexOf(name);
  return known < 0 ? 2 : known;
}

/** One amount in words: `1.5 cores`, `64 GiB memory`, `4 cores of limits.cpu`, `20 GiB of limits.memory`, `10 pods`. */
export function describeAmount(name: string, amount: number): string {
  if (name === 'cpu') return cores(amount);
  if (name === 'memory') return `${describeBytes(amount)} memory`;
  if (isCpu(name)) return `${cores(amount)} of ${name}`;
  if (isBytes(name)) return `${describeBytes(amount)} of ${name}`;
  if (name === 'pods') return amount === 1 ? '1 pod' : `${amount} pods`;
  return `${amount} ${name}`;
}

function cores(thousandths: number): string {
  return thousandths === 1000 ? '1 core' : `${thousandths / 1000} cores`;
}

/** Quotas name the same resources with a prefix: `requests.cpu`, `limits.memory`. */
function isCpu(name: string): boolean {
  return name === 'cpu' || name === 'requests.cpu' || name === 'limits.cpu';
}

function isBytes(name: string): boolean {
  return /^(requests\.|limits\.)?(memory|ephemeral-storage|hugepages-.+)$/.test(name);
}
