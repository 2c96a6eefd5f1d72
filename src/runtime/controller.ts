import { FailureError } from '../core/failure.ts';
import type { Plan } from '../core/plan.ts';
import type { KindRef } from '../core/ports.ts';
import { keyOf, type ObjectKey, parseKey } from '../kube/object.ts';
import type { PassResult } from '../metrics/controller.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { tellOfAnswers } from './answer-metrics.ts';
import { isNoSuchObject } from './classify-failure.ts';
import { createControllerProbe } from './controller-probe.ts';
import { type ControllerOptions, carryOut, type Run, type Subject } from './controller-run.ts';
import { afterFailure } from './failed-pass.ts';
import { createHeldEffects, effectOf, type Held, withoutEffect } from './held-effects.ts';
import type { Logger } from './logger.ts';
import { createPacing } from './pacing.ts';
import { isWorthTelling } from './retry.ts';
import { isOfStatusAlone, statesOf } from './store.ts';
import { aborted } from './time-limit.ts';
import { tracedPass } from './traced.ts';
import { createWorkQueue } from './work-queue.ts';

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

/** Passes mostly wait for the API server, and how many writes it is given at once is bounded by the writers. */
const WORKERS = 400;

/** A controller for a reconciler. One resource that fails, however badly, does not keep others waiting. */
export function createController<O, S, E, A>(options: ControllerOptions<O, S, E, A>): Controller {
  const { reconciler, caches, time, metrics } = options;
  const concurrency = options.concurrency ?? WORKERS;
  const run = createRun(options, concurrency);
  const { queue } = run;
  subscribe(run);
  if (metrics !== undefined) tellOfAnswers(reconciler, run.probe, metrics);
  let workers: Promise<unknown> = Promise.resolve();
  return {
    name: reconciler.name,
    kind: reconciler.kind,
    held: () =>
      new Set(
        [run.known, run.failing, run.changed, queue, run.probe, run.pacing, run.effects].flatMap((part) => [
          ...part.keys(),
        ]),
      ),
    enqueue: (key) => queue.add(key),
    enqueueAll: () => {
      run.effects.forgetAll();
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

function createRun<O, S, E, A>(options: ControllerOptions<O, S, E, A>, concurrency: number): Run<O, S, E, A> {
  const { reconciler, time, metrics } = options;
  const queueMetrics = metrics && ((gauges: Parameters<Metrics['queue']>[1]) => metrics.queue(reconciler.name, gauges));
  const queue = createWorkQueue({ time, ...(queueMetrics ? { metrics: queueMetrics } : {}) });
  const run: Run<O, S, E, A> = {
    ...options,
    queue,
    probe: createControllerProbe(options, (key) => changed(run, key)),
    pacing: createPacing({ time, busy: options.writers.busy }),
    effects: createHeldEffects(time),
    known: new Set(),
    failing: new Set(),
    changed: new Map(),
    counts: metrics?.controller(reconciler.name, concurrency),
    stopping: new AbortController(),
    killing: new AbortController(),
    passes: 0,
  };
  return run;
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
        for (const key of [toKey(object, caches.reader) ?? []].flat()) {
          run.effects.forget(key);
          changed(run, key);
        }
      }
    });
  }
}

