import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { type Executed, execute } from '../core/execute.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Plan } from '../core/plan.ts';
import type { EventRecorder, KindRef } from '../core/ports.ts';
import { type KubeObject, keyOf, type ObjectKey, parseKey } from '../kube/object.ts';
import type { ControllerMetrics, PassResult } from '../metrics/controller.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { tellOfAnswers } from './answer-metrics.ts';
import type { Caches } from './caches.ts';
import { type ControllerProbeOptions, createControllerProbe } from './controller-probe.ts';
import type { Logger } from './logger.ts';
import { createPacing, type Pacing } from './pacing.ts';
import type { RunningProbe } from './probe.ts';
import { isWorthTelling, retry, retryPanic } from './retry.ts';
import { isOfStatusAlone, statesOf } from './store.ts';
import type { Time } from './time.ts';
import { aborted, withTimeLimit } from './time-limit.ts';
import { tracedPass } from './traced.ts';
import type { Tracer } from './tracer.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';
import type { Writers } from './writer.ts';

/** One reconciler, driven. */
export interface Controller {
  readonly name: string;
  /** What its keys name. */
  readonly kind: KindRef;
  /** Waits for the caches of its kinds, then works until stop(). Resolves when work has begun. */
  start(): Promise<void>;
  /** Hands out no more keys and resolves when the running passes have ended, at the latest after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
  /** Asks for a pass. */
  enqueue(key: ObjectKey): void;
  /** Asks for a pass over every resource there is. */
  enqueueAll(): void;
  /** Every key of which anything is kept. At rest those are keys of resources that are there. */
  held(): ReadonlySet<ObjectKey>;
}

/** What a controller is made with. Must be made before the caches start, since it asks them for its watches. */
export interface ControllerOptions<Observed, Status, Effect, Answer>
  extends ControllerProbeOptions<Observed, Status, Effect, Answer> {
  readonly caches: Caches;
  readonly writers: Writers;
  readonly events: EventRecorder;
  /** Asked when a plan wants to know what the cluster can give; without one nobody does. */
  readonly survey?: CapacitySurvey;
  readonly time: Time;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'controller' | 'queue' | 'answers' | 'checkpoints'>;
  /** Told of each pass; without one nobody is. */
  readonly tracer?: Tracer | undefined;
  /** Passes at once, over different keys; 400 unless given. */
  readonly concurrency?: number;
  /** After this long an effect's signal aborts; 60 s unless given. */
  readonly passTimeoutMs?: number;
}

interface Run<Observed, Status, Effect, Answer> extends ControllerOptions<Observed, Status, Effect, Answer> {
  readonly queue: WorkQueue;
  readonly probe: RunningProbe<Answer>;
  /** Who may interrupt what runs. */
  readonly pacing: Pacing;
  /** Every resource that the caches hold. */
  readonly known: Set<ObjectKey>;
  /** Those whose last pass failed other than by a conflict, and that are tried again after a wait. */
  readonly failing: Set<ObjectKey>;
  readonly counts: ControllerMetrics | undefined;
  /** When the first change was seen that no pass has looked at yet. */
  readonly changed: Map<ObjectKey, number>;
  readonly stopping: AbortController;
  /** Aborted when the deadline of stop() has passed. */
  readonly killing: AbortController;
  passes: number;
}

/** Passes mostly wait for the API server, and how many writes it is given at once is bounded by the writers. */
const WORKERS = 400;
const PASS_TIMEOUT_MS = 60_000;

