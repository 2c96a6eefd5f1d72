import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression reads. */
export interface Reads {
  /** Names of metrics, as they are written. */
  readonly metrics: ReadonlySet<string>;
  /** Labels in selectors and in `by`, `without`, `on` and `ignoring`. */
  readonly labels: ReadonlySet<string>;
}

/** The way to a name from the node around it: what kind of name it is, by Prometheus's own grammar. */
const METRIC = 'VectorSelector';
const LABELS = ['UnquotedLabelMatcher', 'GroupingLabels'];

/**
 * Metrics and labels of an expression, in which Grafana's `$__rate_interval` counts as a time. Throws for one that is no
 * PromQL, and for one that reads no metric.
 */
export function promqlReads(expression: string): Reads {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(text).iterate({
    enter(node: SyntaxNodeRef) {
      if (node.type.isError) throw new Error(`no PromQL from "${text.slice(node.from)}" on: ${expression}`);
      const around = node.node.parent?.name ?? '';
      if (node.name === 'Identifier' && around === METRIC) metrics.add(text.slice(node.from, node.to));
      if (node.name === 'LabelName' && LABELS.includes(around)) labels.add(text.slice(node.from, node.to));
    },
  });
  if (metrics.size === 0) throw new Error(`reads no metric: ${expression}`);
  return { metrics, labels };
}