function forget<O, S, E, A>({ probe, queue, pacing, effects }: Run<O, S, E, A>, key: ObjectKey): void {
  probe.every(key, undefined);
  queue.forget(key);
  pacing.forget(key);
  effects.forget(key);
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

/** The resource is gone, perhaps before a watch tells of it. A pass that was under way may have failed after it went. */
function ended<O, S, E, A>(run: Run<O, S, E, A>, key: ObjectKey, log?: Logger): PassResult {
  forget(run, key);
  run.failing.delete(key);
  log?.debug({}, 'the resource is gone');
  return 'success';
}

/** One look at one resource. Never rejects. */
async function pass<O, S, E, A>(run: Run<O, S, E, A>, key: ObjectKey): Promise<PassResult> {
  const { reconciler, caches } = run;
  const resource = caches.reader.get({ ...reconciler.kind, ...parseKey(key) });
  const since = run.changed.get(key);
  run.changed.delete(key);
  if (resource === undefined) return ended(run, key);
  const log = run.log.child({ controller: reconciler.name, key, pass: ++run.passes });
  try {
    const about = { controller: reconciler.name, pass: run.passes, resource };
    return await tracedPass(run.tracer, about, () => reconcile(run, { key, resource, log, since }));
  } catch (error) {
    if (isNoSuchObject(error) && caches.reader.get({ ...reconciler.kind, ...parseKey(key) }) === undefined) {
      return ended(run, key, log);
    }
    if (since !== undefined) run.changed.set(key, since);
    if (error instanceof FailureError && error.failure.kind === 'conflict') run.failing.delete(key);
    else run.failing.add(key);
    return afterFailure(run, { key, resource, log, since }, error);
  }
}

async function reconcile<O, S, E, A>(run: Run<O, S, E, A>, subject: Subject): Promise<PassResult> {
  const { key, resource, log, since } = subject;
  const { reconciler, caches, queue, probe, time } = run;
  const started = time.monotonic();
  const observed = reconciler.observe(resource, caches.reader, probe);
  const decided = reconciler.decide(resource, observed, new Date(time.now()));
  if (run.pacing.holds(key, decided.interrupts === true, () => queue.add(key))) {
    log.debug({ because: decided.because }, 'waits for its turn');
    if (since !== undefined) run.changed.set(key, since);
    wentWell(run, key);
    return 'success';
  }
  const attempt = { effect: effectOf(decided), resource, answer: probe.latest(key).kind };
  const held = run.effects.held(key, attempt);
  const plan = held === undefined ? decided : whileHeld(run, subject, { plan: decided, held });
  probe.every(key, plan.probeEveryMs);
  run.tracer?.annotate({ 'weir.because': plan.because });
  const { did } = await carryOut(run, subject, { plan, attempt });
  run.tracer?.annotate({ 'weir.did': did });
  if (since !== undefined && did.includes('write status')) run.counts?.told((time.monotonic() - since) / 1000);
  lookAgain(run, subject, plan);
  const waits = held === undefined ? {} : { waitMs: Math.round(held.waitMs) };
  const fields = { because: plan.because, did, ...waits, ms: Math.round((time.monotonic() - started) * 10) / 10 };
  if (did.length > 0) log.info(fields, 'reconciled');
  else log.debug(fields, 'reconciled');
  if (held === undefined) wentWell(run, key);
  return plan.requeueAfterMs === undefined ? 'success' : 'requeue_after';
}

/** When the resource is looked at again after a plan was carried out. */
function lookAgain<O, S, E, A>(
  { queue, effects, survey }: Run<O, S, E, A>,
  { key, resource: { metadata } }: Subject,
  { requeueAfterMs, surveyNewerThan }: Plan<S, E>,
): void {
  // The waits of an effect that failed go on growing, whatever passes there are in between.
  if (!effects.has(key)) queue.forget(key);
  if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
  if (surveyNewerThan !== undefined) survey?.refresh(metadata.namespace ?? '', surveyNewerThan, () => queue.add(key));
}

/** Until now the events of its own status were not heeded. */
function wentWell<O, S, E, A>({ failing, queue }: Run<O, S, E, A>, key: ObjectKey): void {
  if (failing.delete(key)) queue.add(key);
}

/** What a pass does while the effect it wants waits: the failure goes on being told. */
function whileHeld<O, S, E, A>(
  { reconciler, time, queue }: Run<O, S, E, A>,
  { key, resource }: Subject,
  { plan, held }: { readonly plan: Plan<S, E>; readonly held: Held },
): Plan<S, E> {
  const { failure } = held;
  const planned = { ...resource, status: plan.status ?? resource.status };
  const tells = isWorthTelling(failure, queue.failures(key));
  const told = tells ? reconciler.failed?.(planned, failure, new Date(time.now())) : undefined;
  return withoutEffect(plan, held, { resource, told });
}