/** A controller for a reconciler. One resource that fails, however badly, does not keep others waiting. */
export function createController<O, S, E, A>(options: ControllerOptions<O, S, E, A>): Controller {
  const { reconciler, caches, time, metrics } = options;
  const concurrency = options.concurrency ?? WORKERS;
  const queueMetrics = metrics && ((gauges: Parameters<Metrics['queue']>[1]) => metrics.queue(reconciler.name, gauges));
  const queue = createWorkQueue({ time, ...(queueMetrics ? { metrics: queueMetrics } : {}) });
  const run: Run<O, S, E, A> = {
    ...options,
    queue,
    probe: createControllerProbe(options, (key) => changed(run, key)),
    pacing: createPacing({ time, busy: options.writers.busy }),
    known: new Set(),
    failing: new Set(),
    changed: new Map(),
    counts: metrics?.controller(reconciler.name, concurrency),
    stopping: new AbortController(),
    killing: new AbortController(),
    passes: 0,
  };
  subscribe(run);
  if (metrics !== undefined) tellOfAnswers(reconciler, run.probe, metrics);
  let workers: Promise<unknown> = Promise.resolve();
  return {
    name: reconciler.name,
    kind: reconciler.kind,
    held: () =>
      new Set([run.known, run.failing, run.changed, queue, run.probe, run.pacing].flatMap((part) => [...part.keys()])),
    enqueue: (key) => queue.add(key),
    enqueueAll: () => {
      for (const key of run.known) queue.add(key);
    },
    async start() {
      await caches.synced([reconciler.kind, ...reconciler.watches.map((watch) => watch.kind)], run.stopping.signal);
      // What changed while another replica led was its to tell of.
      run.changed.clear();
      workers = Promise.all(Array.from({ length: concurrency }, () => work(run)));
    },
    async stop(deadlineMs) {
      run.stopping.abort();
      queue.close();
      run.probe.stop();
      run.pacing.stop();
      const cancel = time.after(deadlineMs, () => run.killing.abort(new Error('the process is stopping')));
      await Promise.race([workers, aborted(run.killing.signal)]);
      cancel();
    },
  };
}

/** Something was seen that a pass is to look at. */
function changed(
  run: Pick<Run<unknown, unknown, unknown, unknown>, 'changed' | 'queue' | 'time'>,
  key: ObjectKey,
): void {
  if (!run.changed.has(key)) run.changed.set(key, run.time.monotonic());
  run.queue.add(key);
}

function subscribe<O, S, E, A>(run: Run<O, S, E, A>): void {
  const { reconciler, caches, known, failing } = run;
  const { kind, trim } = reconciler;
  caches.watch({ kind, ...(trim ? { trim } : {}) }, (event) => {
    const key = keyOf(event.object.metadata);
    if (event.type === 'deleted') {
      // Whatever comes next under this name is another object: nothing known of this one may reach it.
      forget(run, key);
      known.delete(key);
      failing.delete(key);
    } else known.add(key);
    // A pass that fails says so in the status, which must not cut its own wait short.
    if (!(failing.has(key) && isOfStatusAlone(event))) changed(run, key);
  });
  for (const { toKey, ...spec } of reconciler.watches) {
    caches.watch(spec, (event) => {
      for (const object of statesOf(event)) {
        for (const key of [toKey(object, caches.reader) ?? []].flat()) changed(run, key);
      }
    });
  }
}

function forget<O, S, E, A>({ probe, queue, pacing }: Run<O, S, E, A>, key: ObjectKey): void {
  probe.every(key, undefined);
  queue.forget(key);
  pacing.forget(key);
}

async function work<O, S, E, A>(run: Run<O, S, E, A>): Promise<void> {
  const { queue, counts, time } = run;
  for (;;) {
    const key = await queue.next();
    if (key === undefined) return;
    counts?.active(1);
    const started = time.monotonic();
    const result = await pass(run, key);
    counts?.passed(result, (time.monotonic() - started) / 1000);
    counts?.active(-1);
    queue.done(key);
  }
}

/** One look at one resource. Never rejects. */
async function pass<O, S, E, A>(run: Run<O, S, E, A>, key: ObjectKey): Promise<PassResult> {
  const { reconciler, caches, queue } = run;
  const resource = caches.reader.get({ ...reconciler.kind, ...parseKey(key) });
  const since = run.changed.get(key);
  run.changed.delete(key);
  if (resource === undefined) {
    forget(run, key);
    run.failing.delete(key); // a pass that was under way may have failed after it went
    return 'success';
  }
  const log = run.log.child({ controller: reconciler.name, key, pass: ++run.passes });
  try {
    const about = { controller: reconciler.name, pass: run.passes, resource };
    const result = await tracedPass(run.tracer, about, () => reconcile(run, { key, resource, log, since }));
    // Until now the events of its own status were not heeded.
    if (run.failing.delete(key)) queue.add(key);
    return result;
  } catch (error) {
    if (since !== undefined) run.changed.set(key, since);
    if (error instanceof FailureError && error.failure.kind === 'conflict') run.failing.delete(key);
    else run.failing.add(key);
    return afterFailure(run, { key, resource, log, since }, error);
  }
}

interface Subject {
  readonly key: ObjectKey;
  readonly resource: KubeObject;
  readonly log: Logger;
  /** When the change was seen that this pass looks at; undefined when it looks for another reason. */
  readonly since: number | undefined;
}

