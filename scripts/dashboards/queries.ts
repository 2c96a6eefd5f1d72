import type { Panel, Query } from './panels.ts';

/** Chooses what the reader chose; goes into every selector. */
export const CHOSEN = 'namespace=~"$namespace",job=~"$job"';

/** Chooses Weir whatever namespace the reader chose, for what has no namespace of a resource. */
export const ALL = 'job=~"$job"';

/** Increase a second of a counter, over what the panel resolves. */
export const rate = (metric: string, more = ''): string => `rate(${metric}{${CHOSEN}${more}}[$__rate_interval])`;

/** Median and 99th percentile of a histogram by one label. */
export function percentiles(histogram: string, by: string): readonly Query[] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le, ${by}) (${rate(`${histogram}_bucket`)}))`,
    legend: `p${quantile * 100} {{${by}}}`,
  }));
}

/** Median and 99th percentile of a histogram over all of its labels. */
export function spread(histogram: string, chosen: string = CHOSEN): readonly Query[] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket{${chosen}}[$__rate_interval])))`,
    legend: `p${quantile * 100}`,
  }));
}

/** A panel with a row for each series. */
export const table = (title: string, description: string, queries: readonly Query[]): Panel => ({
  ...{ kind: 'table', title, description, unit: 'none', queries },
});

/** A panel with one figure. */
export const stat = (title: string, description: string, expr: string, unit: Panel['unit'] = 'short'): Panel => ({
  ...{ kind: 'stat', title, description, unit },
  queries: [{ expr, legend: title }],
});

/** A panel with lines over time. */
export const lines = (title: string, description: string, unit: Panel['unit'], queries: readonly Query[]): Panel => ({
  ...{ kind: 'timeseries', title, description, unit, queries },
});
