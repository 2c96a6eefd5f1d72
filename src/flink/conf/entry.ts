import type { Properties, Property, PropertyRule, PropertySetting, PropertySource } from '../../core/properties.ts';

export {
  applyRules,
  decimalOf,
  integerOf,
  isSet,
  isTrue,
  optionOf,
  overlay,
  sorted,
} from '../../core/properties.ts';

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
export type ConfSource = PropertySource<ConfOrigin>;

/** The value of a Flink option, why it is that, and what lower layers said, the next lower first. */
export type ConfEntry = Property<ConfOrigin>;

/** Flink options by dotted key, keys sorted. */
export type FlinkConf = Properties<ConfOrigin>;

/** A rule that gives an option a value. */
export type Setting = PropertySetting<ConfOrigin>;

/** A rule's result: a value to set (`always`), to set where no layer has one (`default`), or keys that must not be there. */
export type Rule = PropertyRule<ConfOrigin>;

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
