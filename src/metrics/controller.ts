import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a pass ended, as controller-runtime labels it. */
export type PassResult = 'success' | 'error' | 'requeue' | 'requeue_after';

/** Counters of one controller. Times are in seconds. */
export interface ControllerMetrics {
  /** A worker took up (+1) or finished (-1) a key. */
  active(delta: 1 | -1): void;
  passed(result: PassResult, seconds: number): void;
  /** A decision or observation threw something that is no FailureError. */
  panicked(): void;
  /** A pass failed in a way that only a change of the resource or its surroundings can mend. */
  stalled(): void;
  /** An effect took longer than a pass may. */
  timedOut(): void;
  /** A status was written, this long after the first change was seen that it tells of. */
  told(seconds: number): void;
}

/** Seconds since each resource's engine last answered, asked for when metrics are read. */
export type AnswerAges = () => Iterable<readonly [resource: { namespace: string; name: string }, seconds: number]>;

const PASS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const RESULTS: readonly PassResult[] = ['success', 'error', 'requeue', 'requeue_after'];

/**
 * Metrics of controllers, bound to the label `controller`, under the names of controller-runtime (0.25,
 * pkg/internal/controller/metrics). Series start at zero.
 */
export function controllerMetrics(registers: Registry[]): (name: string, maxConcurrent: number) => ControllerMetrics {
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes per controller and result.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const { errors, terminal, panics, timeouts } = counters(registers);
  const { time, delay, max, active } = measures(registers);
  return (controller, maxConcurrent) => {
    const labels = { controller };
    max.set(labels, maxConcurrent);
    active.set(labels, 0);
    for (const result of RESULTS) total.inc({ controller, result }, 0);
    for (const each of [errors, terminal, panics, timeouts]) each.inc(labels, 0);
    for (const each of [time, delay]) each.zero(labels);
    const [passTime, statusDelay] = [time.labels(labels), delay.labels(labels)];
    return {
      active: (delta) => active.inc(labels, delta),
      passed(result, took) {
        total.inc({ controller, result });
        if (result === 'error') errors.inc(labels);
        passTime.observe(took);
      },
      panicked: () => panics.inc(labels),
      stalled: () => terminal.inc(labels),
      timedOut: () => timeouts.inc(labels),
      told: (seconds) => statusDelay.observe(seconds),
    };
  };
}

function counters(registers: Registry[]) {
  const counter = (name: string, help: string) =>
    new Counter({ name: `controller_runtime_${name}`, help, labelNames: ['controller'], registers });
  return {
    errors: counter('reconcile_errors_total', 'Passes that failed.'),
    terminal: counter('terminal_reconcile_errors_total', 'Passes that failed in a way that only a change can mend.'),
    panics: counter('reconcile_panics_total', 'Passes ended by a programming error.'),
    timeouts: counter('reconcile_timeouts_total', 'Passes that took longer than they may.'),
  };
}

function measures(registers: Registry[]) {
  const common = { labelNames: ['controller'] as const, registers };
  const seconds = (name: string, help: string) => new Histogram({ ...common, name, help, buckets: PASS_BUCKETS });
  const gauge = (name: string, help: string) => new Gauge({ ...common, name, help });
  return {
    time: seconds('controller_runtime_reconcile_time_seconds', 'Length of a pass.'),
    delay: seconds(
      'weir_status_delay_seconds',
      'From when a change was seen until the status that tells of it was written.',
    ),
    max: gauge('controller_runtime_max_concurrent_reconciles', 'Workers per controller.'),
    active: gauge('controller_runtime_active_workers', 'Workers in a pass.'),
  };
}

/** Younger answers are no news. */
const OLD_SECONDS = 60;

/**
 * Ages of answers, of every controller that says how to ask: of those that are older than a minute one by one, at most
 * `most` of a controller, and the oldest of all.
 */
export function answerAges(registers: Registry[], most: number): (controller: string, ages: AnswerAges) => void {
  const asked = new Map<string, AnswerAges>();
  new Gauge({
    name: 'weir_job_last_answer_age_seconds',
    help: 'Seconds since the JobManager of a resource last answered, where that is more than a minute.',
    labelNames: ['controller', 'namespace', 'name'],
    registers,
    collect() {
      this.reset();
      for (const [controller, ages] of asked) {
        const old = [...ages()].filter(([, seconds]) => seconds > OLD_SECONDS);
        for (const [resource, seconds] of old.slice(0, most)) this.set({ controller, ...resource }, seconds);
      }
    },
  });
  new Gauge({
    name: 'weir_job_oldest_answer_age_seconds',
    help: 'The longest time since a JobManager last answered, of those that are asked; of the leader only.',
    labelNames: ['controller'],
    registers,
    collect() {
      this.reset();
      for (const [controller, ages] of asked) {
        const oldest = [...ages()].reduce((most, [, seconds]) => Math.max(most, seconds), -1);
        if (oldest >= 0) this.set({ controller }, oldest);
      }
    },
  });
  return (controller, ages) => void asked.set(controller, ages);
}
