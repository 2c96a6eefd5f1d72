import { type KubeObject, keyOf, type ObjectKey } from '../kube/object.ts';
import type { JobManagerAnswer } from './observed.ts';
import type { Questions } from './rest-client.ts';
import type { Door } from './rest-request-client.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { askDisposal, disposeSavepoint, triggerCheckpoint, triggerSavepoint } from './snapshot-client.ts';
import type { TakingEffect } from './taking/subject.ts';

/** The one disposal of a savepoint that Flink works on for a resource; lost with the process, and then asked for again. */
export interface Disposal {
  readonly path: string;
  /** Drawn by Flink. */
  readonly triggerId: string;
}

/** Disposals under way, by the resource they are for. */
export type Disposals = Map<ObjectKey, Disposal>;

/** Carries out what was decided about snapshots that the status keeps. Throws FailureError as the requests do. */
export async function performTaking(
  door: Door,
  effect: TakingEffect,
  { resource, disposals }: { readonly resource: KubeObject; readonly disposals: Disposals },
): Promise<void> {
  if (effect.kind === 'trigger-savepoint') return triggerSavepoint(door, effect.request);
  if (effect.kind === 'trigger-checkpoint') return triggerCheckpoint(door, effect.request);
  const key = keyOf(resource.metadata);
  const { path } = effect;
  if (disposals.get(key)?.path === path) return;
  disposals.set(key, { path, triggerId: await disposeSavepoint(door, path) });
}

/** The snapshots under way by the status of a resource, to be asked about. */
export function takingOf({ status }: KubeObject): Pick<Questions, 'taking'> {
  const { savepointInfo, checkpointInfo } = ((status ?? {}) as FlinkDeploymentStatus).jobStatus ?? {};
  const [savepoint, checkpoint] = [savepointInfo?.triggerId, checkpointInfo?.triggerId];
  const taking = [
    ...(savepoint ? [{ kind: 'savepoint', triggerId: savepoint } as const] : []),
    ...(checkpoint ? [{ kind: 'checkpoint', triggerId: checkpoint } as const] : []),
  ];
  return taking.length === 0 ? {} : { taking };
}

/**
 * How far the disposal for a resource is; nothing when there is none, or its savepoint left the status. What failed, or was
 * forgotten with the JobManager, is told once and may be asked for again. Throws FailureError when Flink does not answer.
 */
export async function askAboutDisposal(
  door: Door,
  resource: KubeObject,
  disposals: Disposals,
): Promise<Pick<JobManagerAnswer, 'disposal'>> {
  const key = keyOf(resource.metadata);
  const disposal = disposals.get(key);
  if (disposal === undefined) return {};
  const { jobStatus } = (resource.status ?? {}) as FlinkDeploymentStatus;
  const { savepointHistory = [], undisposed = [] } = jobStatus?.savepointInfo ?? {};
  const listed = [...savepointHistory, ...undisposed].some(({ location }) => location === disposal.path);
  const progress = listed ? await askDisposal(door, disposal.triggerId, disposal.path) : undefined;
  if (progress === undefined || progress.kind === 'failed' || progress.kind === 'unknown-trigger')
    disposals.delete(key);
  return progress === undefined ? {} : { disposal: { path: disposal.path, progress } };
}