async function reconcile<O, S, E, A>(run: Run<O, S, E, A>, subject: Subject): Promise<PassResult> {
  const { key, resource, log, since } = subject;
  const { reconciler, caches, queue, probe, time } = run;
  const started = time.monotonic();
  const observed = reconciler.observe(resource, caches.reader, probe);
  const plan = reconciler.decide(resource, observed, new Date(time.now()));
  if (run.pacing.holds(key, plan.interrupts === true, () => queue.add(key))) {
    log.debug({ because: plan.because }, 'waits for its turn');
    if (since !== undefined) run.changed.set(key, since);
    return 'success';
  }
  probe.every(key, plan.probeEveryMs);
  run.tracer?.annotate({ 'weir.because': plan.because });
  const { did } = await carryOut(run, resource, plan);
  run.tracer?.annotate({ 'weir.did': did });
  if (since !== undefined && did.includes('write status')) run.counts?.told((time.monotonic() - since) / 1000);
  queue.forget(key);
  if (plan.requeueAfterMs !== undefined) queue.addAfter(key, plan.requeueAfterMs);
  const namespace = resource.metadata.namespace ?? '';
  if (plan.surveyNewerThan !== undefined) run.survey?.refresh(namespace, plan.surveyNewerThan, () => queue.add(key));
  const fields = { because: plan.because, did, ms: Math.round((time.monotonic() - started) * 10) / 10 };
  if (did.length > 0) log.info(fields, 'reconciled');
  else log.debug(fields, 'reconciled');
  return plan.requeueAfterMs === undefined ? 'success' : 'requeue_after';
}

function carryOut<O, S, E, A>(run: Run<O, S, E, A>, resource: KubeObject, plan: Plan<S, E>): Promise<Executed> {
  const { reconciler, writers, events, time, killing, passTimeoutMs: timeoutMs = PASS_TIMEOUT_MS } = run;
  const limit = { time, timeoutMs, killing: killing.signal, passed: () => run.counts?.timedOut() };
  return execute(resource, plan, {
    write: writers.in(resource.metadata.namespace ?? ''),
    events,
    perform: (current, effect) =>
      withTimeLimit(limit, (signal) => reconciler.perform(current as KubeObject, effect, signal)),
  });
}

async function afterFailure<O, S, E, A>(run: Run<O, S, E, A>, subject: Subject, error: unknown): Promise<PassResult> {
  const { queue } = run;
  const { key, log } = subject;
  if (!(error instanceof FailureError)) {
    run.counts?.panicked();
    const retryMs = Math.round(retryPanic(queue, key));
    log.error({ err: error, retryMs }, 'a pass failed by a programming error');
    const message = `Weir failed on this resource (${error instanceof Error ? error.message : String(error)}); this is a bug`;
    await tell(run, subject, { kind: 'stalled', reason: 'InternalError', message });
    return 'error';
  }
  const { failure } = error;
  const retryMs = Math.round(retry(queue, key, failure));
  const { kind, message } = failure;
  if (kind === 'conflict') {
    log.debug({ failure: kind, error: message, retryMs }, 'a pass failed');
    return 'requeue';
  }
  if (kind === 'stalled') run.counts?.stalled();
  log.warn({ failure: kind, error: message, retryMs }, 'a pass failed');
  if (isWorthTelling(failure, queue.failures(key))) await tell(run, subject, failure);
  return 'error';
}

/** Tells the resource's owner, by what the reconciler makes of a failure or by an event. A failure to tell is only logged. */
async function tell<O, S, E, A>(
  run: Run<O, S, E, A>,
  { key, resource, log }: Subject,
  failure: Failure,
): Promise<void> {
  const { reconciler, caches, events, time, queue } = run;
  try {
    const current = caches.reader.get({ ...reconciler.kind, ...parseKey(key) }) ?? resource;
    const plan = reconciler.failed?.(current, failure, new Date(time.now()));
    if (plan !== undefined) {
      await carryOut(run, current, plan);
      if (plan.requeueAfterMs !== undefined) queue.addAfter(key, plan.requeueAfterMs);
    } else if (failure.kind === 'stalled' || failure.kind === 'waiting') {
      const { reason, message } = failure;
      events.record(current, { type: 'Warning', reason, message, component: 'Operator' });
    }
  } catch (err) {
    log.debug({ err }, 'a failure could not be told');
  }
}
