import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

/** Log levels, least severe first; `silent` writes nothing. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Structured log: fields first, then a fixed text. Field values carry the detail, so that texts can be searched for. */
export interface Logger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
  /** The same log with fields added to each line. */
  child(fields: object): Logger;
}

/** What a log is made with; `destination` is stdout unless given. */
export interface LoggerOptions {
  readonly level: LogLevel;
  readonly destination?: DestinationStream;
}

/**
 * JSON lines: `level` in words, `time` as RFC 3339, `msg`. An error under `err` is written as its message, stack and
 * cause, and never with other properties, which may hold request headers.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  const logger: PinoLogger = options.destination ? pino(settings, options.destination) : pino(settings);
  return logger;
}

/** An error as log fields. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { type: name, message, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
}

/** A log that goes nowhere. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
