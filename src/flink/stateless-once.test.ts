import { describe, expect, it } from 'vitest';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import { CHECKPOINT_7, edited, seen } from './testing/edited.ts';
import { actionsOf, answer, condition, type Given, JOB, job, jobManager, NOW, plan } from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const SPEC: DeepPartial<FlinkDeploymentSpec> = {
  job: { upgradeMode: 'savepoint', args: ['--own'] },
  flinkConfiguration: { 'state.savepoints.dir': 's3://b/savepoints', 'state.checkpoints.dir': 's3://b/checkpoints' },
};
const EDITED = { ...SPEC, image: 'flink:next' };
const ONCE = { 'weir.dev/stateless-once': 'monday' };
const RUNS = { jobManager, rest: answer(job()) };
const SPENT: FlinkDeploymentStatus = { statelessOnce: { token: 'monday', args: [], at: 500 } };

function stalled(reason: string): FlinkDeploymentStatus {
  const base = { status: 'True' as const, reason, message: 'x', lastTransitionTime: NOW.toISOString() };
  return { conditions: [{ type: 'Stalled', ...base }] };
}

const upgrade = (given: Given = {}) =>
  plan({ spec: EDITED, recorded: SPEC, annotations: ONCE, observed: RUNS, ...given });

describe('weir.dev/stateless-once', () => {
  it('makes the next upgrade stateless, and is recorded as used before anything is taken down', () => {
    const decided = upgrade();
    expect(actionsOf(decided)).toEqual([`cancel-job ${JOB}`]);
    expect(decided.status).toMatchObject({
      restore: { mode: 'stateless', declaredMode: 'savepoint' },
      statelessOnce: { token: 'monday', args: [], at: NOW.getTime() },
    });
    expect(decided.status?.restore?.why).toContain('weir.dev/stateless-once is "monday"');
  });

  it('asks for nothing again under the same text, and for another start under a new one', () => {
    expect(upgrade({ status: SPENT }).because).toBe('TakingSavepoint');
    expect(upgrade({ status: SPENT, annotations: { 'weir.dev/stateless-once': 'tuesday' } }).because).toBe('Upgrading');
    expect(upgrade({ annotations: {} }).status?.statelessOnce).toBeUndefined();
  });

  it('waits for an upgrade while the job runs', () => {
    const decided = plan({ spec: SPEC, recorded: SPEC, annotations: ONCE, observed: RUNS });
    expect(decided.because).toBe('JobRunning');
    expect(decided.status?.statelessOnce).toBeUndefined();
  });

  it('starts a job at once that stands still', () => {
    const failed = { jobManager, rest: answer(job({ state: 'FAILED' })) };
    for (const reason of ['JobFailed', 'ManualRestoreRequired']) {
      const decided = plan({ spec: SPEC, annotations: ONCE, observed: failed, status: stalled(reason) });
      expect(decided.because).toBe('Upgrading');
      expect(decided.status).toMatchObject({ restore: { mode: 'stateless' }, statelessOnce: { token: 'monday' } });
    }
    const other = plan({ spec: SPEC, annotations: ONCE, observed: failed, status: stalled('ValidationError') });
    expect(other.because).toBe('JobFailed');
  });

  it('starts a job at once that could not be restored', () => {
    const failure = { kind: 'unmapped-state', operators: ['a'.repeat(32)], cause: 'x' } as const;
    const restore = { mode: 'savepoint', path: 's3://b/sp', declaredMode: 'savepoint', why: 'x', failure } as const;
    const jobStatus = { upgradeSavepointPath: 's3://b/sp' };
    const status = { ...stalled('RestoreFailed'), restore, jobStatus };
    const stuck: Given = { spec: SPEC, status, state: 'UPGRADING', jobState: 'suspended', mode: 'savepoint' };
    expect(plan(stuck).because).toBe('RestoreFailed');
    const decided = plan({ ...stuck, annotations: ONCE });
    expect(decided.because).toBe('Deploying');
    expect(decided.status).toMatchObject({ restore: { mode: 'stateless' }, statelessOnce: { token: 'monday' } });
  });

  it('is not used by a stop, nor by a start from a path that its user names', () => {
    const suspended = upgrade({ spec: { ...SPEC, job: { ...SPEC.job, state: 'suspended' } } });
    expect(suspended.because).toBe('TakingSavepoint');
    const named = { ...SPEC, job: { ...SPEC.job, savepointRedeployNonce: 1, initialSavepointPath: 's3://b/named' } };
    expect(upgrade({ spec: named }).status).toMatchObject({ restore: { path: 's3://b/named' } });
    expect(upgrade({ spec: named }).status?.statelessOnce).toBeUndefined();
  });

  it('stays used when the job is suspended, so that resuming keeps the state, the annotation still there', () => {
    const { recorded, spec } = edited('last-state');
    const suspended = { ...spec, job: { ...spec?.job, state: 'suspended' as const } };
    const observed = { ...seen('RUNNING'), haConfigMaps: CHECKPOINT_7 };
    const given: Given = { recorded: recorded || {}, annotations: ONCE };
    const stopped = plan({ ...given, spec: suspended, status: SPENT, observed });
    expect(stopped.status).toMatchObject({ restore: { mode: 'last-state' }, ...SPENT });
    const resumed = plan({
      ...given,
      recorded: suspended,
      jobState: 'suspended',
      mode: 'last-state',
      spec: spec ?? {},
      status: stopped.status ?? {},
      observed: { haConfigMaps: CHECKPOINT_7 },
    });
    expect(resumed.status).toMatchObject({ restore: { mode: 'last-state' }, ...SPENT });
  });

  it('is used up by a start that finds its high-availability data gone', () => {
    const { spec = {} } = edited('last-state');
    const start: Given = { spec, recorded: spec, state: 'UPGRADING', jobState: 'suspended', mode: 'last-state' };
    const decided = plan({ ...start, annotations: ONCE });
    expect(decided.status).toMatchObject({ restore: { mode: 'stateless' }, statelessOnce: { token: 'monday' } });
  });

  it('is used up by a first start, which begins as its spec says', () => {
    const named = { ...SPEC, job: { ...SPEC.job, initialSavepointPath: 's3://b/named' } };
    const { status } = plan({ spec: named, recorded: false, annotations: ONCE });
    expect(status).toMatchObject({ restore: { path: 's3://b/named' }, statelessOnce: { token: 'monday' } });
  });

  it('is refused when it is empty, and nothing is done', () => {
    const decided = upgrade({ annotations: { 'weir.dev/stateless-once': ' ' } });
    expect(decided.because).toBe('JobRunning');
    expect(condition(decided, 'Stalled')?.message).toContain(
      'metadata.annotations["weir.dev/stateless-once"]: " " is not valid, it must be a text of 1 to 200 characters',
    );
  });
});

