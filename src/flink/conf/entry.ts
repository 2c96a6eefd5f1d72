/** Where the value of a Flink option comes from, lowest layer first; `weir` is what deploying on Kubernetes takes. */
export type ConfOrigin =
  | 'flink default'
  | 'version default'
  | 'operator default'
  | 'namespace default'
  | 'user'
  | 'spec'
  | 'weir';

/** One layer's say about an option. */
export interface ConfSource {
  readonly value: string;
  readonly origin: ConfOrigin;
  /** The field of the resource, the operator's key, or the rule in a few words. */
  readonly because: string;
}

/** The value of a Flink option, why it is that, and what lower layers said, the next lower first. */
export interface ConfEntry extends ConfSource {
  readonly overrides?: readonly ConfSource[];
}

/** Flink options by dotted key, keys sorted. */
export type FlinkConf = ReadonlyMap<string, ConfEntry>;

/** A rule's result: a value to set (`always`), to set where no layer has one (`default`), or keys that must not be there. */
export type Rule = Setting | { readonly kind: 'remove'; readonly keys: readonly string[] };

/** A rule that gives an option a value. */
export interface Setting {
  readonly kind: 'always' | 'default';
  readonly key: string;
  readonly source: ConfSource;
}
/** A value that follows from a field of the resource. */
export function fromSpec(key: string, value: string, field: string): Setting {
  return { kind: 'always', key, source: { value, origin: 'spec', because: field } };
}

/** A value that running on Kubernetes under an operator needs. */
export function needed(key: string, value: string, because: string): Setting {
  return { kind: 'always', key, source: { value, origin: 'weir', because } };
}

/** A value taken where nobody has set the option under any of its spellings. */
export function unlessSet(key: string, value: string, because: string): Setting {
  return { kind: 'default', key, source: { value, origin: 'weir', because } };
}

/** The configuration with a layer put over it. */
export function overlay(conf: FlinkConf, layer: Iterable<readonly [string, ConfSource]>): FlinkConf {
  const result = new Map(conf);
  for (const [key, source] of layer) put(result, key, source);
  return result;
}

function put(conf: Map<string, ConfEntry>, key: string, source: ConfSource): void {
  const before = conf.get(key);
  conf.set(key, before === undefined ? source : { ...source, overrides: history(before) });
}

function history(entry: ConfEntry): readonly ConfSource[] {
  const { overrides = [], ...source } = entry;
  return [source, ...overrides];
}

/** The configuration after a list of rules, in their order. */
export function applyRules(conf: FlinkConf, rules: readonly Rule[]): FlinkConf {
  const result = new Map(conf);
  for (const rule of rules) {
    if (rule.kind === 'remove') for (const key of rule.keys) result.delete(key);
    else if (rule.kind === 'always' || !isSet(result, rule.key)) put(result, rule.key, rule.source);
  }
  return result;
}

/** The value of an option under the first of its spellings that has one; blank text counts as not set. */
export function optionOf(conf: FlinkConf, ...spellings: readonly string[]): string | undefined {
  for (const key of spellings) {
    const value = conf.get(key)?.value;
    if (value !== undefined && value.trim() !== '') return value.trim();
  }
  return undefined;
}

/** Whether an option has a value under any of its spellings. */
export function isSet(conf: FlinkConf, ...spellings: readonly string[]): boolean {
  return optionOf(conf, ...spellings) !== undefined;
}

/** An option as a whole number; the fallback where it is not set or not a number. */
export function integerOf(conf: FlinkConf, key: string, fallback: number): number {
  const value = Number(optionOf(conf, key) ?? fallback);
  return Number.isSafeInteger(value) ? value : fallback;
}

/** An option as a decimal; the fallback where it is not set, not a number or not positive. */
export function decimalOf(conf: FlinkConf, spellings: readonly string[], fallback: number): number {
  const value = Number(optionOf(conf, ...spellings) ?? fallback);
  return Number.isFinite(value) && value > 0 ? value : fallback;
}

/** An option as yes or no; Flink reads any case and takes everything but `true` for no. */
export function isTrue(conf: FlinkConf, key: string, fallback: boolean): boolean {
  const value = optionOf(conf, key)?.toLowerCase();
  return value === undefined ? fallback : value === 'true';
}

/** The configuration with its keys in order, so that equal configurations have equal text. */
export function sorted(conf: FlinkConf): FlinkConf {
  return new Map([...conf].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
