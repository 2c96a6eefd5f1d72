import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkPlan } from './decide.ts';
import type { JobManagerAnswer } from './observed.ts';
import type { FlinkDeploymentStatus, SavepointRecord } from './schema.ts';
import type { DisposalProgress } from './snapshot-facts.ts';
import { answer, JOB, job, jobManager, NOW, plan, whole } from './testing/pass.ts';
import { aFlinkDeployment } from './testing.ts';
import type { UndisposedSavepoint } from './undisposed-schema.ts';

const MINUTE = 60_000;
const PATH = 's3://b/s/old';
const DENIED: DisposalProgress = { kind: 'failed', cause: 'AccessDenied' };
const fresh: SavepointRecord = { location: 's3://b/s/fresh', timeStamp: NOW.getTime() - MINUTE };
const old: SavepointRecord = { location: PATH, timeStamp: NOW.getTime() - 30 * 60 * MINUTE };
const undisposed = (failures: number, waitMs: number): UndisposedSavepoint => ({
  location: PATH,
  failures,
  retryAt: NOW.getTime() + waitMs,
});

interface Given {
  readonly history?: readonly SavepointRecord[];
  readonly undisposed?: readonly UndisposedSavepoint[];
  /** What Flink says of deleting the old savepoint. */
  readonly told?: DisposalProgress;
  readonly dependants?: readonly KubeObject[];
}

/** One pass over a deployment that runs and keeps its snapshots in the status. */
function pass({ history = [fresh], undisposed = [], told, dependants = [] }: Given): FlinkPlan {
  const flinkConfiguration = { 'kubernetes.operator.snapshot.resource.enabled': 'false' };
  const disposal: Partial<JobManagerAnswer> = told === undefined ? {} : { disposal: { path: PATH, progress: told } };
  const status = {
    jobStatus: { savepointInfo: { savepointHistory: history, ...(undisposed.length === 0 ? {} : { undisposed }) } },
  } as FlinkDeploymentStatus;
  return plan({
    spec: { flinkConfiguration },
    recorded: { flinkConfiguration },
    status,
    observed: { jobManager, children: whole, rest: answer(job({ state: 'RUNNING' }), disposal), dependants },
  });
}

const kept = ({ status }: FlinkPlan) => status?.jobStatus?.savepointInfo;
const asked = ({ actions }: FlinkPlan) =>
  actions.flatMap((action) => (action.kind === 'effect' ? [action.effect] : []));
const warnings = ({ events }: FlinkPlan) =>
  events.filter(({ type }) => type === 'Warning').map(({ message }) => message);

describe('a savepoint in the status whose files Flink cannot delete', () => {
  it('is noted with its path, said, and looked at again in a minute', () => {
    const first = pass({ history: [old, fresh], told: DENIED });
    expect(kept(first)).toEqual({ savepointHistory: [fresh], undisposed: [undisposed(1, MINUTE)] });
    expect([asked(first), first.requeueAfterMs]).toEqual([[], MINUTE]);
    expect(warnings(first)).toEqual([
      'Flink could not delete the savepoint at s3://b/s/old: AccessDenied; it is tried again in 1 min',
    ]);
  });

  it('is left alone until its time comes, also where the answer of before is still there', () => {
    const waiting = pass({ undisposed: [undisposed(1, 20_000)], told: DENIED });
    expect([asked(waiting), kept(waiting)?.undisposed, warnings(waiting)]).toEqual([[], [undisposed(1, 20_000)], []]);
    expect(waiting.requeueAfterMs).toBe(20_000);
  });

  it('is asked for again then, and forgotten once its files are gone', () => {
    const again = pass({ undisposed: [undisposed(1, 0)] });
    expect(asked(again)).toEqual([{ kind: 'dispose-savepoint', jobId: JOB, path: PATH }]);
    const done = pass({ undisposed: [undisposed(1, 0)], told: { kind: 'completed' } });
    expect([kept(done), warnings(done)]).toEqual([{ savepointHistory: [fresh] }, []]);
    const gone = pass({ undisposed: [undisposed(1, 0)], told: { kind: 'nothing-there' } });
    expect(kept(gone)).toEqual({ savepointHistory: [fresh] });
  });

  it.each([
    [1, 2],
    [4, 16],
    [6, 60],
    [28, 60],
  ])('waits longer each time: after failure %i and one more, %i minutes', (failures, minutes) => {
    const again = pass({ undisposed: [undisposed(failures, 0)], told: DENIED });
    expect(kept(again)?.undisposed).toEqual([undisposed(failures + 1, minutes * MINUTE)]);
  });

  it('is given up after 30 attempts, with its path', () => {
    const last = pass({ undisposed: [undisposed(29, 0)], told: DENIED });
    expect(kept(last)).toEqual({ savepointHistory: [fresh] });
    expect(warnings(last)).toEqual([
      'Flink could not delete the savepoint at s3://b/s/old: AccessDenied; it is left where it is after 30 attempts',
    ]);
  });

  it('is not deleted once a resource needs it', () => {
    const other = aFlinkDeployment({ metadata: { name: 'b' }, spec: { job: { initialSavepointPath: PATH } } });
    const needed = pass({ undisposed: [undisposed(1, 0)], dependants: [other] });
    expect([asked(needed), kept(needed)?.undisposed]).toEqual([[], [undisposed(1, 0)]]);
  });

  it('makes room for a newer one, and is said to be left where it is', () => {
    const others = Array.from({ length: 10 }, (_, index) => ({
      ...undisposed(3, MINUTE),
      location: `s3://b/s/${index}`,
    }));
    const full = pass({ history: [old, fresh], undisposed: others, told: DENIED });
    expect(kept(full)?.undisposed).toEqual([...others.slice(1), undisposed(1, MINUTE)]);
    expect(warnings(full)).toContain(
      'Flink could not delete 10 newer savepoints either; the one at s3://b/s/0 is left where it is',
    );
  });
});
