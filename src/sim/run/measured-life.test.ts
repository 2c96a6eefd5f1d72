import { describe, expect, it } from 'vitest';
import type { Access } from '../../core/reconciler.ts';
import { createFlinkReconciler, FLINK_ACCESS } from '../../flink/controller.ts';
import { measuredFlink } from '../../flink/measured.ts';
import { FLINK_API_VERSION } from '../../flink/schema.ts';
import { SNAPSHOT_ACCESS } from '../../flink/snapshot/controller.ts';
import { keyOf } from '../../kube/object.ts';
import { createFlinkChanges } from '../../metrics/flink-changes.ts';
import { createIncumbentFlinkMetrics } from '../../metrics/incumbent-flink.ts';
import { readRegistry } from '../../metrics/testing.ts';
import { createController } from '../../runtime/controller.ts';
import { flinkProcesses } from '../flink/flink.ts';
import { FlinkWorld } from '../flink/world.ts';
import { createSimulation } from '../kube/simulation.ts';
import { flinkDeployment } from './flink-deployment.ts';

const EVENTS: Access = { group: '', resources: ['events'], verbs: ['create', 'patch'], why: 'tell what was done' };
const KINDS = ['FlinkDeployment', 'FlinkSessionJob', 'FlinkStateSnapshot'].map((kind) => ({
  apiVersion: FLINK_API_VERSION,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
}));
const SAVEPOINT_MS = 8_000;

/** A simulated cluster whose FlinkDeployment is measured as the operator does. */
function measuredLife() {
  const world = new FlinkWorld({ timing: { savepoint: SAVEPOINT_MS } });
  const read = readRegistry();
  const simulation = createSimulation({
    seed: 1,
    kinds: KINDS,
    access: [...FLINK_ACCESS, ...SNAPSHOT_ACCESS, EVENTS],
    startProcess: flinkProcesses(world),
    controllers: (parts) => {
      const common = { registry: read.registry, leads: () => true, now: () => parts.time.now() };
      const changes = createFlinkChanges(common);
      const incumbent = createIncumbentFlinkMetrics({ ...common, operator: { host: 'h', namespace: 'n', name: 'o' } });
      parts.caches.watch({ kind: { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment' } }, (event) => {
        const key = keyOf(event.object.metadata);
        const is = event.type === 'deleted' ? undefined : measuredFlink(event.object);
        changes(key, is);
        incumbent.resource(key, is);
      });
      const defaults = () => ({ flinkConfiguration: {} });
      const probe = { fast: 500, slow: 10_000 };
      return [createController({ ...parts, reconciler: createFlinkReconciler({ http: parts.http, defaults, probe }) })];
    },
  });
  return { ...read, simulation };
}

describe('what is measured of a life', () => {
  it('is each change once, by its cause and what it started from', async () => {
    const { simulation, value, lines } = measuredLife();
    const { user } = simulation;
    const ref = { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', namespace: 'default', name: 'orders' };
    const edit = (spec: object) => user.patch(ref, { spec });
    simulation.operator.start();
    user.create(flinkDeployment({ mode: 'native', upgradeMode: 'savepoint' }));
    await simulation.advance(120_000);
    edit({ image: 'jobs:2' });
    await simulation.advance(120_000);
    user.delete({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'orders' });
    await simulation.advance(120_000);
    edit({ job: { state: 'suspended' } });
    await simulation.advance(120_000);
    edit({ job: { state: 'running' } });
    await simulation.advance(120_000);
    const counted = async (name: string): Promise<Record<string, number>> => {
      const series = await lines(`weir_flink_${name}_duration_seconds_count{kind="FlinkDeployment",`);
      return Object.fromEntries(
        series.map((line) => {
          const [, what = '', mode = '', count] = /(?:change|phase)="(.*)",mode="(.*)"\} (\d+)$/.exec(line) ?? [];
          return [`${what} ${mode}`, Number(count)];
        }),
      );
    };
    expect(await counted('change')).toEqual({
      'start stateless': 1,
      'upgrade savepoint': 1,
      'recovery last-state': 1,
      'resume savepoint': 1,
    });
    expect(await counted('phase')).toEqual({
      'starting stateless': 1,
      'stopping savepoint': 2,
      'starting savepoint': 2,
      'restarting last-state': 1,
      'starting last-state': 1,
      'suspended savepoint': 1,
    });
    const stopping = 'weir_flink_phase_duration_seconds_sum{kind="FlinkDeployment",phase="stopping",mode="savepoint"}';
    expect(await value(stopping)).toBeGreaterThanOrEqual((2 * SAVEPOINT_MS) / 1000);
    const incumbent = (what: string) =>
      value(
        `flink_k8soperator_namespace_Lifecycle_Transition_${what}_TimeSeconds_count{host="h",namespace="n",name="o",resourcens="default",resourcetype="FlinkDeployment"}`,
      );
    expect([await incumbent('Upgrade'), await incumbent('Resume')]).toEqual([2, 1]);
    expect(simulation.violations).toEqual([]);
  });
});
