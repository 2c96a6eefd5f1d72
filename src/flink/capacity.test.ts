import { describe, expect, it } from 'vitest';
import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { aCluster, aNode, aPod } from '../core/capacity/testing.ts';
import { type Fact, known, unasked, unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import { actionsOf, answer, condition, type Given, job, jobManager, NOW, plan, whole } from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const GATE = { 'weir.dev/capacity-gate': 'wait' };
const NODE = aNode('n1', { cpu: '8', memory: '23.4Gi' });
const AGO_MS = 1000;

function capacity(more: Partial<ClusterCapacity> = {}, nodes = [NODE]): Fact<ClusterCapacity> {
  return known(aCluster(nodes, [], { takenAt: NOW.getTime() - AGO_MS, ...more }));
}

const LARGE: DeepPartial<FlinkDeploymentSpec> = { taskManager: { resource: { memory: '64g' } } };

/** Row: a job that runs, edited to ask for 64 GiB per TaskManager. */
const EDITED: Given = { recorded: {}, spec: LARGE, observed: running(capacity()) };

function running(fact: Fact<ClusterCapacity>): NonNullable<Given['observed']> {
  return { jobManager, children: whole, rest: answer(job()), capacity: fact };
}

const TOO_LARGE =
  'a TaskManager pod requests 1 core, 64 GiB memory; the largest of 1 node it may run on, "n1", gives 23.4 GiB memory when empty: 40.6 GiB memory missing';

function said(decided: FlinkPlan, type: string): readonly unknown[] | undefined {
  const found = condition(decided, type);
  return found && [found.status, found.reason, found.message];
}

describe('the capacity gate', () => {
  it('keeps the job running whose new pods do not fit, and says the sums', () => {
    const decided = plan({ ...EDITED, annotations: GATE });
    expect(actionsOf(decided)).toEqual([]);
    expect(decided).toMatchObject({ because: 'WaitingForCapacity', requeueAfterMs: 10_000, probeEveryMs: 10_000 });
    expect(decided.status?.jobStatus?.state).toBe('RUNNING');
    expect(decided.status?.reconciliationStatus?.state).toBe('DEPLOYED');
    expect(said(decided, 'CapacityAvailable')).toEqual(['False', 'NoNodeLargeEnough', TOO_LARGE]);
    expect(said(decided, 'Reconciling')).toEqual(['True', 'WaitingForCapacity', TOO_LARGE]);
    expect(said(decided, 'Ready')).toEqual(['False', 'WaitingForCapacity', TOO_LARGE]);
    expect(decided.events).toMatchObject([
      { type: 'Normal', reason: 'JobStatusChanged' },
      { type: 'Warning', reason: 'NoNodeLargeEnough', message: TOO_LARGE },
    ]);
  });

  it('lets the upgrade begin once they fit, with what the old run holds counted as free', () => {
    const old = aPod('n1', { cpu: '7', memory: '20Gi' });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'old', namespace: 'default', uid: old.uid } };
    const spec = { taskManager: { resource: { memory: '8g' } } };
    const observed = (pods: Given['observed']): NonNullable<Given['observed']> => ({
      ...running(capacity({ pods: known([old]) })),
      ...pods,
    });
    const before = plan({ ...EDITED, annotations: GATE, spec, observed: observed({ pods: [] }) });
    expect(before.because).toBe('WaitingForCapacity');
    const after = plan({ ...EDITED, annotations: GATE, spec, observed: observed({ pods: [pod] }) });
    expect(after.status?.reconciliationStatus?.state).toBe('UPGRADING');
    expect(said(after, 'CapacityAvailable')).toEqual([
      'True',
      'Fits',
      '1 JobManager pod and 2 TaskManager pods request 3 cores, 18 GiB memory; node "n1" has 8 cores, 23.4 GiB memory free for them',
    ]);
  });

  it('recovers what is held back from its recorded spec', () => {
    const decided = plan({ ...EDITED, annotations: GATE, observed: { capacity: capacity() } });
    expect(decided.status?.reconciliationStatus).toMatchObject({ state: 'UPGRADING' });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).not.toContain('64g');
    expect(condition(decided, 'Reconciling')?.reason).toBe('WaitingForCapacity');
  });

  it('waits with a first start', () => {
    const decided = plan({ recorded: false, annotations: GATE, spec: LARGE, observed: { capacity: capacity() } });
    expect([decided.because, actionsOf(decided), decided.status?.lifecycleState]).toEqual([
      'WaitingForCapacity',
      [],
      'CREATED',
    ]);
    expect(said(decided, 'Reconciling')).toEqual(['True', 'WaitingForCapacity', TOO_LARGE]);
    const fits = plan({ recorded: false, annotations: GATE, observed: { capacity: capacity() } });
    expect(actionsOf(fits)).toContain('create Deployment orders');
  });

  it('asks before it decides, and again when the answer is old, without saying anything else meanwhile', () => {
    const first = plan({ ...EDITED, annotations: GATE, observed: running(unasked) });
    expect([first.surveyNewerThan, actionsOf(first), said(first, 'CapacityAvailable')]).toEqual([0, [], undefined]);
    expect(said(first, 'Reconciling')).toEqual(['True', 'WaitingForCapacity', 'asking what the cluster can give']);
    const takenAt = NOW.getTime() - 10_001;
    const again = plan({ ...EDITED, annotations: GATE, observed: running(capacity({ takenAt })) });
    expect([again.surveyNewerThan, said(again, 'Reconciling')?.[2]]).toEqual([takenAt, TOO_LARGE]);
    const stale = plan({
      recorded: {},
      spec: { job: { parallelism: 3 } },
      annotations: GATE,
      observed: running(capacity({ takenAt })),
    });
    expect([stale.surveyNewerThan, stale.because]).toEqual([takenAt, 'WaitingForCapacity']);
  });

  it('is open when more nodes may come, and when nobody can tell', () => {
    const autoscaler = known({ name: 'Karpenter', seenBy: 'it has NodePools', exhausted: false } as const);
    const hoped = plan({ ...EDITED, annotations: GATE, observed: running(capacity({ autoscaler })) });
    expect(hoped.status?.reconciliationStatus?.state).toBe('UPGRADING');
    expect(said(hoped, 'CapacityAvailable')).toEqual([
      'Unknown',
      'AutoscalerMayAddNodes',
      `${TOO_LARGE}; Karpenter may add nodes (it has NodePools)`,
    ]);
    const nodes = unknown('nodes is forbidden');
    const blind = plan({ ...EDITED, annotations: GATE, observed: running(capacity({ nodes })) });
    expect(blind.status?.reconciliationStatus?.state).toBe('UPGRADING');
    expect(said(blind, 'CapacityAvailable')).toEqual([
      'Unknown',
      'CapacityUnknown',
      'nodes cannot be read (nodes is forbidden)',
    ]);
    const never = plan({ ...EDITED, annotations: GATE, observed: running(unknown('not looked at')) });
    expect(never.status?.reconciliationStatus?.state).toBe('UPGRADING');
  });

  it('does not stand in the way of a suspension, or of a stop that was begun', () => {
    const suspended = plan({
      recorded: {},
      spec: { ...LARGE, job: { state: 'suspended' } },
      annotations: GATE,
      observed: running(capacity()),
    });
    expect(suspended.status?.reconciliationStatus?.lastReconciledSpec).toContain('suspended');
    const begun = plan({
      recorded: {},
      spec: LARGE,
      state: 'UPGRADING',
      annotations: GATE,
      observed: { capacity: capacity() },
    });
    expect(begun.because).not.toBe('WaitingForCapacity');
  });

  it('refuses any other value, and the job goes on', () => {
    const decided = plan({ ...EDITED, annotations: { 'weir.dev/capacity-gate': 'yes' } });
    expect(actionsOf(decided)).toEqual([]);
    expect(said(decided, 'Stalled')).toEqual([
      'True',
      'ValidationError',
      'metadata.annotations["weir.dev/capacity-gate"]: "yes" is not valid, it must be "wait", or not be there',
    ]);
  });
});

