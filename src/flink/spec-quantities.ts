import { parseQuantity } from '../kube/quantity.ts';
import { isRecord } from '../lib/json.ts';
import { parseMemorySize } from '../lib/memory-size.ts';
import { parseResourceMemory } from './conf/resource-spec.ts';

/** Reads the amount a text stands for; undefined when it stands for none. */
type Reading = (text: string) => number | undefined;

/** Fields and options that hold amounts, by dotted path, each read as whoever uses it reads it; the first that fits holds. */
const READINGS: readonly (readonly [RegExp, Reading])[] = [
  [/^(jobManager|taskManager)\.(resource|resources\.(requests|limits))\.memory$/, parseResourceMemory],
  [/^(jobManager|taskManager)\.(resource|resources\.(requests|limits))\.[^.]/, parseQuantity],
  [/^flinkConfiguration\.(jobmanager|taskmanager)\.memory\..*\b(size|min|max)$/, parseMemorySize],
  [
    /^flinkConfiguration\.kubernetes\.(jobmanager|taskmanager)\.(cpu(\.amount|\.limit-factor)?|memory\.limit-factor)$/,
    decimal,
  ],
];

/** A double as Flink's configuration holds it, without a unit. */
function decimal(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * What a value of a spec means, so that two spellings of one amount compare as equal: a number where the field at the
 * dotted path holds an amount and the value is one, else the value itself. Amounts in pod templates count too.
 */
export function meaningOf(path: string, value: unknown): unknown {
  if (/(^|\.)podTemplate\./.test(path)) return withAmounts(value, path);
  const reading = READINGS.find(([field]) => field.test(path))?.[1];
  return reading === undefined ? value : amount(value, reading);
}

/** Amounts of a container or volume, by the dotted path to them inside a pod template. */
const POD_AMOUNT = /\.(resources\.(requests|limits)\.[^.].*|sizeLimit)$/;

function withAmounts(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withAmounts(item, path));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withAmounts(item, `${path}.${key}`)]));
  }
  return POD_AMOUNT.test(path) ? amount(value, parseQuantity) : value;
}

function amount(value: unknown, read: Reading): unknown {
  return typeof value === 'string' || typeof value === 'number' ? (read(String(value).trim()) ?? value) : value;
}
