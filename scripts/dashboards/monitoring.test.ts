import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { JOB_STATES, LIFECYCLE_STATES } from '../../src/flink/measured.ts';
import { FLINK_REASONS } from '../../src/flink/reasons.ts';
import { SPARK_STATES } from '../../src/spark/measured.ts';
import { everyMetric } from '../reference/every-metric.ts';
import { DASHBOARDS } from './dashboards.ts';
import { dashboardJson } from './panels.ts';
import { promqlReads } from './promql.ts';

const root = join(import.meta.dirname, '../..');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
}

const { alerts } = load(readFileSync(join(root, 'charts/weir/monitoring/alerts.yaml'), 'utf8')) as { alerts: Alert[] };

/** Labels that Prometheus itself puts on what it reads from a pod. */
const TARGET_LABELS = ['namespace', 'job', 'pod', 'service', 'instance', 'le'];

/** The series of metrics that have more than one. */
const SERIES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};

/** Every metric that is exported, with its labels; histograms by the names of their series. */
async function exported(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { name, type, labels } of await everyMetric()) {
    for (const end of SERIES[type] ?? ['']) found.set(name + end, labels);
  }
  return found;
}

/** What an expression reads that nothing exports: metrics, and labels that none of its metrics has. */
async function unknownIn(expression: string): Promise<readonly string[]> {
  const known = await exported();
  const { metrics, labels } = promqlReads(expression);
  const own = new Set([...TARGET_LABELS, ...[...metrics].flatMap((name) => known.get(name) ?? [])]);
  return [...[...metrics].filter((name) => !known.has(name)), ...[...labels].filter((label) => !own.has(label))];
}

describe('reading of PromQL', () => {
  it('tells metrics and labels from functions, words, texts and ranges', () => {
    const reads = promqlReads(
      'histogram_quantile(0.99, sum by (le, verb) (rate(a_bucket{x="by (y)",z=~"q"}[5m]))) > 3 and on (k) b_total offset 5m',
    );
    expect([...reads.metrics]).toEqual(['a_bucket', 'b_total']);
    expect([...reads.labels].sort()).toEqual(['k', 'le', 'verb', 'x', 'z']);
    for (const wrong of ['sum(a', 'a{b=1}', 'a[5 minutes]', 'sum a by', 'a and']) {
      expect(() => promqlReads(wrong)).toThrow('no PromQL');
    }
    expect(() => promqlReads('sum(1)')).toThrow('no metric');
  });

  it('finds what nothing exports', async () => {
    expect(await unknownIn('rate(weir_nothing_total{kind="a"}[5m])')).toEqual(['weir_nothing_total', 'kind']);
    expect(await unknownIn('sum by (kind) (weir_watch_last_event_age_seconds{namespace="a"})')).toEqual([]);
  });
});

/** What the chart makes of the placeholders. */
const SELECTORS = { $selector: 'job="weir",namespace="ops"', $resources: 'job="weir"' } as const;

describe('alerts', () => {
  it.each(alerts.map((alert) => [alert.alert, alert] as const))('%s reads only what is exported', async (_, alert) => {
    const expr = Object.entries(SELECTORS).reduce((text, [name, chosen]) => text.replaceAll(name, chosen), alert.expr);
    expect(await unknownIn(expr)).toEqual([]);
    // Every selector chooses the job: nothing that others export is taken for Weir's.
    const selectors = [...alert.expr.matchAll(/[a-z_]{5,}(?:\{([^}]*)\})/g)].map(([, inner = '']) => inner);
    expect(selectors.length).toBeGreaterThan(0);
    for (const inner of selectors) expect(inner).toMatch(/^\$(selector|resources)(,|$)/);
    expect(alert.for).toMatch(/^\d+m$/);
    expect(['info', 'warning', 'critical']).toContain(alert.severity);
  });

  it('ask about resources for states and reasons that there are', () => {
    const words = new Set([...LIFECYCLE_STATES, ...JOB_STATES, ...Object.values(SPARK_STATES).flat()]);
    for (const reason of Object.keys(FLINK_REASONS)) words.add(reason);
    const asked = alerts
      .filter(({ expr }) => expr.includes('$resources'))
      .flatMap(({ expr }) => [...expr.matchAll(/(?:state|reason)=~?"([^"]*)"/g)])
      .flatMap(([, values = '']) => values.split('|'));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((word) => !words.has(word))).toEqual([]);
  });

  it('have a runbook each, in the same order, and no runbook is left over', () => {
    const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8').matchAll(/^## (.+)$/gm);
    expect([...runbooks].map(([, title]) => title)).toEqual(alerts.map(({ alert }) => alert));
  });
});

describe('dashboards', () => {
  it.each(DASHBOARDS.map((dashboard) => [dashboard.title, dashboard] as const))(
    '%s reads only what is exported',
    async (_, dashboard) => {
      const expressions = dashboard.rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries));
      expect(expressions.length).toBeGreaterThan(0);
      for (const { expr } of expressions) expect([expr, await unknownIn(expr)]).toEqual([expr, []]);
      expect(await unknownIn(dashboard.chosenBy)).toEqual([]);
    },
  );

  it('are whole: ids and uids are unique, panels fit side by side, each says how to read it', () => {
    expect(new Set(DASHBOARDS.map(({ uid }) => uid)).size).toBe(DASHBOARDS.length);
    for (const dashboard of DASHBOARDS) {
      const { panels } = dashboardJson(dashboard) as { panels: { id: number; gridPos: { x: number; w: number } }[] };
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      expect(panels.every(({ gridPos }) => gridPos.w >= 4 && gridPos.x + gridPos.w <= 24)).toBe(true);
      const described = dashboard.rows.flatMap((row) => row.panels);
      expect(described.every(({ description }) => description.endsWith('.'))).toBe(true);
    }
  });
});
