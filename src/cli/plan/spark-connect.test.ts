import { describe, expect, it } from 'vitest';
import { decideConnect } from '../../spark/connect/decide.ts';
import { UNSEEN } from '../../spark/connect/observed.ts';
import { connectSituation } from '../../spark/connect/situation.ts';
import { aSparkConnect, type ConnectOverrides } from '../../spark/connect/testing.ts';
import type { ResourcePlan } from './report.ts';
import { planSparkConnect } from './spark-connect.ts';

const now = new Date('2026-01-02T03:04:05Z');

function plan(overrides: ConnectOverrides): ResourcePlan {
  const wanted = aSparkConnect(overrides);
  return planSparkConnect({ source: 'f.yaml', wanted, live: undefined, compared: false }, { now });
}

/** The plan for an edit of `aSparkConnect`, which was started. */
function edit(overrides: ConnectOverrides): ResourcePlan {
  const { status = {} } = decideConnect(connectSituation(aSparkConnect(), UNSEEN, now));
  const subject = {
    source: 'f.yaml',
    wanted: aSparkConnect(overrides),
    live: aSparkConnect({ status }),
    compared: true,
  };
  return planSparkConnect(subject, { now });
}

describe('the plan for a SparkConnect', () => {
  it('says what there would be, how big it is and where clients connect', () => {
    const planned = plan({});
    expect(planned).toMatchObject({ kind: 'SparkConnect', name: 'query', decision: 'create', pods: 3 });
    const names = planned.objects.map(({ kind, name }) => `${kind} ${name}`);
    expect(names[0]).toBe('Service query-server');
    expect(names).toContain('Pod query-server');
    expect(names.filter((name) => name.endsWith('-ui-svc'))).toEqual([]);
    expect(planned.configuration.find(({ key }) => key === 'spark.executor.instances')?.value).toBe('2');
  });

  it('says what an edit does', () => {
    expect(edit({})).toMatchObject({ decision: 'no-op', reason: 'NoDifference' });
    expect(edit({ spec: { server: { service: { metadata: { name: 'sql' } } } } })).toMatchObject({ decision: 'no-op' });
    expect(edit({ spec: { sparkConf: { 'spark.a': 'b' } } })).toMatchObject({
      decision: 'restart',
      reason: 'SpecChanged',
    });
  });

  it('warns of what nothing is done with', () => {
    const template = { spec: { nodeNam: 'a' } } as object;
    const { decision, warnings } = plan({ spec: { sparkConf: { sparkle: 'x' }, server: { template } } });
    expect(decision).toBe('create');
    expect(warnings.map((warning) => warning.split(': ')[0])).toEqual([
      'spec.sparkConf.sparkle',
      'spec.server.template.spec.nodeNam',
    ]);
  });

  it('refuses with every broken rule, in the words of a SparkConnect', () => {
    const planned = plan({ spec: { server: { memory: '12xb' }, executor: { instances: -1 } } });
    expect(planned).toMatchObject({ decision: 'refuse', reason: 'ValidationError', pods: null, objects: [] });
    expect(planned.issues.map(({ path }) => path)).toEqual(['spec.executor.instances', 'spec.server.memory']);
  });
});
