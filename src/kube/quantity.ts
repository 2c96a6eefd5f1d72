import { rememberedText } from '../lib/remembered.ts';

/** A quantity split the way apimachinery does: exact value in billionths, and the suffix family it was written in. */
interface Parsed {
  readonly nano: bigint;
  readonly family: 'decimal' | 'binary' | 'exponent';
}

const NANO = 1_000_000_000n;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d{1,2})?$/;

function parse(value: string | number): Parsed | undefined {
  return parseText(String(value));
}

/** Thousands of pods request the same few amounts. */
const parseText = rememberedText((text): Parsed | undefined => {
  const match = QUANTITY.exec(text.trim());
  if (match?.[2] === undefined) return undefined;
  const suffix = match[3] ?? '';
  const [whole = '', fraction = ''] = match[2].split('.');
  const digits = BigInt(`${whole}${fraction}`);
  const { numerator, denominator, family } = scaleOf(suffix);
  const dividend = digits * numerator * NANO;
  const divisor = denominator * 10n ** BigInt(fraction.length);
  const magnitude = dividend % divisor === 0n ? dividend / divisor : dividend / divisor + 1n;
  return { nano: match[1] === '-' ? -magnitude : magnitude, family };
});

function scaleOf(suffix: string): { numerator: bigint; denominator: bigint; family: Parsed['family'] } {
  const binary = (BINARY as readonly string[]).indexOf(suffix);
  if (binary > 0) return { numerator: 1024n ** BigInt(binary), denominator: 1n, family: 'binary' };
  const decimal = (DECIMAL as readonly string[]).indexOf(suffix);
  const exponent = decimal >= 0 ? (decimal - 3) * 3 : Number(suffix.slice(1));
  const family = decimal >= 0 ? 'decimal' : 'exponent';
  return exponent >= 0
    ? { numerator: 10n ** BigInt(exponent), denominator: 1n, family }
    : { numerator: 1n, denominator: 10n ** BigInt(-exponent), family };
}

/**
 * A Kubernetes quantity in its base unit (cores, bytes, pieces): `500m` → 0.5, `2Gi` → 2147483648, `1e3` → 1000.
 * Finer than billionths is rounded up, as the API server does. Undefined when the API server would refuse it.
 */
export function parseQuantity(value: string | number): number | undefined {
  const parsed = parse(value);
  if (parsed === undefined) return undefined;
  return Number(parsed.nano / NANO) + Number(parsed.nano % NANO) / 1e9;
}

/**
 * The text the API server would store for a quantity (`1000m` → `1`, `1024Mi` → `1Gi`, `0.5` → `500m`), so that what is
 * applied equals what is read back. Text that is not a quantity is returned as it is: the API server names the error.
 */
export function canonicalQuantity(value: string | number): string {
  const parsed = parse(value);
  if (parsed === undefined) return String(value);
  const { nano, family } = parsed;
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const magnitude = nano < 0n ? -nano : nano;
  const small = magnitude < 1024n * NANO || magnitude % NANO !== 0n;
  if (family === 'binary' && !small) return sign + largestUnit(magnitude / NANO, 1024n, BINARY);
  if (family === 'exponent') return sign + withExponent(magnitude);
  return sign + largestUnit(magnitude, 1000n, DECIMAL);
}

function largestUnit(amount: bigint, base: bigint, suffixes: readonly string[]): string {
  let rest = amount;
  let index = 0;
  while (index < suffixes.length - 1 && rest % base === 0n) {
    rest /= base;
    index += 1;
  }
  return `${rest}${suffixes[index]}`;
}

function withExponent(nano: bigint): string {
  let rest = nano;
  let exponent = -9;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    exponent += 3;
  }
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

/** Cores as a quantity: 1 → `1`, 0.2 → `200m`, 1.5 → `1500m`; finer than a thousandth is rounded up. */
export function cpuQuantity(cores: number): string {
  return canonicalQuantity(`${Math.ceil(Math.round(cores * 1e6) / 1e3)}m`);
}

/** Bytes as a quantity, binary suffix: 2147483648 → `2Gi`, 1677721600 → `1600Mi`; parts of a byte are rounded up. */
export function bytesQuantity(bytes: number): string {
  const whole = BigInt(Math.ceil(bytes));
  return whole >= 1024n ? largestUnit(whole, 1024n, BINARY) : `${whole}`;
}

/** A resource map (requests, limits, quota) with every quantity in stored form; see canonicalQuantity. */
export function canonicalQuantities(map: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, canonicalQuantity(value)]));
}
