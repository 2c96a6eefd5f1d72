import { describe, expect, it } from 'vitest';
import { totalRequests } from '../core/capacity/demand.ts';
import { podRequests } from '../core/capacity/pod-shape.ts';
import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { aCluster, aNode } from '../core/capacity/testing.ts';
import { type Fact, known, unasked, unknown } from '../core/fact.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import { type Condition, findCondition } from '../kube/conditions.ts';
import type { SparkPlan } from './decide.ts';
import { applicationPods } from './demand.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { actionsOf, driver, type Given, NOW, plan, podOf } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';

const GATE = { 'weir.dev/capacity-gate': 'wait' };

/** A cluster of one node, as it was so many seconds ago. */
function cluster(cpu: string, memory: string, secondsAgo = 1): Fact<ClusterCapacity> {
  const takenAt = NOW.getTime() - secondsAgo * 1000;
  return known(aCluster([aNode('n1', { cpu, memory })], [], { takenAt }));
}

const LARGE = cluster('32', '64Gi');
const SMALL = cluster('2', '64Gi');

function gated(given: Given, capacity: Fact<ClusterCapacity>): SparkPlan {
  return plan({ annotations: GATE, ...given, observed: { ...given.observed, capacity } });
}

const condition = ({ status }: SparkPlan, type: string) =>
  findCondition((status?.conditions ?? []) as readonly Condition[], type);
const stateOf = ({ status }: SparkPlan) => status?.applicationState?.state;

const NO_PLACE = {
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }],
};

describe('the pods of an application', () => {
  const groups = (spec: DeepPartial<SparkApplicationSpec>) =>
    applicationPods(aSparkApplication({ spec }), DEFAULT_SETTINGS);

  it('are the driver and the executors it starts with, by what their containers request', () => {
    const all = groups({ executor: { instances: 3, coreRequest: '500m', memoryOverhead: '100m' } });
    expect(all.map(({ role, count }) => [role, count])).toEqual([
      ['driver', 1],
      ['executor', 3],
    ]);
    const mib = 1024 ** 2;
    expect(all.map(({ shape }) => podRequests(shape))).toEqual([
      { cpu: 1000, memory: 896 * mib },
      { cpu: 500, memory: 612 * mib },
    ]);
    expect(totalRequests(all)).toEqual({ cpu: 2500, memory: (896 + 3 * 612) * mib });
  });

  it('count sidecars and GPUs, and go where selectors, tolerations and affinity let them', () => {
    const [, executor] = groups({
      nodeSelector: { zone: 'a' },
      executor: {
        gpu: { name: 'nvidia.com/gpu', quantity: 2 },
        tolerations: [{ key: 'spot', operator: 'Exists' }],
        sidecars: [{ name: 'shipper', image: 's', resources: { requests: { cpu: '250m' } } }],
      },
    });
    expect(executor?.shape.nodeSelector).toEqual({ zone: 'a' });
    expect(executor?.shape.tolerations).toMatchObject([{ key: 'spot' }]);
    expect(podRequests(executor?.shape as never)).toMatchObject({ cpu: 1250, 'nvidia.com/gpu': 2 });
  });

  it('are as many as dynamic allocation starts with, which may be none', () => {
    const count = (dynamicAllocation: object) =>
      groups({ executor: { instances: undefined }, dynamicAllocation: { enabled: true, ...dynamicAllocation } })[1]
        ?.count;
    expect(count({ initialExecutors: 4, maxExecutors: 10 })).toBe(4);
    expect(count({})).toBe(0);
  });
});

