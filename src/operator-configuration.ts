import type { OperatorConfig } from './config.ts';
import { describeIssue } from './core/issue.ts';
import { changedForNextStart, checkConfiguration } from './flink/options/configuration.ts';
import type { Metrics } from './metrics/metrics.ts';
import { readConfFolder, readSparkDefaults } from './runtime/conf-folder.ts';
import type { Controller } from './runtime/controller.ts';
import { type Configuration, createLiveConfiguration } from './runtime/live-configuration.ts';
import type { Logger } from './runtime/logger.ts';
import type { Server } from './runtime/manager.ts';
import { systemTime } from './runtime/time.ts';
import { validateDefaults } from './spark/validate-defaults.ts';

/** What mounted configurations are read with. */
export interface ConfigurationParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Asked for a pass over everything when the configuration has changed. */
  readonly controllers: readonly Controller[];
}

/** A configuration as it is now, and what keeps it so. */
export interface MountedConfiguration {
  current(): Configuration;
  readonly servers: readonly Server[];
}

/** The mounted configuration of Flink: read again if the configuration at start says so, else as it was then. */
export function configurationOf(
  { flink: { configuration: initial, reload } }: OperatorConfig,
  { log, metrics, controllers }: ConfigurationParts,
): MountedConfiguration {
  const warn = (keys: readonly string[], text: string): void => {
    if (keys.length > 0) log.warn({ keys }, text);
  };
  const warnOfUnknown = (configuration: Configuration): void =>
    warn(checkConfiguration(configuration).unknown, 'the configuration has keys that name no option');
  warnOfUnknown(initial);
  if (reload === undefined) return { current: () => initial, servers: [] };
  const live = createLiveConfiguration({
    ...reload,
    engine: 'flink',
    read: readConfFolder,
    initial,
    time: systemTime,
    log,
    metrics,
    problems: (configuration) => checkConfiguration(configuration).problems.map(describeIssue),
    changed(current, before) {
      warnOfUnknown(current);
      warn(changedForNextStart(before, current), 'changed options take effect at the next start');
      for (const controller of controllers) controller.enqueueAll();
    },
  });
  return { current: live.current, servers: [live] };
}

/** How often the folder with Spark's default properties is looked at, besides when the file system tells of a change. */
const SPARK_DEFAULTS_MS = 5 * 60_000;

/** The default properties of Spark applications: what is submitted has those of its time, so nobody is told of other ones. */
export function sparkDefaultsOf(
  { spark: { defaults: initial, folder } }: OperatorConfig,
  parts: Pick<ConfigurationParts, 'log' | 'metrics'>,
): MountedConfiguration {
  if (folder === undefined) return { current: () => initial, servers: [] };
  const live = createLiveConfiguration({
    ...parts,
    engine: 'spark',
    folder,
    read: readSparkDefaults,
    intervalMs: SPARK_DEFAULTS_MS,
    initial,
    time: systemTime,
    problems: (defaults) => validateDefaults(defaults).map(describeIssue),
    changed: () => undefined,
  });
  return { current: live.current, servers: [live] };
}
