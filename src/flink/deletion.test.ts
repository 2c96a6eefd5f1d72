import { describe, expect, it } from 'vitest';
import type { FlinkPlan } from './decide.ts';
import type { Observed } from './observed.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { actionsOf, answer, child, condition, JOB, job, jobManager, plan, whole } from './testing/pass.ts';

const pods = [child('Pod', 'orders-1')];
const asked: Partial<Observed> = { jobManager, children: whole, pods, rest: answer(job()) };
const cancelled: Partial<Observed> = { ...asked, rest: answer(job({ state: 'CANCELED' })) };

/** The pass over a deployment that is being deleted since `seconds`. */
function pass(observed: Partial<Observed>, status: FlinkDeploymentStatus = {}, seconds = 6): FlinkPlan {
  return plan({ deleting: true, deletedSeconds: seconds, observed, status });
}

const told: FlinkDeploymentStatus = pass(asked).status ?? {};

describe('a deployment that is deleted', () => {
  it('is told to be deleted before its job is cancelled', () => {
    const decided = pass(asked);
    expect(told.lifecycleState).toBe('DELETING');
    expect(condition(decided, 'Reconciling')).toMatchObject({
      reason: 'Deleting',
      message: 'cancelling what runs and removing everything of the cluster',
    });
    expect(actionsOf(decided)).toEqual([`cancel-job ${JOB}`]);
  });

  it('loses its ConfigMap before what mounts it, and its Services once that is on its way, which is asked through them', () => {
    expect(actionsOf(pass(cancelled, told))).toEqual([
      'delete ConfigMap flink-config-orders uid-flink-config-orders Background',
      'delete Deployment orders uid-orders Foreground',
      'delete Service orders uid-orders Background',
      'delete Service orders-rest uid-orders-rest Background',
    ]);
  });

  it.each([
    ['its job is cancelled', cancelled],
    ['its JobManager is gone', { pods }],
    ['nothing is left', {}],
  ])('writes no other status when %s', (_what, observed) => {
    const decided = pass(observed, told);
    expect([decided.status, decided.events]).toEqual([undefined, []]);
  });

  it('tells how things stand and what it waits for once that takes long', () => {
    const decided = pass({ pods }, told, 16);
    expect(decided.status).toMatchObject({ lifecycleState: 'DELETING', jobManagerDeploymentStatus: 'MISSING' });
    expect(condition(decided, 'Reconciling')?.message).toBe('still waiting until Pod default/orders-1 is gone');
    expect(pass({ pods }, told).requeueAfterMs).toBe(5000);
  });
});
