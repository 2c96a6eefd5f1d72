import type { Dashboard, Row } from './panels.ts';
import { CHOSEN, lines, percentiles, rate, stat } from './queries.ts';

const health: Row = {
  title: 'Health',
  panels: [
    stat('Replicas', 'Weir pods that Prometheus reads.', `count(weir_build_info{${CHOSEN}})`),
    stat('Leaders', 'Must be 1.', `sum(leader_election_master_status{${CHOSEN}})`),
    stat(
      'Failed passes',
      'Share of passes that failed in the last five minutes.',
      `sum(rate(controller_runtime_reconcile_errors_total{${CHOSEN}}[5m])) / sum(rate(controller_runtime_reconcile_total{${CHOSEN}}[5m]))`,
      'percentunit',
    ),
    stat(
      'Oldest watch',
      'Time since the quietest watch delivered anything; bookmarks come about every minute.',
      `max(weir_watch_last_event_age_seconds{${CHOSEN}})`,
      's',
    ),
    stat(
      'Configuration in use',
      '0: the configuration in the ConfigMap has a bad value, and the one before stays in use.',
      `min(weir_configuration_last_reload_successful{${CHOSEN}})`,
    ),
  ],
};

const passes: Row = {
  title: 'Passes',
  panels: [
    lines('Passes by result', 'Passes a second; requeue_after is a pass that asks to be repeated later.', 'ops', [
      {
        expr: `sum by (controller, result) (${rate('controller_runtime_reconcile_total')})`,
        legend: '{{controller}} {{result}}',
      },
    ]),
    lines(
      'Length of a pass',
      'From the start of observing to the last write.',
      's',
      percentiles('controller_runtime_reconcile_time_seconds', 'controller'),
    ),
    lines(
      'Until the status tells of a change',
      'From when the change was seen.',
      's',
      percentiles('weir_status_delay_seconds', 'controller'),
    ),
    lines('Workers in use', 'Against what the option --workers allows.', 'short', [
      { expr: `sum by (controller) (controller_runtime_active_workers{${CHOSEN}})`, legend: '{{controller}}' },
      {
        expr: `max by (controller) (controller_runtime_max_concurrent_reconciles{${CHOSEN}})`,
        legend: 'most {{controller}}',
      },
    ]),
  ],
};

const queue: Row = {
  title: 'Queues',
  panels: [
    lines('Waiting', 'Resources that are due and wait for a worker.', 'short', [
      { expr: `sum by (controller) (workqueue_depth{${CHOSEN}})`, legend: '{{controller}}' },
    ]),
    lines(
      'Time in the queue',
      'How long a resource that is due waits for a worker.',
      's',
      percentiles('workqueue_queue_duration_seconds', 'controller'),
    ),
    lines('Added and retried', 'Resources put into the queue, and those put there again after a failure.', 'ops', [
      { expr: `sum by (controller) (${rate('workqueue_adds_total')})`, legend: 'added {{controller}}' },
      { expr: `sum by (controller) (${rate('workqueue_retries_total')})`, legend: 'retried {{controller}}' },
    ]),
    lines('Longest pass under way', 'A pass that hangs keeps its resource from being looked at.', 's', [
      {
        expr: `max by (controller) (workqueue_longest_running_processor_seconds{${CHOSEN}})`,
        legend: '{{controller}}',
      },
    ]),
  ],
};

const apiServer: Row = {
  title: 'API server',
  panels: [
    lines('Requests by code', 'Requests a second; <error> is one without an answer.', 'reqps', [
      { expr: `sum by (code) (${rate('rest_client_requests_total')})`, legend: '{{code}}' },
    ]),
    lines(
      'Length of requests',
      'Watches are not counted.',
      's',
      percentiles('rest_client_request_duration_seconds', 'verb'),
    ),
    lines('Age of watches', 'Time since a watch delivered anything.', 's', [
      { expr: `max by (kind) (weir_watch_last_event_age_seconds{${CHOSEN}})`, legend: '{{kind}}' },
    ]),
    lines('Events not written', 'Kubernetes events that were given up.', 'ops', [
      { expr: `sum by (reason) (${rate('weir_events_dropped_total')})`, legend: '{{reason}}' },
    ]),
  ],
};

const admission: Row = {
  title: 'Admission',
  panels: [
    lines('Reviews by answer', 'What the API server asked, a second.', 'reqps', [
      { expr: `sum by (answer) (${rate('weir_admission_reviews_total')})`, legend: '{{answer}}' },
    ]),
    lines('Length of a review', 'The API server waits that long.', 's', [
      {
        expr: `histogram_quantile(0.99, sum by (le) (${rate('weir_admission_review_duration_seconds_bucket')}))`,
        legend: 'p99',
      },
    ]),
    lines('Certificate holds for', 'It is renewed long before it ends.', 's', [
      { expr: `min(weir_webhook_certificate_expiry_timestamp_seconds{${CHOSEN}}) - time()`, legend: 'left' },
    ]),
  ],
};

const processes: Row = {
  title: 'Process',
  panels: [
    lines('Memory', 'Resident memory, and the JavaScript heap in it.', 'bytes', [
      { expr: `process_resident_memory_bytes{${CHOSEN}}`, legend: 'resident {{pod}}' },
      { expr: `nodejs_heap_size_used_bytes{${CHOSEN}}`, legend: 'heap {{pod}}' },
    ]),
    lines('CPU', 'Cores in use.', 'short', [{ expr: rate('process_cpu_seconds_total'), legend: '{{pod}}' }]),
    lines('Event loop lag', 'How late timers fire, 99th percentile.', 's', [
      { expr: `nodejs_eventloop_lag_p99_seconds{${CHOSEN}}`, legend: '{{pod}}' },
    ]),
    lines('Starts', 'Changes of the start time within an hour.', 'short', [
      { expr: `changes(process_start_time_seconds{${CHOSEN}}[1h])`, legend: '{{pod}}' },
    ]),
  ],
};

/** The engine room: leadership, passes, queues, requests, process. */
export const operatorDashboard: Dashboard = {
  uid: 'weir-operator',
  title: 'Weir / Operator',
  description: 'Whether Weir itself is well: leadership, passes, queues, requests to the API server, memory.',
  chosenBy: 'weir_build_info',
  rows: [health, passes, queue, apiServer, admission, processes],
};
