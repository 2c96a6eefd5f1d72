import { Registry } from 'prom-client';

/** A registry whose series a test reads as Prometheus would. */
export interface ReadRegistry {
  readonly registry: Registry;
  /** The value of a series, written as in the text that is served; undefined when there is no such series. */
  value(series: string): Promise<number | undefined>;
  /** All series that begin like this, with their values, as they are served. */
  lines(start: string): Promise<readonly string[]>;
}

/** An empty registry to read from. */
export function readRegistry(): ReadRegistry {
  const registry = new Registry();
  const all = async (): Promise<string[]> => (await registry.metrics()).split('\n');
  return {
    registry,
    async value(series) {
      const line = (await all()).find((text) => text.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
    lines: async (start) => (await all()).filter((line) => line.startsWith(start)),
  };
}
