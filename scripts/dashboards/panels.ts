/** How numbers are written, by Grafana's names. */
export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops' | 'none';

/** One line or figure of a panel. */
export interface Query {
  readonly expr: string;
  /** Name of its series, with labels as `{{label}}`. */
  readonly legend: string;
}

/** One panel: what it shows, and a sentence on how to read it. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: 'timeseries' | 'stat' | 'table';
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** A titled row of panels, all of one width. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A dashboard for one data source and one job, both chosen by the reader. */
export interface Dashboard {
  /** Stays the same for ever: links to the dashboard hold it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** A metric whose labels `namespace` and `job` the reader chooses from. */
  readonly chosenBy: string;
  readonly rows: readonly Row[];
}

const WIDTH = 24;
const HEIGHTS = { stat: 4, timeseries: 8, table: 10 } as const;
const DATA_SOURCE = { type: 'prometheus', uid: '$datasource' };

/** The dashboard as Grafana imports it (dashboard JSON model, schema version 39 of Grafana 11). */
export function dashboardJson(dashboard: Dashboard): object {
  const { uid, title, description, chosenBy, rows } = dashboard;
  return {
    uid,
    title,
    description,
    tags: ['weir'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: { list: variables(chosenBy) },
    panels: laidOut(rows),
  };
}

function variables(metric: string): readonly object[] {
  const query = (name: string, expression: string): object => ({
    name,
    type: 'query',
    datasource: DATA_SOURCE,
    query: { query: expression, refId: name },
    refresh: 2,
    sort: 1,
    includeAll: true,
    multi: true,
    current: { text: 'All', value: '$__all' },
  });
  return [
    { name: 'datasource', type: 'datasource', label: 'Data source', query: 'prometheus', refresh: 1 },
    query('namespace', `label_values(${metric}, namespace)`),
    query('job', `label_values(${metric}{namespace=~"$namespace"}, job)`),
  ];
}

/** Panels with their places, each row under its title. */
function laidOut(rows: readonly Row[]): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    const gridPos = { x: 0, y, w: WIDTH, h: 1 };
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, gridPos, panels: [] });
    y += 1;
    const w = Math.floor(WIDTH / Math.max(own.length, 1));
    const h = Math.max(...own.map(({ kind }) => HEIGHTS[kind]));
    for (const [index, panel] of own.entries()) {
      panels.push({ id: panels.length + 1, gridPos: { x: index * w, y, w, h }, ...panelJson(panel) });
    }
    y += h;
  }
  return panels;
}

function panelJson({ title, description, kind, unit, queries }: Panel): object {
  return {
    type: kind,
    title,
    description,
    datasource: DATA_SOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: OPTIONS[kind],
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATA_SOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'timeseries'
        ? { range: true }
        : { instant: true, format: kind === 'table' ? 'table' : 'time_series' }),
    })),
  };
}

/** Grafana's own choice where its schema wants one. */
const OPTIONS = {
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  stat: {
    reduceOptions: { calcs: ['lastNotNull'] },
    colorMode: 'value',
    graphMode: 'area',
    justifyMode: 'auto',
    orientation: 'auto',
    textMode: 'auto',
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: 'standard',
  },
  table: { showHeader: true, frameIndex: 0 },
} as const;
