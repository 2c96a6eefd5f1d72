import { readSnapshot, type SnapshotWish, stateSnapshot } from '../kit/snapshot.ts';
import { expect, type ScenarioContext } from './scenario.ts';

/** Asks for a snapshot, waits until it is completed and returns its path; empty for a checkpoint without one. */
export async function takeSnapshot(context: ScenarioContext, wish: Omit<SnapshotWish, 'namespace'>): Promise<string> {
  const { kube, namespace, say } = context;
  say(`apply FlinkStateSnapshot ${wish.name} of ${wish.job.kind} ${wish.job.name}`);
  await kube.apply(stateSnapshot({ namespace, ...wish }));
  const status = await context.until(`FlinkStateSnapshot ${wish.name} to be COMPLETED`, async () => {
    const seen = await readSnapshot(kube, namespace, wish.name);
    return seen?.state === 'COMPLETED' ? { done: seen } : { not: JSON.stringify(seen ?? 'it is gone') };
  });
  expect(status.path !== undefined, 'a completed snapshot has a path, be it empty');
  return status.path;
}
