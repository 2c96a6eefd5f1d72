import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import { decide } from './decide.ts';
import { type Observed, UNSEEN } from './observed.ts';
import type { FlinkDeploymentStatus, UpgradeMode } from './schema.ts';
import { situationOf } from './situation.ts';
import { CHECKPOINT_7, HA } from './testing/edited.ts';
import {
  answer,
  child,
  condition,
  INTERVALS,
  job,
  jobManager,
  NOW,
  OTHER_START,
  resourceOf,
  whole,
} from './testing/pass.ts';

const LEADER = [child('ConfigMap', 'orders-cluster-config-map', OTHER_START)];
const GRAPH = { data: { 'executionPlan-x': '' } };
const MINUTE = 60_000;

interface Given {
  readonly mode?: UpgradeMode;
  readonly edit?: object;
  readonly seen?: Partial<Observed>;
  /** Since when the recorded start was decided. */
  readonly startedMs?: number;
  readonly ran?: boolean;
}

/** The pass over a job that ran for long and that its JobManager, which leads, does not know any more. */
function pass({ mode = 'last-state', edit = {}, seen = {}, startedMs = 60 * MINUTE, ran = true }: Given = {}) {
  const recorded = { job: { upgradeMode: mode }, flinkConfiguration: HA };
  const resource = resourceOf({ recorded, spec: { ...recorded, ...edit } });
  const status = resource.status as FlinkDeploymentStatus;
  const { lastReconciledSpec = '' } = status.reconciliationStatus ?? {};
  const reconciliationStatus = {
    ...status.reconciliationStatus,
    ...(ran ? { lastStableSpec: lastReconciledSpec } : {}),
    reconciliationTimestamp: NOW.getTime() - startedMs,
  };
  const annotations = { 'flinkdeployment.flink.apache.org/generation': '3' };
  const deployment = { ...jobManager, metadata: { ...jobManager.metadata, annotations } };
  const observed = { jobManager: deployment, children: whole, haConfigMaps: LEADER, rest: answer(undefined), ...seen };
  const all = { ...UNSEEN, ...observed };
  const now = { ...resource, status: { ...status, reconciliationStatus } };
  return decide(situationOf(now, all, NOW, { flinkConfiguration: {} }), INTERVALS);
}

describe('a job that ended with its JobManager', () => {
  it.each<[UpgradeMode, string, string]>([
    ['last-state', 'ManualRestoreRequired', 'Set spec.job.initialSavepointPath'],
    ['savepoint', 'ManualRestoreRequired', 'Set spec.job.initialSavepointPath'],
    ['stateless', 'WaitingForJob', 'a changed spec or spec.restartNonce starts it again'],
  ])('is not waited for: %s', (mode, because, way) => {
    const decided = pass({ mode });
    expect([decided.because, decided.actions]).toEqual([because, []]);
    expect(condition(decided, 'Stalled')?.message).toContain('it has ended, and how is not known');
    expect(condition(decided, 'Stalled')?.message).toContain(way);
  });

  it('is not started from nothing by an edit or a nonce, unless there is no state to keep', () => {
    for (const edit of [{ image: 'jobs:2' }, { restartNonce: 1 }]) {
      expect(pass({ edit })).toMatchObject({ because: 'ManualRestoreRequired', actions: [] });
      expect(pass({ edit, mode: 'stateless' }).status?.restore).toMatchObject({ mode: 'stateless' });
    }
  });

  it('starts from the path that its user names', () => {
    const job = { upgradeMode: 'last-state', initialSavepointPath: 's3://b/x', savepointRedeployNonce: 1 };
    expect(pass({ edit: { job } }).status?.restore).toMatchObject({ mode: 'savepoint', path: 's3://b/x' });
  });

  it('is waited for as long as a deployment may take to become ready', () => {
    const decided = pass({ startedMs: 2 * MINUTE });
    expect([decided.because, decided.requeueAfterMs]).toEqual(['WaitingForJob', 3 * MINUTE]);
    expect(condition(decided, 'Stalled')).toBeUndefined();
  });

  it.each<[string, Given]>([
    ['it never ran well', { ran: false }],
    ['there is high-availability data of it', { seen: { haConfigMaps: CHECKPOINT_7 } }],
    [
      'its graph is there',
      { seen: { haConfigMaps: [child('ConfigMap', 'orders-cluster-config-map', OTHER_START, GRAPH)] } },
    ],
    ['high availability is not by Kubernetes', { seen: { haConfigMaps: [] } }],
    ['its JobManager does not answer', { seen: { rest: unknown('no answer') } }],
    ['its JobManager knows it', { seen: { rest: answer(job({ state: 'RUNNING' })) } }],
  ])('is another one where %s', (_name, given) => {
    const decided = pass(given);
    expect(condition(decided, 'Stalled')).toBeUndefined();
    expect(decided.requeueAfterMs).toBeUndefined();
  });
});
