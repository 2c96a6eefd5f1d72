import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import { startIdOf } from './record.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, KnownSnapshot, UpgradeMode } from './schema.ts';
import { checkpoints, edited, HA, seen, snapshot } from './testing/edited.ts';
import { actionsOf, JOB, plan, UID } from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const finished = seen('FINISHED', { checkpoints: checkpoints({ checkpoint: snapshot(7) }) });
const HOW = 'a new number in spec.restartNonce runs it again from the beginning';

/** The pass in which a job that finished, which Flink deleted the checkpoints of, is suspended. */
function suspended(mode: UpgradeMode): FlinkPlan {
  const { spec = {} } = edited(mode, HA);
  return plan({ recorded: spec, spec: { ...spec, job: { ...spec.job, state: 'suspended' } }, observed: finished });
}

/** The pass in which it is to run again, by this status. */
function resumed({ status }: FlinkPlan, restartNonce?: number): FlinkPlan {
  const { spec = {} } = edited('last-state', HA);
  const recorded = { ...spec, job: { ...spec.job, state: 'suspended' as const } };
  const again = { ...spec, ...(restartNonce === undefined ? {} : { restartNonce }) };
  const given = { spec: again, recorded, jobState: 'suspended', mode: 'savepoint' } as const;
  return plan({ ...given, status: { restore: status?.restore, jobStatus: { state: 'FINISHED' } } });
}

/** What the status says of such a job, by the pass that saw it finish. */
const KEEPS_STATE = { job: { upgradeMode: 'last-state' }, flinkConfiguration: HA } as const;
const noted = plan({ spec: KEEPS_STATE, observed: finished }).status ?? {};

/** The pass over it once its cluster is gone, whoever removed that. */
function gone(edit: DeepPartial<FlinkDeploymentSpec>, mode: UpgradeMode = 'last-state'): FlinkPlan {
  const recorded = { job: { upgradeMode: mode }, flinkConfiguration: HA };
  const spec = { ...recorded, ...edit, job: { ...recorded.job, ...edit.job } };
  return plan({ recorded, spec, status: noted, observed: { rest: unknown('gone') } });
}

