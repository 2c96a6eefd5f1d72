import { describe, expect, it } from 'vitest';
import { type Fact, known, unasked, unknown } from '../../core/fact.ts';
import { findCondition } from '../../kube/conditions.ts';
import type { JobFacts, JobManagerAnswer, RequirementsFacts } from '../observed.ts';
import { encodeSpec } from '../record.ts';
import { aSessionCluster } from '../testing.ts';
import { decide, type SessionJobPlan } from './decide.ts';
import type { FlinkSessionJobSpec, FlinkSessionJobStatus } from './schema.ts';
import { type SessionJobEffect, situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const JOB = 'a'.repeat(32);
const ADAPTIVE = { 'jobmanager.scheduler': 'adaptive' };
const DIRS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };

interface Given {
  /** Sizes of vertices that were recorded, and those wanted now. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Further options of the job. */
  readonly options?: object;
  /** What differs besides. */
  readonly job?: FlinkSessionJobSpec['job'];
  readonly status?: FlinkSessionJobStatus;
  readonly rest?: Fact<JobManagerAnswer>;
  /** Options of the session. */
  readonly session?: object;
  readonly flinkVersion?: 'v1_17' | 'v2_0';
}

function specOf(sizes: string | undefined, options: object = {}, job: FlinkSessionJobSpec['job'] = {}) {
  const set = sizes === undefined ? {} : { 'pipeline.jobvertex-parallelism-overrides': sizes };
  return aSessionJob({
    spec: { job: { upgradeMode: 'savepoint', ...job }, flinkConfiguration: { ...options, ...set } },
  }).spec;
}

function sessionWith(flinkConfiguration: object, flinkVersion: Given['flinkVersion']) {
  const cluster = aSessionCluster({ spec: { flinkConfiguration: { ...DIRS, ...flinkConfiguration }, flinkVersion } });
  const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(cluster.spec, 'running', false) };
  return { ...cluster, status: { jobManagerDeploymentStatus: 'READY', reconciliationStatus } };
}

function answer(state: JobFacts['state'] = 'RUNNING', more: Partial<JobManagerAnswer> = {}): Fact<JobManagerAnswer> {
  const job: JobFacts = {
    id: JOB,
    name: 'clicks',
    state,
    startTime: 1,
    lastModification: 1,
    tasks: { total: 2, active: 2 },
    vertices: [],
    exception: undefined,
  };
  return known({ flinkVersion: '2.0.0', flinkRevision: 'abc', jobs: [{ id: JOB, state }], job, ...more });
}

/** A job that runs on a session with the adaptive scheduler, and its user's change of the sizes of its vertices. */
function plan({ from, to, options, job, status, rest = answer(), ...given }: Given): SessionJobPlan {
  const resource = aSessionJob({
    metadata: { generation: 3, finalizers: ['flinksessionjobs.flink.apache.org/finalizer'] },
  });
  const recorded = {
    ...status,
    jobStatus: { jobId: JOB, state: 'RUNNING' },
    reconciliationStatus: {
      state: 'DEPLOYED',
      lastReconciledSpec: encodeSpec(specOf(from, options), 'running', false),
      reconciliationTimestamp: 1000,
    },
  } as const;
  const session = sessionWith(given.session ?? ADAPTIVE, given.flinkVersion ?? 'v2_0');
  const seen = { ...resource, spec: specOf(to, options, job), status: recorded };
  const situation = situationOf(seen, { session, rest }, NOW, { flinkConfiguration: {} });
  return decide(situation, { fast: 250, slow: 10_000 });
}

function effectsOf({ actions }: SessionJobPlan): readonly SessionJobEffect[] {
  return actions.flatMap((action) => (action.kind === 'effect' ? [action.effect] : []));
}

const asked = { jobId: JOB, vertices: { v: 4 }, askedAt: NOW.getTime(), attempts: 1 };
const later = { ...asked, askedAt: NOW.getTime() - 5000 };

