import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { type Executed, execute } from '../core/execute.ts';
import type { Plan } from '../core/plan.ts';
import type { EventRecorder } from '../core/ports.ts';
import type { KubeObject, ObjectKey } from '../kube/object.ts';
import type { ControllerMetrics } from '../metrics/controller.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Caches } from './caches.ts';
import type { ControllerProbeOptions } from './controller-probe.ts';
import type { Attempt, HeldEffects } from './held-effects.ts';
import type { Logger } from './logger.ts';
import type { Pacing } from './pacing.ts';
import type { RunningProbe } from './probe.ts';
import type { Time } from './time.ts';
import { withTimeLimit } from './time-limit.ts';
import type { Tracer } from './tracer.ts';
import type { WorkQueue } from './work-queue.ts';
import type { Writers } from './writer.ts';

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

/** What the passes of a controller share. */
export interface Run<Observed, Status, Effect, Answer> extends ControllerOptions<Observed, Status, Effect, Answer> {
  readonly queue: WorkQueue;
  readonly probe: RunningProbe<Answer>;
  /** Who may interrupt what runs. */
  readonly pacing: Pacing;
  /** What failed of what is not repeatable, and waits. */
  readonly effects: HeldEffects<Effect>;
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

/** What one pass is about. */
export interface Subject {
  readonly key: ObjectKey;
  readonly resource: KubeObject;
  readonly log: Logger;
  /** When the change was seen that this pass looks at; undefined when it looks for another reason. */
  readonly since: number | undefined;
}

const PASS_TIMEOUT_MS = 60_000;

/** Carries out a plan; `attempt` is what its effect is tried on, where it has one. Throws FailureError. */
export function carryOut<O, S, E, A>(
  run: Run<O, S, E, A>,
  { key, resource }: Pick<Subject, 'key' | 'resource'>,
  { plan, attempt }: { readonly plan: Plan<S, E>; readonly attempt?: Attempt<E> },
): Promise<Executed> {
  const { reconciler, writers, events, time, killing, effects, passTimeoutMs: timeoutMs = PASS_TIMEOUT_MS } = run;
  const limit = { time, timeoutMs, killing: killing.signal, passed: () => run.counts?.timedOut() };
  return execute(resource, plan, {
    write: writers.in(resource.metadata.namespace ?? ''),
    events,
    perform: (current, effect) => {
      const work = () => withTimeLimit(limit, (signal) => reconciler.perform(current, effect, signal));
      return attempt === undefined ? work() : effects.perform(key, attempt, work);
    },
  });
}