describe('a job that finished and left nothing to go on from, its cluster gone', () => {
  it('has that in its status, where the incumbent finds no state either', () => {
    expect(noted.restore).toMatchObject({ mode: 'savepoint', leftBy: JOB });
    expect(noted.restore?.path).toBeUndefined();
    expect(noted.jobStatus).toMatchObject({
      state: 'FINISHED',
      upgradeSavepointPath: 'KUBERNETES_OPERATOR_LAST_STATE',
    });
  });

  it.each<[string, DeepPartial<FlinkDeploymentSpec>]>([
    ['a new restartNonce', { restartNonce: 1 }],
    ['one with an edit', { restartNonce: 1, image: 'jobs:2' }],
  ])('runs from the beginning by %s', (_name, edit) => {
    for (const mode of ['last-state', 'savepoint'] as const) {
      const decided = gone(edit, mode);
      expect(decided.because).toBe('Deploying');
      expect(decided.status?.restore).toMatchObject({ mode: 'stateless' });
      expect(decided.status?.restore?.why).toContain('spec.restartNonce asks for another run');
    }
  });

  it('is not started by an edit alone, unless there is no state to keep', () => {
    const decided = gone({ image: 'jobs:2' });
    expect([decided.because, decided.actions]).toEqual(['ManualRestoreRequired', []]);
    expect(decided.status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toContain(HOW);
    expect(gone({ image: 'jobs:2' }, 'stateless').status?.restore).toMatchObject({ mode: 'stateless' });
  });

  it('can be suspended', () => {
    const decided = gone({ job: { state: 'suspended' } });
    expect(decided.because).toBe('Suspending');
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', leftBy: JOB });
    expect(decided.status?.restore?.path).toBeUndefined();
  });

  it('is asked about no more of what its cluster leaves when that is to go', () => {
    const day = { ...noted, jobStatus: { ...noted.jobStatus, updateTime: '1' } };
    const decided = plan({ spec: KEEPS_STATE, status: day, observed: finished });
    expect(decided.events.map(({ reason }) => reason)).toContain('Cleanup');
  });
});

describe('a job that finished and left nothing to go on from', () => {
  it.each<[UpgradeMode]>([['last-state'], ['savepoint']])('can be suspended in mode %s, its cluster goes', (mode) => {
    const decided = suspended(mode);
    expect(decided.because).toBe('Suspending');
    expect(actionsOf(decided).some((line) => line.startsWith('delete Deployment orders'))).toBe(true);
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', leftBy: JOB });
    expect(decided.status?.restore?.path).toBeUndefined();
  });

  it('is not resumed by itself, which would process all its input again', () => {
    const decided = resumed(suspended('last-state'));
    expect(actionsOf(decided)).toEqual([]);
    expect(decided.status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toContain(HOW);
  });

  it('runs from the beginning once its user asks for that', () => {
    const decided = resumed(suspended('last-state'), 1);
    expect(decided.because).toBe('Deploying');
    expect(decided.status?.restore).toMatchObject({ mode: 'stateless' });
    expect(decided.status?.restore?.why).toContain('spec.restartNonce asks for another run');
  });
});

describe('a job that took a savepoint, lost its JobManager and finished under the next one, which knows of none', () => {
  const START = startIdOf(UID, { jobId: JOB, timestamp: 1000 });
  const PATH = 's3://b/savepoints/savepoint-1';
  const own = { path: PATH, kind: 'savepoint', timeStamp: 2000, takenBy: { jobId: JOB, startId: START } } as const;

  const EMPTY = { restore: { mode: 'stateless', why: 'x' } } as const;

  /** The pass over it after an edit, with these snapshots in its status; the run had started empty. */
  function passWith(snapshots: readonly KnownSnapshot[], more: FlinkDeploymentStatus = EMPTY): FlinkPlan {
    return plan({ ...edited('last-state', HA), status: { snapshots, ...more }, observed: finished });
  }

  it('goes on from that savepoint, by an edit or a nonce, as from one that the JobManager knows', () => {
    expect(passWith([own]).status?.restore).toMatchObject({ mode: 'savepoint', path: PATH, leftBy: JOB });
    const { spec = {} } = edited('last-state', HA);
    const nonce = { recorded: spec, spec: { ...spec, restartNonce: 1 }, observed: finished };
    const decided = plan({ ...nonce, status: { snapshots: [own] } });
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', path: PATH });
    expect(decided.status?.restore?.why).toContain('its newest savepoint in status.snapshots');
  });

  it('has it recorded with its end, and goes on from it when its cluster is gone', () => {
    const ended = plan({ spec: KEEPS_STATE, status: { snapshots: [own] }, observed: finished }).status ?? {};
    expect(ended.restore).toMatchObject({ mode: 'savepoint', path: PATH, leftBy: JOB });
    expect(ended.jobStatus?.upgradeSavepointPath).toBe(PATH);
    const edit = { recorded: KEEPS_STATE, spec: { ...KEEPS_STATE, image: 'jobs:2' } };
    const decided = plan({ ...edit, status: ended, observed: { rest: unknown('gone') } });
    expect([decided.because, decided.status?.restore?.path]).toEqual(['Deploying', PATH]);
  });

  it('is so too where the next JobManager completed no checkpoint of its own', () => {
    const restored = { id: 7, kind: 'checkpoint', path: snapshot(7).path, restoredAt: 1 } as const;
    const observed = seen('FINISHED', { checkpoints: checkpoints({ restored }) });
    const pass = (snapshots: readonly KnownSnapshot[]) =>
      plan({ spec: KEEPS_STATE, status: { snapshots }, observed }).status?.restore;
    expect(pass([own])).toMatchObject({ mode: 'savepoint', path: PATH });
    expect(pass([])?.why).toContain('Flink deleted its checkpoints');
    expect(pass([])?.path).toBeUndefined();
  });

  it.each<[string, KnownSnapshot]>([
    ['is of another job', { ...own, takenBy: { jobId: 'f'.repeat(32), startId: START } }],
    [
      'is of another start under the same id, which this run does not go on from',
      { ...own, takenBy: { jobId: JOB, startId: 'x' } },
    ],
    ['was only registered, of an unknown run', { path: PATH, kind: 'savepoint', timeStamp: 2000 }],
    ['is a checkpoint, which is gone', { ...own, kind: 'checkpoint' }],
  ])('is left as it is where what its status has %s', (_what, known) => {
    const decided = passWith([known]);
    expect([decided.because, decided.actions]).toEqual(['ManualRestoreRequired', []]);
  });

  it('takes one of the run before that it went on from by high-availability data', () => {
    const before = { ...own, takenBy: { jobId: JOB, startId: 'x' } };
    const restore = { mode: 'last-state', declaredMode: 'last-state', why: 'x' } as const;
    const jobStatus = { upgradeSavepointPath: 'KUBERNETES_OPERATOR_LAST_STATE' };
    expect(passWith([before], { restore, jobStatus }).status?.restore).toMatchObject({ path: PATH });
  });
});
