import { describe, expect, it } from 'vitest';
import type { FlinkPlan } from './decide.ts';
import type { UpgradeMode } from './schema.ts';
import { checkpoints, edited, HA, seen, snapshot } from './testing/edited.ts';
import { actionsOf, JOB, plan } from './testing/pass.ts';

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
