import type { Reconciler } from '../core/reconciler.ts';
import { type ObjectKey, parseKey } from '../kube/object.ts';
import type { Caches } from './caches.ts';
import { createProbe, type ProbeOptions, type RunningProbe } from './probe.ts';

/** What the probe of a controller is made with. */
export interface ControllerProbeOptions<Observed, Status, Effect, Answer>
  extends Pick<ProbeOptions<Answer>, 'time' | 'log'> {
  readonly reconciler: Reconciler<Observed, Status, Effect, Answer>;
  readonly caches: Pick<Caches, 'reader'>;
  /** See ProbeOptions. */
  readonly probeConcurrency?: number;
  readonly probeTimeoutMs?: number;
}

/** Asks the endpoints of a controller's resources, as its reconciler says. */
export function createControllerProbe<O, S, E, A>(
  options: ControllerProbeOptions<O, S, E, A>,
  changed: (key: ObjectKey) => void,
): RunningProbe<A> {
  const { reconciler, caches, time, log, probeConcurrency, probeTimeoutMs } = options;
  return createProbe<A>({
    ask: (resource, signal, previous) => reconciler.ask(resource, signal, previous),
    answersEqual: (a, b) => reconciler.answersEqual(a, b),
    resource: (key) => caches.reader.get({ ...reconciler.kind, ...parseKey(key) }),
    changed,
    time,
    log,
    ...(probeConcurrency === undefined ? {} : { concurrency: probeConcurrency }),
    ...(probeTimeoutMs === undefined ? {} : { timeoutMs: probeTimeoutMs }),
  });
}
