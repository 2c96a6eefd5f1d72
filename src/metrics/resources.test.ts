import { describe, expect, it } from 'vitest';
import { createResourceMetrics, type MeasuredResource } from './resources.ts';
import { readRegistry } from './testing.ts';

const KIND = { kind: 'FlinkDeployment', states: ['CREATED', 'UPGRADING', 'STABLE'] };
const JOB_STATES = ['RUNNING', 'RESTARTING'];
const CREATED = Date.parse('2026-02-03T04:00:00Z');
const NEW: MeasuredResource = {
  namespace: 'shop',
  name: 'orders',
  state: 'CREATED',
  notReady: 'Deploying',
  createdAt: CREATED,
};
const STABLE: MeasuredResource = { ...NEW, state: 'STABLE', notReady: undefined, job: 'RUNNING' };

function metricsOf({ maxResources = 10, leads = true } = {}) {
  const read = readRegistry();
  const clock = { at: CREATED, leads };
  const made = createResourceMetrics({
    registry: read.registry,
    maxResources,
    jobStates: JOB_STATES,
    leads: () => clock.leads,
    now: () => clock.at,
  });
  return { ...read, clock, made, change: made(KIND) };
}

describe('metrics of resources', () => {
  it('show the state of each as a set of states', async () => {
    const { change, value } = metricsOf();
    change('shop/orders', NEW);
    change('shop/orders', STABLE);
    const state = (word: string) =>
      value(`weir_resource_state{kind="FlinkDeployment",namespace="shop",name="orders",state="${word}"}`);
    expect(await Promise.all(KIND.states.map(state))).toEqual([0, 0, 1]);
    const job = (word: string) =>
      value(`weir_flink_job_state{kind="FlinkDeployment",namespace="shop",name="orders",state="${word}"}`);
    expect(await Promise.all(JOB_STATES.map(job))).toEqual([1, 0]);
    expect(await value('weir_resources{kind="FlinkDeployment",namespace="shop",state="STABLE"}')).toBe(1);
  });

  it('name those that are not ready with the reason, and only those', async () => {
    const { change, lines } = metricsOf();
    change('shop/orders', { ...STABLE, notReady: 'RestoreFailed' });
    change('shop/odd', { ...STABLE, name: 'odd', notReady: 'what "somebody" wrote' });
    expect(await lines('weir_resource_not_ready{')).toEqual([
      'weir_resource_not_ready{kind="FlinkDeployment",namespace="shop",name="orders",reason="RestoreFailed"} 1',
      'weir_resource_not_ready{kind="FlinkDeployment",namespace="shop",name="odd",reason="Other"} 1',
    ]);
    change('shop/orders', STABLE);
    change('shop/odd', undefined);
    expect(await lines('weir_resource_not_ready{')).toEqual([]);
  });

  it('go with their resource', async () => {
    const { change, lines } = metricsOf();
    change('shop/orders', { ...STABLE, notReady: 'RestoreFailed' });
    expect((await lines('weir_')).some((line) => line.includes('orders'))).toBe(true);
    change('shop/orders', undefined);
    expect((await lines('weir_')).filter((line) => line.includes('shop'))).toEqual([]);
  });

  it('are of no more resources than is allowed, which are counted all the same', async () => {
    const { change, lines, value } = metricsOf({ maxResources: 2 });
    for (const name of ['a', 'b', 'c', 'd']) change(`shop/${name}`, { ...STABLE, name });
    change('shop/d', { ...STABLE, name: 'd' });
    expect(await lines('weir_resource_state{')).toHaveLength(2 * KIND.states.length);
    expect(await value('weir_resource_series_omitted{kind="FlinkDeployment"}')).toBe(2);
    expect(await value('weir_resources{kind="FlinkDeployment",namespace="shop",state="STABLE"}')).toBe(4);
    for (const name of ['a', 'b', 'c']) change(`shop/${name}`, undefined);
    expect((await lines('weir_resource_state{')).some((line) => line.includes('name="d"'))).toBe(true);
    expect(await value('weir_resource_series_omitted{kind="FlinkDeployment"}')).toBe(0);
  });

  it('are of those that go on, and of the latest that ended, where there are too many', async () => {
    const { made, lines } = metricsOf({ maxResources: 2 });
    const change = made({ kind: 'SparkApplication', states: ['New', 'RUNNING', 'FAILED'], ended: ['FAILED'] });
    const is = (name: string, state: string): void => change(`shop/${name}`, { ...STABLE, name, state });
    for (const name of ['a', 'b', 'c']) is(name, 'FAILED');
    is('d', 'RUNNING');
    const shown = async () =>
      new Set((await lines('weir_resource_state{')).map((line) => /name="(.)"/.exec(line)?.[1]));
    expect(await shown()).toEqual(new Set(['d', 'c']));
    is('a', 'RUNNING');
    expect(await shown()).toEqual(new Set(['d', 'a']));
  });

  it('show a word that is none of the states as one that is none', async () => {
    const { change, value } = metricsOf();
    change('shop/orders', { ...STABLE, state: 'whatever' });
    expect(await value('weir_resources{kind="FlinkDeployment",namespace="shop",state="Other"}')).toBe(1);
  });

  it('keep kinds of the same name apart', async () => {
    const { change, made, value } = metricsOf();
    const other = made({ kind: 'FlinkSessionJob', states: KIND.states });
    change('shop/orders', STABLE);
    other('shop/orders', NEW);
    change('shop/orders', undefined);
    expect(await value('weir_resources{kind="FlinkSessionJob",namespace="shop",state="CREATED"}')).toBe(1);
  });

  it('tell how long a state lasted, from creation for the first one', async () => {
    const { change, clock, value } = metricsOf();
    change('shop/orders', NEW);
    clock.at += 4000;
    change('shop/orders', { ...NEW, state: 'UPGRADING' });
    clock.at += 20_000;
    change('shop/orders', { ...NEW, state: 'UPGRADING' });
    change('shop/orders', STABLE);
    const sum = (state: string) =>
      value(`weir_resource_state_duration_seconds_sum{kind="FlinkDeployment",state="${state}"}`);
    expect(await sum('CREATED')).toBe(4);
    expect(await sum('UPGRADING')).toBe(20);
    expect(await value('weir_flink_job_state_changes_total{kind="FlinkDeployment",state="RUNNING"}')).toBe(1);
  });

  it('say nothing of how long a state lasted that was there when the operator started', async () => {
    const { change, clock, lines } = metricsOf();
    change('shop/orders', STABLE);
    clock.at += 4000;
    change('shop/orders', { ...STABLE, state: 'UPGRADING' });
    expect(await lines('weir_resource_state_duration_seconds_count')).toEqual([]);
  });

  it('are told by the leader only, which knows what came before it led', async () => {
    const { change, clock, lines, value } = metricsOf({ leads: false });
    change('shop/orders', NEW);
    clock.at += 4000;
    expect(await lines('weir_resource_state{')).toEqual([]);
    clock.leads = true;
    expect(await lines('weir_resource_state{')).toHaveLength(KIND.states.length);
    change('shop/orders', STABLE);
    expect(await value('weir_resource_state_duration_seconds_sum{kind="FlinkDeployment",state="CREATED"}')).toBe(4);
    clock.leads = false;
    expect(await lines('weir_resource_state{')).toEqual([]);
  });
});