describe('without the gate', () => {
  it('the upgrade goes on and the condition says what will not fit', () => {
    const decided = plan(EDITED);
    expect(decided.status?.reconciliationStatus?.state).toBe('UPGRADING');
    expect(decided.because).not.toBe('WaitingForCapacity');
    expect(said(decided, 'CapacityAvailable')).toEqual(['False', 'NoNodeLargeEnough', TOO_LARGE]);
    expect(decided.events.map(({ reason }) => reason)).toContain('NoNodeLargeEnough');
  });

  it('a first start does not wait for the answer', () => {
    const decided = plan({ recorded: false, observed: { capacity: unasked } });
    expect(actionsOf(decided)).toContain('create Deployment orders');
    expect([decided.surveyNewerThan, condition(decided, 'CapacityAvailable')]).toEqual([0, undefined]);
  });

  const stored = (status: 'True' | 'False', reason: string, message: string, ready: string): FlinkDeploymentStatus => ({
    conditions: [
      { type: 'CapacityAvailable', status, reason, message, observedGeneration: 3, lastTransitionTime: 't' },
      { type: ready, status: 'True', reason: 'x', message: 'x', observedGeneration: 3, lastTransitionTime: 't' },
    ],
  });

  it('asks nothing for what is at rest, or was found to fit for this generation', () => {
    const rests = plan({ observed: running(unasked) });
    expect([rests.surveyNewerThan, condition(rests, 'CapacityAvailable')]).toEqual([undefined, undefined]);
    const starts = plan({
      observed: { jobManager, capacity: unasked },
      status: stored('True', 'Fits', 'it fits', 'Reconciling'),
    });
    expect([starts.surveyNewerThan, said(starts, 'CapacityAvailable')]).toEqual([
      undefined,
      ['True', 'Fits', 'it fits'],
    ]);
  });

  it('looks again once a minute while it does not come up, and tells of the same shortage once', () => {
    const status = stored('False', 'NoNodeLargeEnough', 'so and so', 'Reconciling');
    const at = (takenAt: number): FlinkPlan =>
      plan({ spec: LARGE, status, observed: { jobManager, capacity: capacity({ takenAt }) } });
    const now = NOW.getTime();
    const [soon, late] = [at(now - 60_000), at(now - 60_001)];
    expect([soon.surveyNewerThan, late.surveyNewerThan]).toEqual([undefined, now - 60_001]);
    expect(said(soon, 'CapacityAvailable')).toEqual(['False', 'NoNodeLargeEnough', TOO_LARGE]);
    expect(said(late, 'CapacityAvailable')?.[2]).toBe('so and so');
    expect([...soon.events, ...late.events].filter(({ reason }) => reason === 'NoNodeLargeEnough')).toEqual([]);
  });

  it('what came to run after all did fit', () => {
    const status = stored('False', 'NotEnoughFree', 'so and so', 'Ready');
    expect(said(plan({ status, observed: running(unasked) }), 'CapacityAvailable')).toEqual([
      'True',
      'Fits',
      'all pods found their place',
    ]);
  });
});
