import { describe, expect, it } from 'vitest';
import { known } from '../../core/fact.ts';
import type { ObjectMeta } from '../../kube/object.ts';
import type { JobFacts, JobManagerAnswer } from '../observed.ts';
import { encodeSpec } from '../record.ts';
import { aSessionCluster, type DeepPartial } from '../testing.ts';
import { decide, type SessionJobPlan } from './decide.ts';
import type { FlinkSessionJobSpec, FlinkSessionJobStatus } from './schema.ts';
import { situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const JOB = 'a'.repeat(32);
const OPERATOR = '4bf7c1955ffe56e2106d666433eaf137';
const SAVEPOINT = 's3://b/s/savepoint-1';
const SPEC = { job: { upgradeMode: 'savepoint' } } as const;
const ONCE = { 'weir.dev/stateless-once': 'monday', 'weir.dev/once-args': '["--rewind"]' };
const TRACE = `java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint ${SAVEPOINT}. Cannot map checkpoint/savepoint state for operator ${OPERATOR} to the new program`;

const { spec: clusterSpec, ...cluster } = aSessionCluster({
  spec: { flinkConfiguration: { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' } },
});
const session = {
  ...cluster,
  spec: clusterSpec,
  status: {
    jobManagerDeploymentStatus: 'READY',
    reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(clusterSpec, 'running', false) },
  },
};

function answer(state: JobFacts['state']): JobManagerAnswer {
  const none = { taskName: undefined, endpoint: undefined, taskManagerId: undefined };
  const job: JobFacts = {
    id: JOB,
    name: 'clicks',
    state,
    startTime: 1,
    lastModification: 1,
    tasks: { total: 2, active: state === 'RUNNING' ? 2 : 0 },
    vertices: [],
    exception: { name: 'x', stackTrace: TRACE, timestamp: 1, ...none },
  };
  return { flinkVersion: '2.0.0', flinkRevision: 'abc', jobs: [{ id: JOB, state }], job };
}

interface Given {
  readonly spec?: DeepPartial<FlinkSessionJobSpec>;
  readonly status?: FlinkSessionJobStatus;
  readonly state?: JobFacts['state'];
  readonly annotations?: ObjectMeta['annotations'];
}

/** A pass over a job that was submitted from a savepoint; or over what a pass before recorded. */
function pass({ spec = SPEC, status, state = 'FAILED', annotations = {} }: Given): SessionJobPlan {
  const submitted: FlinkSessionJobStatus = {
    jobStatus: { jobId: JOB, state: 'RECONCILING', upgradeSavepointPath: SAVEPOINT },
    restore: { mode: 'savepoint', path: SAVEPOINT, declaredMode: 'savepoint', why: 'x' },
    reconciliationStatus: {
      state: 'DEPLOYED',
      lastReconciledSpec: encodeSpec(aSessionJob({ spec: SPEC }).spec, 'running', false),
      reconciliationTimestamp: 1000,
    },
  };
  const finalizers = ['flinksessionjobs.flink.apache.org/finalizer'];
  const resource = {
    ...aSessionJob({ metadata: { generation: 3, finalizers, annotations }, spec }),
    status: status ?? submitted,
  };
  const situation = situationOf(resource, { session, rest: known(answer(state)) }, NOW, { flinkConfiguration: {} });
  return decide(situation, { fast: 250, slow: 10_000 });
}

function recorded(): FlinkSessionJobStatus {
  const { status } = pass({});
  if (status === undefined) throw new Error('the failure was not recorded');
  return status;
}

function submitted({ actions }: SessionJobPlan): unknown {
  return actions.flatMap((action) =>
    action.kind === 'effect' && action.effect.kind === 'submit' ? [action.effect.submission.run] : [],
  )[0];
}

describe('a session job whose state cannot be restored', () => {
  it('is named with its operator, and left alone', () => {
    const decided = pass({});
    expect([decided.because, decided.actions]).toEqual(['RestoreFailed', []]);
    expect(decided.status).toMatchObject({
      lifecycleState: 'FAILED',
      jobStatus: { state: 'FAILED' },
      restore: { path: SAVEPOINT, failure: { kind: 'unmapped-state', operators: [OPERATOR], path: SAVEPOINT } },
    });
    expect(pass({ status: recorded() })).toMatchObject({ because: 'RestoreFailed', actions: [] });
  });

  it('is cancelled where it tries again and again', () => {
    const [action] = pass({ state: 'RESTARTING' }).actions;
    expect(action).toMatchObject({ kind: 'effect', effect: { kind: 'cancel-job', jobId: JOB } });
    expect(pass({ state: 'CANCELLING', status: recorded() })).toMatchObject({ because: 'RestoreFailed', actions: [] });
  });

  it('is submitted under another id without that state once this is allowed', () => {
    const run = submitted(pass({ status: recorded(), spec: { job: { ...SPEC.job, allowNonRestoredState: true } } }));
    expect(run).toMatchObject({ savepointPath: SAVEPOINT, allowNonRestoredState: true });
    expect(run).not.toMatchObject({ jobId: JOB });
  });

  it('goes back to the spec before from the same state', () => {
    const decided = pass({
      status: recorded(),
      spec: { job: { ...SPEC.job, jarURI: 'https://jars.example.com/before.jar' } },
    });
    expect(submitted(decided)).toMatchObject({ savepointPath: SAVEPOINT });
    expect(decided.status?.restore?.failure).toBeUndefined();
  });

  it('is submitted once without state, with arguments of its own, by annotation', () => {
    const decided = pass({ status: recorded(), annotations: ONCE });
    expect(submitted(decided)).toMatchObject({ programArgsList: ['--rewind'] });
    expect(submitted(decided)).not.toHaveProperty('savepointPath');
    expect(decided.status).toMatchObject({
      restore: { mode: 'stateless', declaredMode: 'savepoint' },
      statelessOnce: { token: 'monday', args: ['--rewind'], at: NOW.getTime() },
    });
  });
});

describe('weir.dev/stateless-once on a session job', () => {
  const edit = { job: { ...SPEC.job, parallelism: 4 } };

  it('makes the next upgrade stateless, once', () => {
    expect(pass({ state: 'RUNNING', spec: edit, annotations: ONCE }).because).toBe('CancellingJob');
    const ended = pass({ state: 'CANCELED', spec: edit, annotations: ONCE });
    expect(ended.status).toMatchObject({ restore: { mode: 'stateless' }, statelessOnce: { token: 'monday' } });
    const spent = { ...recorded(), statelessOnce: { token: 'monday', args: ['--rewind'], at: 1 } };
    const next = pass({ spec: edit, annotations: ONCE, status: spent });
    expect(submitted(next)).toMatchObject({ savepointPath: SAVEPOINT });
    expect(submitted(next)).not.toHaveProperty('programArgsList');
  });

  it('is refused with arguments that are no list, by name', () => {
    const annotations = { ...ONCE, 'weir.dev/once-args': 'x' };
    expect(JSON.stringify(pass({ state: 'RUNNING', annotations }).status?.conditions)).toContain(
      'must be a JSON list of strings',
    );
  });
});
