import { flinkDashboard } from './flink.ts';
import { operatorDashboard } from './operator.ts';
import { type Dashboard, dashboardJson } from './panels.ts';
import { sparkDashboard } from './spark.ts';

/** Every dashboard the chart brings. */
export const DASHBOARDS: readonly Dashboard[] = [operatorDashboard, flinkDashboard, sparkDashboard];

/** The dashboards as files of the chart, named by their uid without `weir-`. */
export function dashboardFiles(): readonly { readonly path: string; content(): string }[] {
  return DASHBOARDS.map((dashboard) => ({
    path: `charts/weir/files/dashboards/${dashboard.uid.replace(/^weir-/, '')}.json`,
    content: () => `${JSON.stringify(dashboardJson(dashboard), undefined, 2)}\n`,
  }));
}
