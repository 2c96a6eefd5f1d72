import { LIFECYCLE_STATES } from '../../src/flink/measured.ts';
import { everyMetric, METRIC_FLAGS, type MetricDefinition } from './every-metric.ts';

const HEAD = `# Metrics

Served for Prometheus at \`/metrics\` on the port of \`--http-port\`, or over TLS on that of \`--metrics-port\`. This page is generated from the definitions in src/metrics.

Metrics of resources are of the replica that leads, so that a sum over replicas counts each resource once; what it counts
begins anew when another replica takes over, as after a restart. They are made from what the watches deliver: nothing is
asked for them. Series go with their resource. At most \`${METRIC_FLAGS.maxResources}\` resources of a kind have series of their own, those that go on
before those that ended; \`weir_resources\` counts them all, and \`weir_resource_series_omitted\` those without.

Many have a label \`namespace\` that is the resource's, while Prometheus puts the namespace of the pod it reads into a label of
that name. The chart's monitors set \`honorLabels\`, so that the resource's is kept; elsewhere it is \`exported_namespace\` unless
\`honor_labels\` is set. Dashboards and alerts go by \`namespace\`.
`;

interface Part {
  readonly title: string;
  readonly text: string;
  readonly is: (name: string) => boolean;
}

/** Weir's own names first; the last part takes what is left. */
const PARTS: readonly Part[] = [
  {
    title: 'Resources',
    text: 'What is looked after, under names of our own.',
    is: (name) => /^weir_(resource|flink|job)/.test(name),
  },
  { title: 'Weir itself', text: 'Names of our own about the operator.', is: (name) => name.startsWith('weir_') },
  {
    title: 'Engine room',
    text: 'Under the names of controller-runtime and client-go, which most operators share. `controller` is a kind in lower case, or what is counted of the webhook its path.',
    is: (name) => /^(controller_runtime|workqueue|rest_client|leader_election)/.test(name),
  },
  {
    title: 'Names of the Apache Flink Kubernetes Operator',
    text: `As its Prometheus reporter (\`flink_\` and the logical scope) gives them in 1.15, unless \`${METRIC_FLAGS.incumbents}=false\`. \`host\`, \`namespace\` and \`name\` are those of the operator: its pod, its namespace, its Lease. Series go with the last resource of a namespace, where they stay at 0 there; summaries have a \`_sum\` too, and are over the whole life of the process instead of the last 1000 values.`,
    is: (name) => name.startsWith('flink_'),
  },
  {
    title: 'Names of the Kubeflow Spark Operator',
    text: `As in 2.5, unless \`${METRIC_FLAGS.incumbents}=false\`. \`${METRIC_FLAGS.labels}\` adds labels of the resource (at most 1000 sets of values, then \`Other\`), \`${METRIC_FLAGS.prefix}\` goes before the names.`,
    is: (name) => name.startsWith('spark_'),
  },
  {
    title: 'Process',
    text: 'Of Node.js, as prom-client gives them. The event loop is looked at every 100 ms, which its lag contains: with nothing to do it is 0.1 s, `nodejs_eventloop_lag_seconds` aside.',
    is: () => true,
  },
];

/** What the incumbents have that is here under another name. */
const TWINS = `## What has another name here

| there | here |
| --- | --- |
| \`flink_k8soperator_namespace_resource_JOSDK_Reconciliation_Count\`, \`…_finished_Count\`, \`…_failed_Count\`, \`…_retries_Count\` | \`controller_runtime_reconcile_total\`, by controller and result instead of by resource; \`workqueue_retries_total\` |
| \`flink_k8soperator_namespace_resource_JOSDK_Resource_Event_Count\` | \`workqueue_adds_total\` |
| \`flink_k8soperator_namespace_JOSDK_<controller>_<result>_TimeSeconds\` | \`controller_runtime_reconcile_time_seconds\` |
| \`flink_k8soperator_KubeClient_HttpRequest_Count\`, \`…_<method>_Count\`, \`…_Failed_Count\`, \`…_NumPerSecond\` | \`rest_client_requests_total\`; without an answer its \`code\` is \`<error>\` |
| \`flink_k8soperator_KubeClient_HttpResponse_Count\`, \`…_<code>_Count\`, \`…_4xx_Count\` | \`rest_client_requests_total\` by \`code\` |
| \`flink_k8soperator_KubeClient_HttpResponse_TimeNanos\`, \`…_HttpRequest_Slow_Count\` | \`rest_client_request_duration_seconds\` |
| \`flink_k8soperator_Status_JVM_…\` | \`process_…\`, \`nodejs_…\`: there is no JVM |
`;

/** docs/reference/metrics.md: every metric there is. */
export async function metricsReference(): Promise<string> {
  const left = new Set(await everyMetric());
  const parts = PARTS.map(({ title, text, is }) => {
    const own = [...left].filter(({ name }) => is(name));
    for (const metric of own) left.delete(metric);
    return [`## ${title}\n`, `${text}\n`, table(own)].join('\n');
  });
  return [HEAD, ...parts, TWINS].join('\n');
}

/** Metrics that differ in a state only are one row. */
function table(metrics: readonly MetricDefinition[]): string {
  const rows = new Set(
    metrics.map(({ name, type, help, labels }) => {
      const shown = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${anyState(name)}\` | ${type} | ${shown} | ${anyState(help).replaceAll('|', '\\|')} |`;
    }),
  );
  return ['| name | type | labels | |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

const STATES = [
  ...LIFECYCLE_STATES,
  ...['READY', 'DEPLOYED_NOT_READY', 'DEPLOYING', 'MISSING', 'ERROR'],
  ...['COMPLETED', 'IN_PROGRESS', 'TRIGGER_PENDING', 'ABANDONED'],
].sort((a, b) => b.length - a.length);
const STATE = new RegExp(`(?<=State_|state |is |JmDeploymentStatus_)(${STATES.join('|')})(?![A-Za-z])`, 'g');
const TRANSITION = /(?<=Transition[_ ])[A-Z][a-z]+/g;

function anyState(text: string): string {
  return text.replace(STATE, '<STATE>').replace(TRANSITION, '<name>');
}