describe('under the gate', () => {
  it('nothing is made before it is known what the cluster can give', () => {
    const asked = gated({ state: '' }, unasked);
    expect(asked.actions).toEqual([]);
    expect(stateOf(asked)).toBe('');
    expect(asked.surveyNewerThan).toBe(0);
    expect(condition(asked, 'Reconciling')).toMatchObject({
      reason: 'WaitingForCapacity',
      message: 'asking what the cluster can give',
    });
    const old = gated({ state: '' }, cluster('32', '64Gi', 60));
    expect(old.actions).toEqual([]);
    expect(old.surveyNewerThan).toBe(NOW.getTime() - 60_000);
  });

  it('an application that fits is submitted, and the condition has the sums', () => {
    const decided = gated({ state: '' }, LARGE);
    expect(stateOf(decided)).toBe('SUBMITTED');
    expect(actionsOf(decided)).toContain('create Pod pi-driver');
    expect(condition(decided, 'CapacityAvailable')).toMatchObject({ status: 'True', reason: 'Fits' });
  });

  it('one that does not fit waits, says by how much, and looks again', () => {
    const decided = gated({ state: '' }, SMALL);
    expect(decided.actions).toEqual([]);
    expect(stateOf(decided)).toBe('');
    expect(decided).toMatchObject({ because: 'WaitingForCapacity', requeueAfterMs: 10_000 });
    const found = condition(decided, 'CapacityAvailable');
    expect(found).toMatchObject({ status: 'False', reason: 'NotEnoughFree' });
    expect(found?.message).toContain('executor pod');
    expect(condition(decided, 'Ready')).toMatchObject({ status: 'False', reason: 'WaitingForCapacity' });
    expect(decided.events).toContainEqual(
      expect.objectContaining({ type: 'Warning', reason: 'NotEnoughFree', message: found?.message }),
    );
    const again = gated({ state: '', status: decided.status ?? {} }, SMALL);
    expect(again.actions).toEqual([]);
  });

  it('what a quota would refuse waits too', () => {
    const quota = { name: 'q', hard: { 'requests.cpu': 2000 }, used: {}, scopes: [] };
    const capacity = known({
      ...(LARGE.kind === 'known' ? LARGE.value : aCluster([])),
      quotas: known([quota] as never),
    });
    const decided = gated({ state: '' }, capacity);
    expect(decided.actions).toEqual([]);
    expect(condition(decided, 'CapacityAvailable')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
  });

  it('what runs goes on while its new spec would not fit', () => {
    const given: Given = {
      recorded: {},
      spec: { executor: { instances: 50 } },
      observed: { drivers: [driver('Running')] },
    };
    const decided = gated(given, LARGE);
    expect(decided.actions).toEqual([]);
    expect(stateOf(decided)).toBe('RUNNING');
    expect(condition(decided, 'Reconciling')?.reason).toBe('WaitingForCapacity');
    expect(actionsOf(plan({ ...given }))).toEqual(['delete Pod pi-driver']);
  });

  it.each(['PENDING_RERUN', 'SUSPENDED', 'SUBMISSION_FAILED', 'COMPLETED'] as const)(
    'what is %s and to be submitted waits',
    (state) => {
      const restartPolicy = { type: 'Always' } as const;
      const given = { state, spec: { restartPolicy }, recorded: state === 'COMPLETED' ? {} : { restartPolicy } };
      expect(actionsOf(plan(given))).toContain('create Pod pi-driver');
      const held = gated(given, SMALL);
      expect(held.actions).toEqual([]);
      expect(stateOf(held)).toBe(state);
    },
  );

  it('its own pods count as free, and what has ended or is suspended asks nothing', () => {
    expect(gated({ state: 'COMPLETED', observed: { drivers: [driver('Succeeded')] } }, unasked).surveyNewerThan).toBe(
      undefined,
    );
    expect(gated({ state: '', spec: { suspend: true } }, unasked).surveyNewerThan).toBeUndefined();
  });

  it('an answer that cannot be had opens it', () => {
    const decided = gated({ state: '' }, unknown('nodes is forbidden'));
    expect(actionsOf(decided)).toContain('create Pod pi-driver');
  });

  it('says no other word than wait', () => {
    const decided = plan({ state: '', annotations: { 'weir.dev/capacity-gate': 'yes' } });
    expect(decided.status?.applicationState?.errorMessage).toBe(
      'metadata.annotations["weir.dev/capacity-gate"]: "yes" is not valid, it must be "wait", or not be there',
    );
  });
});

describe('without the gate', () => {
  it('nothing is asked at a submission, nor while all pods find a place', () => {
    for (const given of [{ state: '' }, { observed: { drivers: [driver('Running')] } }] as const) {
      const decided = plan({
        ...given,
        observed: { ...('observed' in given ? given.observed : {}), capacity: unasked },
      });
      expect(decided.surveyNewerThan).toBeUndefined();
      expect(condition(decided, 'CapacityAvailable')).toBeUndefined();
    }
  });

  it('the sums are told of a driver or an executor that Kubernetes finds no place for', () => {
    const stuck = { drivers: [driver('Pending', NO_PLACE)] };
    expect(plan({ state: 'SUBMITTED', observed: { ...stuck, capacity: unasked } }).surveyNewerThan).toBe(0);
    const decided = plan({ state: 'SUBMITTED', observed: { ...stuck, capacity: SMALL } });
    expect(condition(decided, 'CapacityAvailable')).toMatchObject({ status: 'False', reason: 'NotEnoughFree' });
    expect(stateOf(decided)).toBe('SUBMITTED');
    expect(decided.because).toBe('Unschedulable');
    const executors = [podOf('executor', 'pi-exec-1', { phase: 'Pending', ...NO_PLACE })];
    const running = { drivers: [driver('Running')], executors, capacity: SMALL };
    expect(condition(plan({ observed: running }), 'CapacityAvailable')?.status).toBe('False');
  });

  it('and are taken back once all of them run', () => {
    const stuck = plan({
      state: 'SUBMITTED',
      observed: { drivers: [driver('Pending', NO_PLACE)], capacity: SMALL },
    });
    const before = { status: { conditions: stuck.status?.conditions ?? [] } };
    const pending = [podOf('executor', 'pi-exec-1', { phase: 'Pending' })];
    const waits = plan({ ...before, observed: { drivers: [driver('Running')], executors: pending } });
    expect(condition(waits, 'CapacityAvailable')?.status).toBe('False');
    const runs = plan({ ...before, observed: { drivers: [driver('Running')] } });
    expect(condition(runs, 'CapacityAvailable')).toMatchObject({
      status: 'True',
      message: 'all pods found their place',
    });
  });
});
