import { statefulOperators } from './code.ts';
import { type Failure, noOperatorFor, noSnapshotAt, unmappedState } from './failures.ts';
import type { JobGraph } from './graph.ts';
import type { KubernetesHa } from './ha.ts';
import type { Snapshot } from './truth.ts';
import type { FlinkWorld } from './world.ts';

/** The state a job begins with. */
export type Restored = { readonly ok: true; readonly snapshot: Snapshot | undefined } & (
  | { readonly via: 'ha'; readonly all: readonly Snapshot[]; readonly nextId: number }
  | { readonly via: 'path' | undefined }
);

/**
 * Looks for the state of a job that begins (DefaultExecutionGraphFactory): the newest checkpoint of high availability if
 * there is one, else what lies at the graph's restore path, else none.
 */
export function restoredState(
  graph: JobGraph,
  { world, ha }: { readonly world: FlinkWorld; readonly ha: KubernetesHa | undefined },
): Restored | { readonly ok: false; readonly failure: Failure } {
  ha?.openJob(graph.jobId);
  const all = ha?.checkpoints(graph.jobId) ?? [];
  const newest = all.at(-1);
  if (ha !== undefined && newest !== undefined) {
    const missing = missingOperator(newest, graph);
    if (missing !== undefined) return { ok: false, failure: noOperatorFor(missing) };
    return { ok: true, snapshot: newest, via: 'ha', all, nextId: ha.counter(graph.jobId) };
  }
  if (graph.restorePath === undefined) return { ok: true, snapshot: undefined, via: undefined };
  const snapshot = world.store.at(graph.restorePath);
  if (snapshot === undefined) return { ok: false, failure: noSnapshotAt(graph.restorePath) };
  const missing = graph.allowNonRestoredState ? undefined : missingOperator(snapshot, graph);
  if (missing !== undefined) return { ok: false, failure: unmappedState(snapshot, missing) };
  return { ok: true, snapshot, via: 'path' };
}

function missingOperator(snapshot: Snapshot, graph: JobGraph): string | undefined {
  const there = new Set(statefulOperators(graph.code));
  return snapshot.operators.find((uid) => !there.has(uid));
}
