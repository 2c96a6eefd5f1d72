import { describe, expect, it } from 'vitest';
import { aCluster, aNode } from '../core/capacity/testing.ts';
import { known } from '../core/fact.ts';
import { decide, type FlinkPlan } from './decide.ts';
import { type Observed, UNSEEN } from './observed.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { situationOf } from './situation.ts';
import {
  actionsOf,
  answer,
  child,
  type Given,
  INTERVALS,
  JOB,
  job,
  jobManager,
  NOW,
  resourceOf,
} from './testing/pass.ts';

const HA = {
  'state.checkpoints.dir': 's3://b/c',
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://b/ha',
};
const recorded = { job: { upgradeMode: 'last-state' as const, parallelism: 2 }, flinkConfiguration: HA };
const edited: Given = { recorded, spec: { ...recorded, job: { ...recorded.job, parallelism: 3 } } };
const haConfigMaps = [
  child('ConfigMap', `orders-${JOB}-config-map`, {}, { data: { 'checkpointID-0000000000000000007': '' } }),
];
const marked = { ...jobManager, metadata: { ...jobManager.metadata, deletionTimestamp: '2026-02-03T04:05:06Z' } };
const pods = [child('Pod', 'orders-1')];
const going: Partial<Observed> = { jobManager: marked, pods, haConfigMaps };

/** A pass over a resource with this status, so many seconds after `NOW`. */
function pass(given: Given, status: FlinkDeploymentStatus | undefined, seconds = 1): FlinkPlan {
  const resource = { ...resourceOf(given), ...(status === undefined ? {} : { status }) };
  const now = new Date(NOW.getTime() + seconds * 1000);
  const observed = { ...UNSEEN, ...given.observed };
  return decide(situationOf(resource, observed, now, { flinkConfiguration: {} }), INTERVALS);
}

/** The status of a job whose upgrade was recorded and whose cluster is being taken down. */
const upgrading = pass({ ...edited, observed: { jobManager, haConfigMaps, rest: answer(job()) } }, undefined, 0).status;

describe('a cluster that goes for an upgrade', () => {
  it('is written of when it begins to go', () => {
    expect(upgrading).toMatchObject({ lifecycleState: 'UPGRADING', jobManagerDeploymentStatus: 'READY' });
  });

  it('is not written of again while it goes', () => {
    const decided = pass({ ...edited, observed: going }, upgrading);
    expect([decided.because, decided.status, decided.events]).toEqual(['Upgrading', undefined, []]);
  });

  it('is not written of again when the job graph of the run before is taken out of what stays', () => {
    const graph = child('ConfigMap', 'orders-cluster-config-map', {}, { data: { [`jobGraph-${JOB}`]: '' } });
    const decided = pass({ ...edited, observed: { haConfigMaps: [...haConfigMaps, graph] } }, upgrading);
    expect([actionsOf(decided), decided.status]).toEqual([['patch ConfigMap orders-cluster-config-map'], undefined]);
  });

  it('is written of when that takes long', () => {
    const decided = pass({ ...edited, observed: going }, upgrading, 16);
    expect(decided.status).toMatchObject({ lifecycleState: 'UPGRADING', jobManagerDeploymentStatus: 'MISSING' });
  });

  it('is written of when its spec is refused meanwhile', () => {
    const refused = { ...edited, spec: { ...edited.spec, job: { ...recorded.job, parallelism: -1 } }, observed: going };
    expect(pass(refused, upgrading).status?.error).toContain('ValidationError');
  });

  it('is written of before it is created anew', () => {
    const decided = pass({ ...edited, observed: { haConfigMaps } }, upgrading);
    expect(decided.status?.restore).toMatchObject({ path: `s3://b/c/${JOB}/chk-7` });
    expect(actionsOf(decided)[0]).toBe('create Deployment orders');
  });
});

describe('capacity that still suffices', () => {
  const capacity = (cpu: string): Observed['capacity'] =>
    known(aCluster([aNode('n1', { cpu, memory: '64Gi' })], [], { takenAt: NOW.getTime() - 1000 }));
  const starting = (cpu: string, rest: Observed['rest']): Given => ({
    recorded: edited.spec ?? {},
    spec: edited.spec ?? {},
    observed: { jobManager, rest, capacity: capacity(cpu) },
  });
  const initializing = answer(job({ state: 'INITIALIZING' }));
  const started = pass(starting('8', initializing), undefined, 0).status;
  const before = pass(starting('8', initializing), started, 0).status ?? {};
  /** Found to fit before the spec was last changed. */
  const told = {
    ...before,
    conditions: (before.conditions ?? []).map((condition) =>
      condition.type === 'CapacityAvailable' ? { ...condition, observedGeneration: 2 } : condition,
    ),
  };

  it('is nothing to write of by itself', () => {
    expect(before.conditions).toContainEqual(expect.objectContaining({ type: 'CapacityAvailable', status: 'True' }));
    expect(pass(starting('6', initializing), told).status).toBeUndefined();
  });

  it('is written with what else is new', () => {
    const { status } = pass(starting('6', answer(job())), told);
    expect(JSON.stringify(status?.conditions)).toContain('has 6 cores');
  });

  it('is written when it suffices no more', () => {
    const { status } = pass(starting('1', initializing), told);
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'CapacityAvailable', status: 'False' }));
  });
});