describe('a job on a session with the adaptive scheduler', () => {
  it.each(['savepoint', 'stateless'] as const)('is rescaled in mode %s, which is recorded first', (upgradeMode) => {
    const decided = plan({ from: 'v:2', to: 'v:4,w:3', job: { upgradeMode } });
    expect(effectsOf(decided)).toEqual([{ kind: 'rescale', jobId: JOB, vertices: { v: 4, w: 3 } }]);
    expect(decided.status).toMatchObject({
      scaling: { jobId: JOB, vertices: { v: 4, w: 3 }, attempts: 1 },
      reconciliationStatus: { state: 'DEPLOYED' },
      jobStatus: { jobId: JOB, state: 'RUNNING' },
      lifecycleState: 'DEPLOYED',
    });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('v:4,w:3');
    expect(findCondition(decided.status?.conditions, 'Reconciling')?.reason).toBe('Scaling');
    expect(decided.events.map(({ reason }) => reason)).toContain('Scaling');
  });

  function asking(requirements: RequirementsFacts | undefined, scaling: object): SessionJobPlan {
    const rest = answer('RUNNING', requirements === undefined ? {} : { requirements });
    return plan({ from: 'v:4', to: 'v:4', status: { scaling }, rest });
  }

  it('is rescaled once Flink says so', () => {
    const decided = asking({ kind: 'known', bounds: { v: { lower: 1, upper: 4 } } }, asked);
    expect(decided).toMatchObject({ because: 'JobRunning', actions: [], status: { lifecycleState: 'STABLE' } });
    expect(decided.status).not.toHaveProperty('scaling');
  });

  it('is asked for again until Flink has it, and is not stable before', () => {
    const waiting = asking(undefined, asked);
    expect(waiting.actions).toEqual([]);
    expect(waiting.status).toMatchObject({ scaling: asked, lifecycleState: 'DEPLOYED' });
    const again = asking({ kind: 'known', bounds: { v: { lower: 1, upper: 2 } } }, later);
    expect(effectsOf(again)).toEqual([{ kind: 'rescale', jobId: JOB, vertices: { v: 4 } }]);
    expect(again.status?.scaling?.attempts).toBe(2);
  });

  it('is scaled back when its user thinks better of it', () => {
    const back = plan({ from: 'v:4', to: 'v:2', status: { scaling: asked } });
    expect(effectsOf(back)).toEqual([{ kind: 'rescale', jobId: JOB, vertices: { v: 2 } }]);
    expect(back.status?.scaling).toMatchObject({ vertices: { v: 2 }, attempts: 1 });
  });

  it.each<[string, RequirementsFacts | undefined, object]>([
    ['of this scheduler', { kind: 'refused', why: 'of this scheduler' }, asked],
    ['Flink was asked 4 times and does not do it', undefined, { ...later, attempts: 4 }],
  ])('is upgraded by its mode once it is recorded why not: %s', (why, requirements, scaling) => {
    const decided = asking(requirements, scaling);
    expect(decided).toMatchObject({ because: 'ScalingFailed', actions: [], status: { scaling: { failed: why } } });
    const next = plan({ from: 'v:4', to: 'v:4', status: decided.status ?? {} });
    expect(effectsOf(next)).toMatchObject([{ kind: 'stop-with-savepoint', jobId: JOB }]);
  });

  it.each<[string, Given]>([
    ['a size that is not set any more', { from: 'v:2,w:2', to: 'v:2' }],
    [
      'a session with another scheduler, whatever the job says',
      { from: 'v:2', to: 'v:4', session: {}, options: ADAPTIVE },
    ],
    ['Flink before 1.18', { from: 'v:2', to: 'v:4', flinkVersion: 'v1_17' }],
    ['other arguments too', { from: 'v:2', to: 'v:4', job: { args: ['2'] } }],
    ['another parallelism of the whole job', { from: 'v:2', to: 'v:2', job: { parallelism: 7 } }],
    [
      'scaling in place switched off',
      { from: 'v:2', to: 'v:4', options: { 'kubernetes.operator.job.upgrade.inplace-scaling.enabled': 'false' } },
    ],
  ])('is upgraded by its mode for %s', (_name, given) => {
    const decided = plan(given);
    expect(effectsOf(decided)).toMatchObject([{ kind: 'stop-with-savepoint', jobId: JOB }]);
    expect(decided.status).not.toHaveProperty('scaling');
  });

  it.each([
    ['was not asked yet', unasked],
    ['does not answer just now', unknown('a time-out')],
  ])('goes on as it is while its session %s', (_name, rest) => {
    const decided = plan({ from: 'v:2', to: 'v:4', rest });
    expect(decided).toMatchObject({ because: 'WaitingForJobManager', actions: [] });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('v:2');
  });
});
