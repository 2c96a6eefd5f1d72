import type { Properties, Property, PropertyRule, PropertySetting } from '../../core/properties.ts';

/** Where the value of a Spark property comes from, lowest layer first; `weir` is what running on Kubernetes takes. */
export type SparkOrigin = 'operator default' | 'user' | 'spec' | 'weir';

/** The value of a Spark property, why it is that, and what lower layers said, the next lower first. */
export type SparkProperty = Property<SparkOrigin>;

/** Spark properties by key, keys sorted. */
export type SparkConf = Properties<SparkOrigin>;

/** A rule that gives a property a value, or takes properties away. */
export type Rule = PropertyRule<SparkOrigin>;

/** A value that follows from a field of the resource; none where the field is absent. */
export function fromSpec(
  key: string,
  value: string | number | boolean | undefined,
  field: string,
): readonly PropertySetting<SparkOrigin>[] {
  if (value === undefined) return [];
  return [{ kind: 'always', key, source: { value: String(value), origin: 'spec', because: field } }];
}

/** A value that running on Kubernetes under an operator needs. */
export function needed(key: string, value: string, because: string): Rule {
  return { kind: 'always', key, source: { value, origin: 'weir', because } };
}

/** A value taken where nobody has set the property. */
export function unlessSet(key: string, value: string, because: string): Rule {
  return { kind: 'default', key, source: { value, origin: 'weir', because } };
}

/** Properties under a prefix, without it, in the order of the keys; those whose rest is empty left out. */
export function prefixed(conf: SparkConf, prefix: string): readonly (readonly [string, string])[] {
  return [...conf]
    .filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
    .map(([key, { value }]) => [key.slice(prefix.length), value]);
}
