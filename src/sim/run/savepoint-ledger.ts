import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { Ran, Snapshot } from '../flink/truth.ts';
import type { Intent } from './stage.ts';
import type { Witness } from './witness.ts';

/**
 * Every savepoint somebody asked for was told in a status, none was asked for twice, none went that nobody let go, and where
 * the status keeps them, what is in storage is there.
 */
export function savepointsKnown({
  truth,
  witness,
  gone,
  intents,
}: {
  readonly truth: Ran;
  readonly witness: Witness;
  readonly gone: boolean;
  readonly intents: readonly Intent[];
}): readonly string[] {
  const asked = truth.snapshots.filter(({ kind, askedBy }) => kind === 'savepoint' && askedBy !== 'interval');
  const records = [...witness.snapshots.values()];
  const statuses = asked.length === 0 ? [] : [...witness.statuses.map(({ object }) => object), ...records];
  const texts = statuses.map(({ status }) => JSON.stringify(status ?? {}));
  const unknown = gone ? [] : asked.filter(({ path }) => !texts.some((text) => text.includes(path)));
  const stops = asked.filter(({ askedBy }) => askedBy === 'stop').length;
  const kept = keptInStatus(intents);
  const disposed = truth.snapshots.filter(
    (snapshot) =>
      snapshot.discardedBy === 'disposal' && !isLetGo(records, snapshot.path) && !isSurplus(snapshot, asked, kept),
  );
  const now = JSON.stringify(witness.statuses.at(-1)?.object.status ?? {});
  const left = gone || kept === undefined ? [] : asked.filter(({ discardedMs }) => discardedMs === undefined);
  return [
    ...unknown.map((savepoint) => `${savepoint.path} completed and never was in status`),
    ...(stops > intents.length ? [`${stops} savepoints to stop with for ${intents.length} specs`] : []),
    ...disposed.map(({ path }) => `${path} was disposed of, and nobody wanted that`),
    ...left.filter(({ path }) => !now.includes(path)).map(({ path }) => `${path} is in storage, and status forgot it`),
  ];
}

/** Whether a savepoint's resource was deleted, which disposes of the savepoint unless it says otherwise. */
function isLetGo(records: readonly KubeObject[], path: string): boolean {
  return records.some(({ metadata, spec, status }) => {
    const { savepoint } = (spec ?? {}) as { readonly savepoint?: { readonly disposeOnDelete?: boolean } };
    const own = (status as { readonly path?: string } | undefined)?.path === path;
    return own && metadata.deletionTimestamp !== undefined && savepoint?.disposeOnDelete !== false;
  });
}

/** How many savepoints the status is to keep; undefined where it keeps none. */
function keptInStatus(intents: readonly Intent[]): number | undefined {
  const { flinkConfiguration } = intents.findLast(({ spec }) => spec !== undefined)?.spec ?? {};
  const options = isRecord(flinkConfiguration) ? flinkConfiguration : {};
  if (options['kubernetes.operator.snapshot.resource.enabled'] !== 'false') return undefined;
  return Number(options['kubernetes.operator.savepoint.history.max.count'] ?? 10);
}

/** Whether there were as many newer ones as are to be kept when it went. */
function isSurplus({ id, discardedMs = 0 }: Snapshot, asked: readonly Snapshot[], kept: number | undefined): boolean {
  const newer = asked.filter((other) => other.id > id && other.completedMs <= discardedMs);
  return kept !== undefined && newer.length >= Math.max(1, kept);
}