describe('weir.dev/once-args', () => {
  const args = (text: string) => ({ ...ONCE, 'weir.dev/once-args': text });
  const configOf = (given: Given): string => JSON.stringify(plan(given).actions);

  it('are recorded with the start, and given to it and to no other', () => {
    const { status } = upgrade({ annotations: args('["--rewind","1h"]') });
    expect(status?.statelessOnce).toEqual({ token: 'monday', args: ['--rewind', '1h'], at: NOW.getTime() });
    const given = (at: number): Given => {
      const statelessOnce = { token: 'monday', args: ['--rewind', '1h'], at };
      const restore = { mode: 'stateless', declaredMode: 'savepoint', why: 'x' } as const;
      const status = { statelessOnce, restore };
      return { spec: SPEC, recorded: SPEC, status, state: 'UPGRADING', jobState: 'suspended', mode: 'stateless' };
    };
    expect(configOf(given(1000))).toContain('--rewind');
    expect(configOf(given(999))).not.toContain('--rewind');
    expect(configOf(given(999))).toContain('--own');
  });

  it.each([
    ['an edit', 'flink:newest', 'running'],
    ['a suspension', undefined, 'suspended'],
  ] as const)('are kept for the start that takes the place of one that was never begun: %s', (_what, image, state) => {
    const restore = { mode: 'stateless', declaredMode: 'savepoint', why: 'x' } as const;
    const statelessOnce = { token: 'monday', args: ['--rewind'], at: 1000 };
    const begun: Given = { recorded: SPEC, state: 'UPGRADING', jobState: 'suspended', mode: 'stateless' };
    const spec = { ...SPEC, ...(image === undefined ? {} : { image }), job: { ...SPEC.job, state } };
    const decided = plan({ ...begun, spec, status: { restore, statelessOnce } });
    expect(decided.status?.statelessOnce).toEqual({ ...statelessOnce, at: NOW.getTime() });
    const ran = plan({
      ...begun,
      spec,
      state: 'DEPLOYED',
      jobState: 'running',
      status: { statelessOnce },
      observed: RUNS,
    });
    expect(ran.status?.statelessOnce).toEqual(statelessOnce);
  });

  it('ask for no restart when they are gone', () => {
    const statelessOnce = { token: 'monday', args: ['--rewind'], at: 1000 };
    const decided = plan({ spec: SPEC, recorded: SPEC, status: { statelessOnce }, observed: RUNS });
    expect(decided.because).toBe('JobRunning');
    expect(decided.status?.statelessOnce).toEqual(statelessOnce);
  });

  it.each(['--rewind', '{"a":1}', '[1]', ''])('are refused when they are no list of strings: %s', (text) => {
    expect(condition(upgrade({ annotations: args(text) }), 'Stalled')?.message).toContain(
      `metadata.annotations["weir.dev/once-args"]: ${JSON.stringify(text)} is not valid, it must be a JSON list of strings such as ["--from","earliest"]`,
    );
  });
});
