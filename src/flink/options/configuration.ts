import { type Issue, shownValue } from '../../core/issue.ts';
import { FLINK_VERSIONS } from '../schema.ts';
import { isUnknownOption, LAYER_PREFIX, optionNamed } from './index.ts';
import { PROCESS_OPTIONS } from './operator-table.ts';
import { type AnyOption, brokenRule } from './types.ts';

/** What is to be said of the operator's configuration. */
export interface ConfigurationFindings {
  /** Values that break the rule of an option Weir reads; with any of them the configuration must not be used. */
  readonly problems: readonly Issue[];
  /** Keys below `kubernetes.operator.` that name no option, layers with an unknown Flink version among them. */
  readonly unknown: readonly string[];
}

/** Looks at every key of the operator's configuration, those of its layers too. */
export function checkConfiguration(configuration: Readonly<Record<string, string>>): ConfigurationFindings {
  const entries = Object.entries(configuration);
  return {
    problems: entries.flatMap(([key, text]) => problemsOf(key, text)),
    unknown: entries.map(([key]) => key).filter((key) => isUnknownOption(layered(key) ?? key) || isUnknownLayer(key)),
  };
}

function problemsOf(key: string, text: string): Issue[] {
  const option = optionNamed(layered(key) ?? key);
  const value = text.trim();
  if (option === undefined || option.standing.is === 'not applicable' || value === '') return [];
  return option.type.parse(value) === undefined
    ? [{ path: key, value: shownValue(text, key), rule: brokenRule(option.type, value) }]
    : [];
}

/** Which options that are read only at start differ between two configurations. */
export function changedForNextStart(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const names = Object.values<AnyOption>(PROCESS_OPTIONS).flatMap(({ key, oldNames }) => [key, ...oldNames]);
  return names.filter((name) => before[name] !== after[name]);
}

const LAYER = /^(?:namespace\.[^.]+|flink-version\.(v\d+_\d+)\+?)\.(.+)$/;

/** The key that a layer gives a value; undefined for other keys and for malformed layers. */
function layered(key: string): string | undefined {
  return key.startsWith(LAYER_PREFIX) ? LAYER.exec(key.slice(LAYER_PREFIX.length))?.[2] : undefined;
}

function isUnknownLayer(key: string): boolean {
  if (!key.startsWith(LAYER_PREFIX)) return false;
  const parts = LAYER.exec(key.slice(LAYER_PREFIX.length));
  const version = parts?.[1];
  return parts === null || (version !== undefined && !(FLINK_VERSIONS as readonly string[]).includes(version));
}
