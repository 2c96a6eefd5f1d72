import { describe, expect, it } from 'vitest';
import type { Access } from '../../core/reconciler.ts';
import { createController } from '../../runtime/controller.ts';
import { POD, THING, thing } from '../../runtime/testing/objects.ts';
import { convergingPlan, nothing, thingReconciler } from '../../runtime/testing/things.ts';
import type { SimProcess, StartProcess } from '../process.ts';
import type { Fault } from './faults.ts';
import { createSimulation, type Simulation } from './simulation.ts';

const ACCESS: readonly Access[] = [
  { group: 'test.weir.dev', resources: ['things'], verbs: ['get', 'list', 'watch', 'patch'], why: 'test' },
  { group: 'test.weir.dev', resources: ['things/status'], verbs: ['update'], why: 'test' },
  { group: '', resources: ['pods'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'], why: 'test' },
];

/** A process that runs until it is told to end. */
const sleeper: StartProcess = (_start, { changed }): SimProcess => {
  let code: number | undefined;
  return {
    ready: () => code === undefined,
    terminate() {
      code = 143;
      changed();
    },
    kill() {
      code ??= 137;
    },
    exitCode: () => code,
    http: async ({ path }) => ({ status: 200, body: { path } }),
  };
};

function thingSimulation(faults: readonly Fault[] = [], access = ACCESS): Simulation {
  return createSimulation({
    seed: 7,
    kinds: [{ ...THING, plural: 'things', namespaced: true }],
    access,
    startProcess: sleeper,
    faults,
    controllers: (parts) => [
      createController({
        ...parts,
        concurrency: 2,
        reconciler: thingReconciler((seen) => {
          const { metadata } = seen.resource;
          if (metadata.deletionTimestamp !== undefined) {
            return {
              ...nothing,
              actions: metadata.finalizers?.includes('weir/f')
                ? [{ kind: 'finalizer', op: 'remove', finalizer: 'weir/f', because: 'Deleted' }]
                : [],
            };
          }
          const plan = convergingPlan(seen);
          return {
            ...plan,
            actions: plan.actions.map((action) =>
              action.kind === 'apply'
                ? { ...action, object: { ...action.object, spec: { containers: [{ name: 'main', image: 'x' }] } } }
                : action,
            ),
          };
        }),
      }),
    ],
  });
}

async function life(faults: readonly Fault[] = []): Promise<Simulation> {
  const simulation = thingSimulation(faults);
  const { user, operator } = simulation;
  user.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
  user.create(thing('one'));
  operator.start();
  await simulation.settle();
  expect(user.get({ ...POD, namespace: 'a', name: 'one' })?.status).toMatchObject({ phase: 'Running' });
  expect(user.get({ ...THING, namespace: 'a', name: 'one' })?.status).toEqual({ pod: 'there' });
  user.delete({ ...THING, namespace: 'a', name: 'one' });
  await simulation.settle();
  return simulation;
}

describe('a simulation', () => {
  it('takes a resource from creation to a running pod and, deleted, to nothing left', async () => {
    const { user, violations, counts } = await life();
    expect([...user.list(THING), ...user.list(POD)]).toEqual([]);
    expect(violations).toEqual([]);
    expect(counts.write).toBe(5);
  });

  it('runs alike every time, whatever the plan', async () => {
    const faults: Fault[] = [
      { at: 'write', n: 2, fault: { kind: 'crash-after' } },
      { at: 'event', n: 3, fault: { kind: 'late', ms: 400 } },
    ];
    const [one, two] = [await life(faults), await life(faults)];
    expect(JSON.stringify(one.log)).toBe(JSON.stringify(two.log));
    expect(one.operator.lives).toBe(2);
  });

  it.each(
    [1, 2, 3, 4, 5].flatMap((n) =>
      (['crash-before', 'crash-after', 'lost'] as const).map((kind) => ({ at: 'write', n, fault: { kind } }) as const),
    ),
  )('comes to the same end: %j', async (fault) => {
    const { user, violations, log } = await life([fault]);
    expect([...user.list(THING), ...user.list(POD)]).toEqual([]);
    expect(violations).toEqual([]);
    expect(log.filter(({ text }) => text.includes(`[${fault.fault.kind}]`))).toHaveLength(1);
  });

  it.each(
    (['missed', 'twice', 'closed', 'gone'] as const).flatMap((kind) =>
      [1, 2, 3, 4].map((n) => ({ at: 'event', n, fault: { kind } }) as const),
    ),
  )('comes to the same end: %j', async (fault) => {
    const { user, violations } = await life([fault]);
    expect([...user.list(THING), ...user.list(POD)]).toEqual([]);
    expect(violations).toEqual([]);
  });

  it('refuses and reports what the operator may not do', async () => {
    const simulation = thingSimulation(
      [],
      ACCESS.slice(0, 2).concat({ ...(ACCESS[2] as Access), verbs: ['list', 'watch'] }),
    );
    simulation.user.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
    simulation.user.create(thing('one'));
    simulation.operator.start();
    await simulation.advance(5_000);
    expect(simulation.violations[0]).toBe(
      'pods is forbidden: User "system:serviceaccount:weir:weir" cannot create resource "pods" in API group "" in the namespace "a"',
    );
  });
});
