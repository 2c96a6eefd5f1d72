import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type CheckpointedJobs, checkpointMetrics } from './checkpoints.ts';
import { type AnswerAges, answerAges, type ControllerMetrics, controllerMetrics } from './controller.ts';

/** Counters of one work queue. Times are in seconds. */
export interface QueueMetrics {
  added(): void;
  retried(): void;
  /** A key was handed to a worker after waiting this long since it was due. */
  waited(seconds: number): void;
  worked(seconds: number): void;
}

/** What a queue is asked for when metrics are read. */
export interface QueueGauges {
  depth(): number;
  unfinishedSeconds(): number;
  longestSeconds(): number;
}

/** Counters of requests to the API server. */
export interface RestMetrics {
  /** `code` is the HTTP status, or `<error>` when no answer came (client-go's word). */
  requested(method: string, host: string, code: string): void;
  took(verb: string, host: string, seconds: number): void;
}

/** Every metric the runtime emits, on a registry of its own. */
export interface Metrics {
  readonly registry: Registry;
  /** Bound to the label `controller`; series start at zero. */
  controller(name: string, maxConcurrent: number): ControllerMetrics;
  /** weir_job_last_answer_age_seconds and weir_job_oldest_answer_age_seconds of one controller's resources. */
  answers(controller: string, ages: AnswerAges): void;
  /** weir_flink_last_checkpoint_timestamp_seconds and weir_flink_checkpoint_window_seconds of one controller's jobs. */
  checkpoints(controller: string, jobs: CheckpointedJobs): void;
  queue(name: string, gauges: QueueGauges): QueueMetrics;
  readonly rest: RestMetrics;
  /** leader_election_master_status: 1 while leading. */
  leading(name: string, leads: boolean): void;
  /** weir_watch_last_event_age_seconds{kind}: asked when metrics are read; undefined leaves the series out. */
  watchAge(kind: string, seconds: () => number | undefined): void;
  /**
   * weir_configuration_last_reload_successful, and weir_configuration_last_reload_success_timestamp_seconds where it
   * was; `at` in milliseconds since the epoch. Both have the label engine.
   */
  configurationRead(engine: string, successful: boolean, at: number): void;
  /** weir_events_dropped_total{reason}: events that never reached the API server. */
  eventDropped(reason: string): void;
  /** weir_trace_spans_dropped_total: spans that never reached their receiver. */
  spansDropped(count: number): void;
}

/** What createMetrics needs. `processMetrics` adds process_* and nodejs_* series (default true). */
export interface MetricsOptions {
  readonly version: string;
  readonly processMetrics?: boolean;
  /** Most resources of a kind that have series of their own; 1000 unless given. */
  readonly maxResources?: number;
}

