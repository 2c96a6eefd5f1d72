import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createLeaderElection, type LeaderElection } from './leader-election.ts';
import { silentLogger } from './logger.ts';
import { createManualTime, type ManualTime } from './testing/manual-time.ts';
import { createMemoryApi, type MemoryApi } from './testing/memory-client.ts';

const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/weir/leases/leader';

interface Elector {
  readonly election: LeaderElection;
  readonly time: ManualTime;
  readonly onLost: ReturnType<typeof vi.fn<(why: string) => void>>;
  /** Sees the API fail before (`refuse`) or after (`lose`) a request was carried out. */
  fault: 'none' | 'refuse' | 'lose';
}

function elector(api: MemoryApi, identity: string, start?: number): Elector {
  const time = createManualTime(start);
  const onLost = vi.fn<(why: string) => void>();
  const fail = (when: Elector['fault']) => (): void => {
    if (made.fault === when) throw new Error('connection reset');
  };
  const client = api.client({ before: fail('refuse'), after: fail('lose') });
  const election = createLeaderElection({
    client,
    namespace: 'weir',
    name: 'leader',
    identity,
    time,
    log: silentLogger,
    onLost,
  });
  const made: Elector = { election, time, onLost, fault: 'none' };
  return made;
}

describe('leader election', () => {
  it('creates the lease with times the API server takes', async () => {
    const api = createMemoryApi();
    const one = elector(api, 'one', Date.UTC(2026, 0, 2, 3, 4, 5));
    await one.election.start();
    expect(one.election.leads()).toBe(true);
    expect(api.objects.get(LEASE_PATH)?.spec).toMatchObject({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      renewTime: '2026-01-02T03:04:05.000000Z',
      leaseTransitions: 0,
    });
  });

  it('hands the lease over on release, and the next takes it within a second', async () => {
    const api = createMemoryApi();
    const [one, two] = [elector(api, 'one'), elector(api, 'two')];
    await one.election.start();
    void two.election.start();
    await two.time.advance(60_000 - 50_000);
    expect(two.election.leads()).toBe(false);
    const released = one.election.release();
    await one.time.settle();
    await released;
    expect(one.election.writeBudgetMs()).toBe(0);
    expect(one.onLost).not.toHaveBeenCalled();
    expect(api.objects.get(LEASE_PATH)?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    await two.time.advance(1_000);
    expect(two.election.leads()).toBe(true);
    expect(api.objects.get(LEASE_PATH)?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
  });

  it('takes the lease of a leader that is gone within its duration and a second', async () => {
    const api = createMemoryApi();
    const [one, two] = [elector(api, 'one'), elector(api, 'two')];
    await one.election.start();
    void two.election.start();
    await two.time.settle();
    // Its last renewal comes right after the other has looked.
    await one.time.advance(2_000);
    await two.time.advance(15_000);
    expect(two.election.leads()).toBe(false);
    await two.time.advance(1_100);
    expect(two.election.leads()).toBe(true);
  });

  it('renews with one request per round and no read', async () => {
    const api = createMemoryApi();
    const one = elector(api, 'one');
    await one.election.start();
    const before = api.requests.length;
    await one.time.advance(20_000);
    const renewals = api.requests.slice(before);
    expect(new Set(renewals.map(({ method }) => method))).toEqual(new Set(['PATCH']));
    expect(renewals.length).toBeGreaterThanOrEqual(10);
  });

  it('writes nothing after the renew deadline and ends at it when it cannot renew', async () => {
    const api = createMemoryApi();
    const one = elector(api, 'one');
    await one.election.start();
    one.fault = 'refuse';
    await one.time.advance(9_000);
    expect(one.election.writeBudgetMs()).toBeLessThanOrEqual(6_000);
    expect(one.election.writeBudgetMs()).toBeGreaterThan(0);
    expect(one.onLost).not.toHaveBeenCalled();
    await one.time.advance(1_000);
    expect(one.election.writeBudgetMs()).toBe(0);
    expect(one.onLost).toHaveBeenCalledTimes(1);
  });

  it('writes nothing after a sleep of the machine that only the wall clock shows', async () => {
    const one = elector(createMemoryApi(), 'one');
    await one.election.start();
    one.time.setWall(one.time.now() + 60_000);
    expect(one.election.writeBudgetMs()).toBe(0);
  });

  it('notices at its next renewal that somebody else holds the lease', async () => {
    const api = createMemoryApi();
    const one = elector(api, 'one');
    await one.election.start();
    const lease = api.objects.get(LEASE_PATH);
    if (lease)
      api.objects.set(LEASE_PATH, {
        ...lease,
        metadata: { ...lease.metadata, resourceVersion: '99' },
        spec: { holderIdentity: 'two' },
      });
    await one.time.advance(2_000);
    expect(one.onLost).toHaveBeenCalledWith('two holds the lease');
    expect(one.election.leads()).toBe(false);
  });

  it('never lets two write at once, whatever fails and however the clocks are set', async () => {
    const step = fc.record({
      who: fc.constantFrom(0, 1),
      fault: fc.constantFrom('none' as const, 'none' as const, 'refuse' as const, 'lose' as const),
      ms: fc.integer({ min: 100, max: 6_000 }),
    });
    const plans = fc.record({ steps: fc.array(step, { maxLength: 60 }), skew: fc.integer({ min: -1e9, max: 1e9 }) });
    await fc.assert(
      fc.asyncProperty(plans, async ({ steps, skew }) => {
        const api = createMemoryApi();
        const electors = [elector(api, 'one'), elector(api, 'two', 1_700_000_000_000 + skew)];
        for (const { election } of electors) void election.start();
        for (const { who, ...change } of steps) await moveOn(electors, electors[who], change);
        for (const { election } of electors) void election.release();
        for (const { time } of electors) await time.settle();
      }),
      { numRuns: 60 },
    );
  });
});

async function moveOn(
  electors: readonly Elector[],
  faulty: Elector | undefined,
  { fault, ms }: { fault: Elector['fault']; ms: number },
): Promise<void> {
  if (faulty) faulty.fault = fault;
  for (const { time } of electors) await time.advance(ms);
  expect(electors.filter(({ election }) => election.writeBudgetMs() > 0).length).toBeLessThanOrEqual(1);
}
