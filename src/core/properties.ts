/** One layer's say about a property. `Origin` are the engine's words for its layers. */
export interface PropertySource<Origin extends string> {
  readonly value: string;
  readonly origin: Origin;
  /** The field of the resource, the operator's key, or the rule in a few words. */
  readonly because: string;
}

/** The value of a property, why it is that, and what lower layers said, the next lower first. */
export interface Property<Origin extends string> extends PropertySource<Origin> {
  readonly overrides?: readonly PropertySource<Origin>[];
}

/** An engine's configuration by dotted key. */
export type Properties<Origin extends string> = ReadonlyMap<string, Property<Origin>>;

/** A rule that gives a property a value: `always`, or where no layer has one (`default`). */
export interface PropertySetting<Origin extends string> {
  readonly kind: 'always' | 'default';
  readonly key: string;
  readonly source: PropertySource<Origin>;
}

/** A rule's result: a setting, or keys that must not be there. */
export type PropertyRule<Origin extends string> =
  | PropertySetting<Origin>
  | { readonly kind: 'remove'; readonly keys: readonly string[] };

/** The configuration with a layer put over it. */
export function overlay<O extends string>(
  conf: Properties<O>,
  layer: Iterable<readonly [string, PropertySource<O>]>,
): Properties<O> {
  const result = new Map(conf);
  for (const [key, source] of layer) put(result, key, source);
  return result;
}

function put<O extends string>(conf: Map<string, Property<O>>, key: string, source: PropertySource<O>): void {
  const before = conf.get(key);
  conf.set(key, before === undefined ? source : { ...source, overrides: history(before) });
}

function history<O extends string>(entry: Property<O>): readonly PropertySource<O>[] {
  const { overrides = [], ...source } = entry;
  return [source, ...overrides];
}

/** The configuration after a list of rules, in their order. */
export function applyRules<O extends string>(conf: Properties<O>, rules: readonly PropertyRule<O>[]): Properties<O> {
  const result = new Map(conf);
  for (const rule of rules) {
    if (rule.kind === 'remove') for (const key of rule.keys) result.delete(key);
    else if (rule.kind === 'always' || !isSet(result, rule.key)) put(result, rule.key, rule.source);
  }
  return result;
}

/** The value of a property under the first of its spellings that has one; blank text counts as not set. */
export function optionOf(conf: Properties<string>, ...spellings: readonly string[]): string | undefined {
  for (const key of spellings) {
    const value = conf.get(key)?.value;
    if (value !== undefined && value.trim() !== '') return value.trim();
  }
  return undefined;
}

/** Whether a property has a value under any of its spellings. */
export function isSet(conf: Properties<string>, ...spellings: readonly string[]): boolean {
  return optionOf(conf, ...spellings) !== undefined;
}

/** A property as a whole number; the fallback where it is not set or not a number. */
export function integerOf(conf: Properties<string>, key: string, fallback: number): number {
  const value = Number(optionOf(conf, key) ?? fallback);
  return Number.isSafeInteger(value) ? value : fallback;
}

/** A property as a decimal; the fallback where it is not set, not a number or not positive. */
export function decimalOf(conf: Properties<string>, spellings: readonly string[], fallback: number): number {
  const value = Number(optionOf(conf, ...spellings) ?? fallback);
  return Number.isFinite(value) && value > 0 ? value : fallback;
}

/** A property as yes or no; any case is read and everything but `true` taken for no. */
export function isTrue(conf: Properties<string>, key: string, fallback: boolean): boolean {
  const value = optionOf(conf, key)?.toLowerCase();
  return value === undefined ? fallback : value === 'true';
}

/** The configuration with its keys in order, so that equal configurations have equal text. */
export function sorted<O extends string>(conf: Properties<O>): Properties<O> {
  return new Map([...conf].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