const MAX_RESOURCES = 1000;
/** How often the event loop's delay is looked at. Every 10 ms, as Node does by itself, takes 0.2 % of a core. */
const EVENT_LOOP_EVERY_MS = 100;
const QUEUE_BUCKETS = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];
const REST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/**
 * The metrics of the runtime under the names controller-runtime and client-go use, so that existing dashboards work.
 * Source of names: controller-runtime pkg/internal/controller/metrics, pkg/metrics/workqueue.go, pkg/metrics/client_go_adapter.go.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  if (options.processMetrics ?? true)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_EVERY_MS });
  const registers = [registry];
  const info = new Gauge({
    name: 'weir_build_info',
    help: 'Version of Weir.',
    labelNames: ['version', 'node'],
    registers,
  });
  info.set({ version: options.version, node: process.version }, 1);
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease.',
    labelNames: ['name'],
    registers,
  });
  const dropped = new Counter({
    name: 'weir_events_dropped_total',
    help: 'Kubernetes events that were not written.',
    labelNames: ['reason'],
    registers,
  });
  const spans = new Counter({
    name: 'weir_trace_spans_dropped_total',
    help: 'Spans of traces that were not sent.',
    registers,
  });
  return {
    registry,
    controller: controllerMetrics(registers),
    answers: answerAges(registers, options.maxResources ?? MAX_RESOURCES),
    checkpoints: checkpointMetrics(registers, options.maxResources ?? MAX_RESOURCES),
    queue: queueMetrics(registers),
    rest: restMetrics(registers),
    leading: (name, leads) => leader.set({ name }, leads ? 1 : 0),
    watchAge: watchAge(registers),
    configurationRead: configurationRead(registers),
    eventDropped: (reason) => dropped.inc({ reason }),
    spansDropped: (count) => spans.inc(count),
  };
}

const QUEUE_LABELS = ['name', 'controller'] as const;

function queueMetrics(registers: Registry[]): Metrics['queue'] {
  const asked = queueGauges(registers);
  const count = (name: string, help: string): Counter<'name' | 'controller'> =>
    new Counter({ name, help, labelNames: QUEUE_LABELS, registers });
  const time = (name: string, help: string): Histogram<'name' | 'controller'> =>
    new Histogram({ name, help, labelNames: QUEUE_LABELS, buckets: QUEUE_BUCKETS, registers });
  const adds = count('workqueue_adds_total', 'Keys added.');
  const retries = count('workqueue_retries_total', 'Keys added again after a failure.');
  const waited = time('workqueue_queue_duration_seconds', 'How long a due key waited for a worker.');
  const worked = time('workqueue_work_duration_seconds', 'How long a key was worked on.');
  return (name, gauges) => {
    asked.set(name, gauges);
    const labels = { name, controller: name };
    const [addCount, retryCount] = [adds.labels(labels), retries.labels(labels)];
    addCount.inc(0);
    retryCount.inc(0);
    waited.zero(labels);
    worked.zero(labels);
    const [wait, work] = [waited.labels(labels), worked.labels(labels)];
    return {
      added: () => addCount.inc(),
      retried: () => retryCount.inc(),
      waited: (seconds) => wait.observe(seconds),
      worked: (seconds) => work.observe(seconds),
    };
  };
}

/** Gauges that ask the queues when metrics are read. */
function queueGauges(registers: Registry[]): Map<string, QueueGauges> {
  const asked = new Map<string, QueueGauges>();
  const read = (metric: string, help: string, value: (gauges: QueueGauges) => number): Gauge =>
    new Gauge({
      name: metric,
      help,
      labelNames: QUEUE_LABELS,
      registers,
      collect() {
        for (const [name, gauges] of asked) this.set({ name, controller: name }, value(gauges));
      },
    });
  read('workqueue_depth', 'Keys waiting that are due.', (gauges) => gauges.depth());
  read('workqueue_unfinished_work_seconds', 'Work in progress not yet observed.', (gauges) =>
    gauges.unfinishedSeconds(),
  );
  read('workqueue_longest_running_processor_seconds', 'Age of the longest pass.', (gauges) => gauges.longestSeconds());
  return asked;
}

function restMetrics(registers: Registry[]): RestMetrics {
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'HTTP requests to the API server.',
    labelNames: ['code', 'method', 'host'],
    registers,
  });
  const duration = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Length of requests to the API server; watches are not counted.',
    labelNames: ['verb', 'host'],
    buckets: REST_BUCKETS,
    registers,
  });
  return {
    requested: (method, host, code) => requests.inc({ code, method, host }),
    took: (verb, host, seconds) => duration.observe({ verb, host }, seconds),
  };
}

function configurationRead(registers: Registry[]): Metrics['configurationRead'] {
  const labelNames = ['engine'] as const;
  const successful = new Gauge({
    name: 'weir_configuration_last_reload_successful',
    help: 'Whether the configuration in the mounted folder is the one in use.',
    labelNames,
    registers,
  });
  const timestamp = new Gauge({
    name: 'weir_configuration_last_reload_success_timestamp_seconds',
    help: 'When the mounted folder was last read and found good.',
    labelNames,
    registers,
  });
  return (engine, good, at) => {
    successful.set({ engine }, good ? 1 : 0);
    if (good) timestamp.set({ engine }, at / 1000);
  };
}

function watchAge(registers: Registry[]): Metrics['watchAge'] {
  const asked = new Map<string, () => number | undefined>();
  new Gauge({
    name: 'weir_watch_last_event_age_seconds',
    help: 'Seconds since the watch of a kind delivered anything, bookmarks included.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const [kind, seconds] of asked) {
        const age = seconds();
        if (age !== undefined) this.set({ kind }, age);
      }
    },
  });
  return (kind, seconds) => asked.set(kind, seconds);
}
