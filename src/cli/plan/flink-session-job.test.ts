import { describe, expect, it } from 'vitest';
import { encodeSpec } from '../../flink/record.ts';
import type { FlinkSessionJob } from '../../flink/session-job/schema.ts';
import { aSessionJob, type SessionJobOverrides } from '../../flink/session-job/testing.ts';
import { STATELESS_ONCE_ANNOTATION } from '../../flink/stateless-once.ts';
import { leftResource } from '../../flink/testing/incumbent.ts';
import { aSessionCluster, type FlinkDeploymentOverrides } from '../../flink/testing.ts';
import type { KubeObject } from '../../kube/object.ts';
import { planSessionJob } from './flink-session-job.ts';
import type { ResourcePlan } from './report.ts';

type SpecChange = NonNullable<SessionJobOverrides['spec']>;

const context = { defaults: { flinkConfiguration: {} }, now: new Date('2026-01-02T03:04:05Z') };

const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };

/** A session as the operator left it, its JobManager ready. */
function session(spec: NonNullable<FlinkDeploymentOverrides['spec']> = {}): KubeObject {
  const deployment = aSessionCluster({ spec });
  const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(deployment.spec, 'running', false) };
  return { ...deployment, status: { jobManagerDeploymentStatus: 'READY', reconciliationStatus } };
}

/** A job as the operator left it: submitted, with its spec recorded as running or suspended. */
function submitted(spec: SpecChange = {}): FlinkSessionJob {
  const job = aSessionJob({ spec });
  const jobState = job.spec.job?.state === 'suspended' ? 'suspended' : 'running';
  const reconciliationStatus = {
    state: 'DEPLOYED' as const,
    lastReconciledSpec: encodeSpec(job.spec, jobState, false),
  };
  return { ...job, status: { reconciliationStatus } };
}

function plan(spec: SpecChange, live?: FlinkSessionJob, onto: KubeObject | undefined = session()): ResourcePlan {
  const { status: _status, ...wanted } = aSessionJob({ spec });
  const subject = { source: 'f.yaml', wanted, live, compared: live !== undefined, session: onto };
  return planSessionJob(subject, context);
}

describe('the plan for a FlinkSessionJob', () => {
  it.each<[string, SpecChange, SpecChange, Partial<ResourcePlan>]>([
    ['nothing differs', {}, {}, { decision: 'no-op', reason: 'NoDifference', changes: [] }],
    [
      'parallelism differs',
      {},
      { job: { parallelism: 4 } },
      {
        decision: 'restart',
        changes: ['spec.job.parallelism'],
        parallelism: 4,
        message: 'the job is submitted anew, without state (spec.job.parallelism)',
      },
    ],
    ['the job is to be suspended', {}, { job: { state: 'suspended' } }, { decision: 'suspend', reason: 'Suspending' }],
    ['the job is to run again', { job: { state: 'suspended' } }, {}, { decision: 'resume', reason: 'Submitting' }],
    [
      'it stays suspended',
      { job: { state: 'suspended' } },
      { job: { state: 'suspended', parallelism: 4 } },
      { decision: 'no-op', reason: 'Suspended' },
    ],
    ['another session is named', {}, { deploymentName: 'other' }, { decision: 'refuse', reason: 'ValidationError' }],
  ])('says what is done where %s', (_, before, after, expected) => {
    expect(plan(after, submitted(before))).toMatchObject({ ...expected, pods: null, objects: [] });
  });

  it('says that state is given up where that is asked for once', () => {
    const spec = {
      job: { upgradeMode: 'savepoint' },
      flinkConfiguration: FOLDERS,
    } as const;
    const after = { ...spec, job: { ...spec.job, parallelism: 4 } };
    const message = (annotations: Readonly<Record<string, string>>): string => {
      const { status: _status, ...wanted } = aSessionJob({ spec: after, metadata: { annotations } });
      const subject = { source: 'f.yaml', wanted, live: submitted(spec), compared: true, session: session() };
      return planSessionJob(subject, context).message;
    };
    expect(message({})).toContain('from a savepoint that stops it');
    expect(message({ [STATELESS_ONCE_ANNOTATION]: 'now' })).toContain('without state');
  });

  it.each([[{}], [{ encoding: '1.10' as const }]])('leaves alone what the incumbent left, %j', (left) => {
    const live = leftResource({ kind: 'session job', ...left });
    const { status: _status, ...wanted } = live;
    const onto = leftResource({ kind: 'session cluster' });
    const planned = planSessionJob({ source: 'f.yaml', wanted, live, compared: true, session: onto }, context);
    expect(planned).toMatchObject({ decision: 'no-op', reason: 'NoDifference' });
  });

  it('says scale where vertices differ alone and the session can have that', () => {
    const flinkConfiguration = {
      'jobmanager.scheduler': 'adaptive',
      'high-availability.type': 'kubernetes',
      'high-availability.storageDir': 's3://b/ha',
    };
    const key = 'pipeline.jobvertex-parallelism-overrides';
    const sized = (sizes: string): SpecChange => ({ flinkConfiguration: { [key]: sizes } });
    const vertex = 'a'.repeat(32);
    const live = submitted(sized(`${vertex}:1`));
    expect(plan(sized(`${vertex}:2`), live, session({ flinkConfiguration })).decision).toBe('scale');
    expect(plan(sized(`${vertex}:2`), live).decision).toBe('restart');
  });

  it('says what a new one waits for', () => {
    expect(plan({})).toMatchObject({
      decision: 'create',
      reason: 'Submitting',
      message: 'submitted to session orders once that is ready',
    });
    const { status: _status, ...wanted } = aSessionJob();
    const alone = planSessionJob(
      { source: 'f.yaml', wanted, live: undefined, compared: false, session: undefined },
      context,
    );
    expect(alone).toMatchObject({
      decision: 'create',
      reason: 'SessionNotFound',
      message: 'it waits for session orders, which is not in these files; what depends on it was not checked',
    });
    expect(plan({ job: { state: 'suspended' } })).toMatchObject({ decision: 'no-op', reason: 'Suspended' });
  });

  it('names every broken rule, those of its session among them', () => {
    const { decision, issues } = plan({ job: { parallelism: 0 } });
    expect([decision, issues.map(({ path }) => path)]).toEqual(['refuse', ['spec.job.parallelism']]);
    const kept = { job: { upgradeMode: 'last-state' } } as const;
    expect(plan(kept).decision).toBe('refuse');
  });

  it('warns of what its session does not read or only that can have, as admission does', () => {
    const flinkConfiguration = { 'taskmanager.numberOfTaskSlots': '4' };
    const old = session({ flinkVersion: 'v1_16' });
    expect(plan({ flinkConfiguration }, undefined, old).warnings).toEqual([
      expect.stringContaining('have an effect only in FlinkDeployment orders'),
      expect.stringContaining('sessions take options of a job from Flink 1.17 on'),
    ]);
  });
});
