import { type ConfOrigin, type ConfSource, type FlinkConf, optionOf } from '../conf/entry.ts';
import { type FlatConfiguration, firstSet } from '../configuration.ts';
import type { OperatorOption } from './types.ts';

/**
 * The value of an option in an effective configuration, under its key or else an old name, else its default. What breaks
 * the option's rule counts as not set (validation has named it). Operator options are read from the operator's layers
 * only, whatever the resource says.
 */
export function optionValue<T, D extends T | undefined>(conf: FlinkConf, option: OperatorOption<T, D>): T | D {
  const names = [option.key, ...option.oldNames];
  const text = option.scope === 'operator' ? operatorText(conf, names) : optionOf(conf, ...names);
  return parsedOr(option, text);
}

/** Likewise among flat keys, whoever set them. */
export function flatOption<T, D extends T | undefined>(
  configuration: FlatConfiguration,
  option: OperatorOption<T, D>,
): T | D {
  return parsedOr(option, firstSet(configuration, [option.key, ...option.oldNames])?.trim());
}

/** The value the operator's own layers give an option that resources may set too. */
export function operatorValue<T, D extends T | undefined>(conf: FlinkConf, option: OperatorOption<T, D>): T | D {
  return parsedOr(option, operatorText(conf, [option.key, ...option.oldNames]));
}

function parsedOr<T, D extends T | undefined>(option: OperatorOption<T, D>, text: string | undefined): T | D {
  return (text === undefined ? undefined : option.type.parse(text)) ?? option.fallback;
}

/** Layers that only who runs the operator can write. */
const OPERATOR_LAYERS: ReadonlySet<ConfOrigin> = new Set(['operator default', 'namespace default', 'version default']);

function operatorText(conf: FlinkConf, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = sourcesOf(conf, name)
      .find(({ origin }) => OPERATOR_LAYERS.has(origin))
      ?.value.trim();
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

/** What the layers say about a key, the highest first. */
function sourcesOf(conf: FlinkConf, key: string): readonly ConfSource[] {
  const entry = conf.get(key);
  return entry === undefined ? [] : [entry, ...(entry.overrides ?? [])];
}
