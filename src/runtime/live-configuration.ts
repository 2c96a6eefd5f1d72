import { type FSWatcher, watch } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { err, ok, type Result } from '../lib/result.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Logger } from './logger.ts';
import type { Server } from './manager.ts';
import type { Cancel, Time } from './time.ts';

/** Flat keys of a configuration; another object whenever its content is another. */
export type Configuration = Readonly<Record<string, string>>;

/** What a configuration that has been read is judged by. */
export interface ConfigurationJudge {
  /** What is wrong with it, one line each; with any it is not used. */
  problems(configuration: Configuration): readonly string[];
  /** Told of a configuration that is in use from now on, and of the one before. */
  changed(current: Configuration, before: Configuration): void;
}

/** What a live configuration is made with. */
export interface LiveConfigurationOptions extends ConfigurationJudge {
  /** Whose it is: its metrics are told apart by it. */
  readonly engine: string;
  /** Where it is mounted. */
  readonly folder: string;
  /** What the folder holds; throws an Error in words where that cannot be read. */
  read(folder: string): Configuration;
  /** The longest time in which a change stays unseen where the file system tells nothing. */
  readonly intervalMs: number;
  /** As it was read at start. */
  readonly initial: Configuration;
  readonly time: Time;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'configurationRead'>;
}

/** A mounted configuration that is read again when it changes. What cannot be used leaves it as it was. */
export interface LiveConfiguration extends Server {
  current(): Configuration;
}

/** Files come one after another where they are not replaced as one, as a ConfigMap's are, so changes settle first. */
const SETTLE_MS = 250;

/**
 * A configuration from a folder. Kubernetes replaces the files of a mounted ConfigMap by renaming one symlink in that
 * folder (`..data`), which a watch of the folder itself sees; where nothing can be watched, looking every `intervalMs`
 * has to do.
 */
export function createLiveConfiguration(options: LiveConfigurationOptions): LiveConfiguration {
  const { engine, folder, intervalMs, time, log, metrics } = options;
  let current = options.initial;
  let lastError: string | undefined;
  let watcher: FSWatcher | undefined;
  let cancelPoll: Cancel = () => undefined;

  const fail = (error: string): void => {
    metrics.configurationRead(engine, false, time.now());
    if (error !== lastError) log.error({ folder, error }, 'the configuration cannot be used, the one before it stays');
    lastError = error;
  };
  const use = (found: Configuration): void => {
    metrics.configurationRead(engine, true, time.now());
    lastError = undefined;
    if (found === current) return;
    const before = current;
    current = found;
    log.info({ folder, keys: changedKeys(before, found) }, 'the configuration changed');
    options.changed(found, before);
  };
  const read = (): void => {
    const found = goodConfiguration(options, current);
    if (found.ok) use(found.value);
    else fail(found.error);
  };
  const poll = (): void => {
    cancelPoll = time.after(intervalMs, poll);
    read();
  };
  const settle = settled(time, read);
  return {
    current: () => current,
    async start() {
      metrics.configurationRead(engine, true, time.now());
      watcher = watchFolder(folder, log, settle.start);
      poll();
    },
    async stop() {
      watcher?.close();
      cancelPoll();
      settle.cancel();
    },
  };
}

/** Calls back once, some time after the first of several starts. */
function settled(time: Time, callback: () => void): { start(): void; cancel(): void } {
  let cancel: Cancel | undefined;
  const fire = (): void => {
    cancel = undefined;
    callback();
  };
  return {
    start: () => {
      cancel ??= time.after(SETTLE_MS, fire);
    },
    cancel: () => cancel?.(),
  };
}

/** Undefined where the folder cannot be watched. */
function watchFolder(folder: string, log: Logger, changed: () => void): FSWatcher | undefined {
  const giveUp = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    log.warn({ folder, error: message }, 'the folder cannot be watched, it is looked at from time to time only');
  };
  try {
    const watcher = watch(folder, changed);
    watcher.on('error', giveUp);
    return watcher;
  } catch (error) {
    giveUp(error);
    return undefined;
  }
}

/** What the folder holds now: the same object where nothing changed, an error in words where it cannot be used. */
function goodConfiguration(
  { folder, problems, read }: LiveConfigurationOptions,
  current: Configuration,
): Result<Configuration, string> {
  try {
    const found = read(folder);
    if (isDeepStrictEqual(found, current)) return ok(current);
    const wrong = problems(found);
    return wrong.length > 0 ? err(wrong.join('; ')) : ok(found);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** Keys that came, went or have another value, sorted. */
function changedKeys(before: Configuration, after: Configuration): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .sort();
}
