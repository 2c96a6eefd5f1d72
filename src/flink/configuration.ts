import { isRecord } from '../lib/json.ts';

/** Flink options by dotted key. A Map, so that no key can be mistaken for a property of Object. */
export type FlatConfiguration = ReadonlyMap<string, string>;

/** The longest key of an option that is taken. */
export const MAX_KEY = 512;

/**
 * `spec.flinkConfiguration` as Flink reads it: nested keys joined with dots, lists joined with `;`, scalars as text.
 * Empty lists and nulls set nothing. Of two spellings of the same key the later one wins.
 */
export function flattenConfiguration(configuration: Readonly<Record<string, unknown>> | undefined): FlatConfiguration {
  return new Map(flattened(configuration ?? {}, ''));
}

/** Options of lower rank overlaid with what a spec sets. */
export function overlaid(
  defaults: FlatConfiguration | Readonly<Record<string, string>>,
  configuration: Readonly<Record<string, unknown>> | undefined,
): FlatConfiguration {
  const base = defaults instanceof Map ? defaults : Object.entries(defaults);
  return new Map([...base, ...flattenConfiguration(configuration)]);
}

function flattened(node: unknown, path: string): readonly (readonly [string, string])[] {
  if (isRecord(node)) {
    return Object.entries(node).flatMap(([key, item]) => flattened(item, path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(node)) return node.length === 0 ? [] : [[path, node.map(asText).join(';')]];
  return node === null || node === undefined ? [] : [[path, asText(node)]];
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The first of several spellings of an option that is set to something other than blanks. */
export function firstSet(configuration: FlatConfiguration, keys: readonly string[]): string | undefined {
  return keys.map((key) => configuration.get(key)).find((value) => value !== undefined && value.trim() !== '');
}

/** Whether a boolean option is on; Flink reads any case. */
export function isOn(configuration: FlatConfiguration, key: string, byDefault: boolean): boolean {
  const value = configuration.get(key)?.trim().toLowerCase();
  return value === undefined || value === '' ? byDefault : value === 'true';
}

/** Spellings of the option that switches high availability on, the newest first. */
export const HIGH_AVAILABILITY = ['high-availability.type', 'high-availability', 'recovery.mode'] as const;

/** Spellings of the folder that high availability keeps its data in, the newest first. */
export const HA_DIRECTORY = [
  'high-availability.storageDir',
  'high-availability.zookeeper.storageDir',
  'recovery.zookeeper.storageDir',
] as const;

/** Whether a high availability mode means on: any value but NONE (Flink HighAvailabilityMode). */
export function isHighAvailabilityMode(mode: string | undefined): boolean {
  return mode !== undefined && mode.trim().toLowerCase() !== 'none';
}

/** Whether high availability is on. */
export function isHighAvailability(configuration: FlatConfiguration): boolean {
  return isHighAvailabilityMode(firstSet(configuration, HIGH_AVAILABILITY));
}

/** Spellings of the option that switches the incumbent's autoscaler on, the newest first. */
export const AUTOSCALER_ENABLED = ['job.autoscaler.enabled', 'kubernetes.operator.job.autoscaler.enabled'] as const;

/** Spellings of the folder checkpoints go to, the newest first. */
export const CHECKPOINT_DIRECTORY = ['execution.checkpointing.dir', 'state.checkpoints.dir'] as const;

/** Spellings of the folder savepoints go to, the newest first. */
export const SAVEPOINT_DIRECTORY = ['execution.checkpointing.savepoint-dir', 'state.savepoints.dir'] as const;
