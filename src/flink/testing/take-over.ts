import { unasked } from '../../core/fact.ts';
import type { KubeObject } from '../../kube/object.ts';
import { decide, type FlinkPlan } from '../decide.ts';
import { observe } from '../observe.ts';
import type { JobFacts, JobManagerAnswer, Observed } from '../observed.ts';
import { situationOf } from '../situation.ts';
import { LEFT_JOB, type Left, leftResource, STATEFUL } from './incumbent.ts';
import { readerOf } from './incumbent-cluster.ts';
import { answer, INTERVALS, job, NOW } from './pass.ts';

/** Where Weir starts: the resource, what is around it, what its JobManager says. */
export interface Found {
  readonly left: Left;
  readonly objects?: readonly KubeObject[];
  readonly rest?: Observed['rest'];
}

/** The first pass over what the incumbent left. */
export function firstPass(found: Found): FlinkPlan {
  return passOver(leftResource(found.left), found);
}

/** The pass after it, when its status is written and nothing else has changed. */
export function secondPass(found: Found): FlinkPlan {
  const { status } = firstPass(found);
  return passOver({ ...leftResource(found.left), status }, found);
}

function passOver(resource: KubeObject, { objects = [], rest = unasked }: Found): FlinkPlan {
  const observed = observe(resource, readerOf(objects), { latest: () => rest, every: () => undefined });
  return decide(situationOf(resource, observed, NOW, { flinkConfiguration: {} }), INTERVALS);
}

/** What the JobManager says of the job the incumbent left. */
export function says(state: JobFacts['state'], more: Partial<JobManagerAnswer> = {}): Observed['rest'] {
  const tasks = { total: 2, active: state === 'RUNNING' ? 2 : 0 };
  return answer(job({ id: LEFT_JOB, state, tasks, startTime: 1769940010000 }), more);
}

/** Ordinary specs of jobs that keep state. */
export const LAST_STATE = { job: { upgradeMode: 'last-state' }, flinkConfiguration: STATEFUL } as const;
export const SAVEPOINT = { job: { upgradeMode: 'savepoint' }, flinkConfiguration: STATEFUL } as const;
/** upgradeSavepointPath of a job that was started from high-availability data. */
export const DUMMY = 'KUBERNETES_OPERATOR_LAST_STATE';
/** A savepoint, and a retained checkpoint of the job. */
export const SP = 's3://flink/savepoints/savepoint-a1b2c3-0f';
export const CHK = `s3://flink/checkpoints/${LEFT_JOB}/chk-7`;
