import type { Panel, Query } from './panels.ts';

/** Chooses what the reader chose; goes into every selector. */
export const CHOSEN = 'namespace=~"$namespace",job=~"$job"';

/** Increase a second of a counter, over what the panel resolves. */
export const rate = (metric: string, more = ''): string => `rate(${metric}{${CHOSEN}${more}}[$__rate_interval])`;

/** Median and 99th percentile of a histogram by one label. */
export function percentiles(histogram: string, by: string): readonly Query[] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le, ${by}) (${rate(`${histogram}_bucket`)}))`,
    legend: `p${quantile * 100} {{${by}}}`,
  }));
}

/** A panel with one figure. */
export const stat = (title: string, description: string, expr: string, unit: Panel['unit'] = 'short'): Panel => ({
  ...{ kind: 'stat', title, description, unit },
  queries: [{ expr, legend: title }],
});

/** A panel with lines over time. */
export const lines = (title: string, description: string, unit: Panel['unit'], queries: readonly Query[]): Panel => ({
  ...{ kind: 'timeseries', title, description, unit, queries },
});
